// A user with networks and clients, on a real journal in a temporary folder; the store, the links and the
// clock are fakes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/core/event_ids.h"
#include "bouncer/core/network.h"
#include "bouncer/core/replay_turns.h"
#include "bouncer/core/spools.h"
#include "bouncer/core/user.h"
#include "bouncer/core/user_turns.h"
#include "tests/fakes/core/fake_uplink.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fakes/storage/api/log_store.h"
#include "tests/fakes/temp_directory.h"

namespace halley::tests {

// A client that writes down what it hears: "live LINE", "old LINE", "own LINE" for its own of a replay,
// "pass LINE", "own pass LINE", "caught up", "changed NETWORK", "complete CHANNEL", "end REASON", "room".
class TestClient final : public Client {
 public:
  using Client::follow;
  using Client::more;
  using Client::stop_following;
  void grow(std::size_t bytes) { bytes_ = bytes; }
  void shrink() {
    bytes_ = 0;
    eased();
  }
  std::vector<std::string> take() { return std::exchange(heard, {}); }

  void deliver(const Delivery& delivery) override {
    const char* how = delivery.live ? "live " : "old ";
    if (delivery.origin != kNobody && delivery.origin == id()) how = "own ";
    heard.push_back(how + std::string(delivery.event.line));
    prev.push_back(delivery.prev);
    if (on_deliver) on_deliver();
  }
  void caught_up() override { heard.emplace_back("caught up"); }
  bool wants_more() const override { return wanted > 0 && heard.size() < wanted; }
  std::size_t queued() const override { return bytes_; }
  void pass(const Network&, std::string_view line) override { heard.push_back("pass " + std::string(line)); }
  void pass_own(std::string_view line) override { heard.push_back("own pass " + std::string(line)); }
  void network_changed(const Network& network, bool removed) override {
    heard.push_back((removed ? "removed " : "changed ") + network.name());
  }
  void channel_complete(const Network&, const Channel& channel) override {
    heard.push_back("complete " + channel.name);
  }
  void room() override { heard.emplace_back("room"); }
  void end(std::string_view reason) override { heard.push_back("end " + std::string(reason)); }
  DeviceId device() const override { return 1; }
  std::string description() const override { return "test"; }

  std::vector<std::string> heard;
  std::vector<EventId> prev;
  std::size_t wanted = ~std::size_t{0};  // lines in `heard` until it wants no more
  std::function<void()> on_deliver;

 private:
  std::size_t bytes_ = 0;
};

class TestService final : public InBandCommands {
 public:
  void run(User&, std::string_view line, ProvenBy, std::function<void(std::string text)> reply) override {
    asked.emplace_back(line);
    replies.push_back(std::move(reply));
  }
  void run_line(User&, std::string_view, std::function<void(CommandAnswer)> done) override {
    done({.status = 1, .json = {}, .text = "this bench has no commands"});
  }
  void run_words(User&, const std::vector<std::string>&, ProvenBy,
                 std::function<void(CommandAnswer)> done) override {
    done({.status = 1, .json = {}, .text = "this bench has no commands"});
  }
  std::vector<std::string> asked;
  std::vector<std::function<void(std::string text)>> replies;
};

struct CoreBench {
  CoreBench() {
    config.hostname = "halley.test";
    add_network(1, "net");
  }
  static storage::SharedUserRow account() {
    storage::UserRow row;
    row.id = 7;
    row.name = "ann";
    return std::make_shared<const storage::UserRow>(std::move(row));
  }
  // A network that is connected as "ann".
  Network& add_network(NetworkId id, std::string name) {
    storage::NetworkRow row;
    row.id = id;
    row.user = user.id();
    row.name = std::move(name);
    row.nick = "ann";
    Network& network = user.put_network(std::make_shared<const storage::NetworkRow>(std::move(row)));
    network.state().nick = "ann";
    network.state().user = "u";
    network.state().host = "h";
    return network;
  }
  Network& net(NetworkId id = 1) { return *user.network(id); }
  fakes::FakeUplink& uplink(NetworkId id = 1) { return *uplinks.at(id); }
  // Logs a line in the network's own buffer.
  EventId say(std::string_view line, NetworkId id = 1, ClientId origin = kNobody) {
    const BufferId buffer = net(id).buffers().make("");
    return user.log(net(id), {.kind = EventKind::kPrivmsg, .buffers = {&buffer, 1}, .line = line}, origin);
  }
  // The same, and the store has it.
  EventId say_stored(std::string_view line, NetworkId id = 1) {
    const EventId event = say(line, id);
    storage::Event row;
    row.id = event;
    row.user = user.id();
    row.network = id;
    row.line = line;
    store.keep(row, journal->head());
    return event;
  }
  // Fills the journal until it takes no more.
  void fill_journal() {
    const std::string line(30'000, 'x');
    while (journal->has_room(4 * storage::kMaxRecord)) say(line);
  }

  fakes::TempDirectory directory;
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  fakes::FakeRandom random;
  Config config;
  Sealer::Key key{1, 2, 3};
  Sealer sealer{key, random};
  fakes::LogStore store;
  std::unique_ptr<storage::Journal> journal =
      std::move(*storage::Journal::open(directory / "journal", 0, std::size_t{1} << 20));
  Accounts accounts{{.store = store, .clock = clock, .random = random, .sealer = sealer, .config = config},
                    {}};
  EventIds ids{clock, 0, 0};
  DurableState states{*journal, store, {}};
  ClientIds client_ids;
  Spools spools{loop};
  ReplayTurns replay_turns{loop, store};
  UserTurns user_turns{loop}, input_turns{loop, UserTurns::kMostInput};
  TestService service;
  const std::string epoch = "epoch";
  std::map<NetworkId, fakes::FakeUplink*> uplinks;
  const User::Parts parts{.log = {.journal = *journal, .store = store, .ids = ids, .epoch = epoch},
                          .states = states,
                          .spools = spools,
                          .replay_turns = replay_turns,
                          .user_turns = user_turns,
                          .input_turns = input_turns,
                          .client_ids = client_ids,
                          .loop = loop,
                          .clock = clock,
                          .config = config,
                          .accounts = accounts,
                          .hash_key = 7,
                          .make_uplink =
                              [this](Network& network) {
                                auto uplink = std::make_unique<fakes::FakeUplink>();
                                uplinks[network.id()] = uplink.get();
                                return uplink;
                              },
                          .in_band = &service};
  User user{parts, account(), 0};
};

using Lines = std::vector<std::string>;

}  // namespace halley::tests
