// A whole bouncer in one test: real storage in a temporary folder, everything else fake. The test writes
// lines and says which ones must come; input arrives in random splits.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/cli/in_band.h"
#include "bouncer/config/config.h"
#include "bouncer/daemon/bouncer.h"
#include "bouncer/daemon/bouncer_daemon.h"
#include "storage/api/store.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_random.h"

namespace halley::dialogue {

class Scene;

// The far end of a connection: a network's server or a user's client.
class Actor {
 public:
  Actor(Scene& scene, std::unique_ptr<fakes::FakePeer> peer) : scene_(&scene), peer_(std::move(peer)) {}

  void say(std::string_view line);
  // Reads lines until one holds `part`; fails the test with what came instead when nothing more comes or at
  // the end of the connection. Returns that line.
  std::string expect(std::string_view part);
  // The lines that came until one holds `part`, that one included.
  std::vector<std::string> until(std::string_view part);
  // All lines that are there once nothing moves any more (a PING answered is the sign).
  std::vector<std::string> ping();
  // Whether a line that holds `part` is among those of ping().
  bool hears(std::string_view part);
  // Whether one has come by now, without asking for an answer.
  bool heard(std::string_view part);
  void expect_closed();
  void close() { peer_->close(); }
  void vanish() { peer_->destroy(); }
  fakes::FakePeer& peer() { return *peer_; }

 private:
  Scene* scene_;
  std::unique_ptr<fakes::FakePeer> peer_;
  std::vector<std::string> lines_;  // arrived, not yet looked at
  std::size_t pings_ = 0;
};

// Of the certificate that a client shows over TLS; both empty: it shows none.
struct ClientFingerprints {
  std::string sha256 = {}, sha512 = {};
};

class Scene {
 public:
  explicit Scene(std::uint64_t seed = 1);
  ~Scene();

  // Ends the bouncer without a goodbye and starts it again on the same files.
  // `between`: what happens to the files meanwhile.
  void restart(const std::function<void()>& between = nullptr);

  void add_user(std::string_view name, std::string_view password = "secret");
  // A network of `user` towards irc.test, plain; `join` as in the draft.
  void add_network(std::string_view user, std::string_view name, std::vector<std::string> join = {},
                   Accounts::NetworkDraft draft = {});

  // Answers the next dial; the server's end.
  Actor accept_network();
  // accept_network, and plays the registration as a server without capabilities, up to the end of the MOTD.
  Actor register_network(std::string_view nick = "ann",
                         std::string_view isupport = "CASEMAPPING=ascii PREFIX=(ov)@+");
  // The server's side of joining `channel` with these members besides us.
  void join(Actor& server, std::string_view channel, std::string_view members = "bob carl",
            std::string_view nick = "ann");

  // A client's connection, nothing said yet.
  Actor connect_client(fakes::PipeOptions options = {}, ClientFingerprints certificate = {});
  // Logs in by PASS; up to the end of the burst (422). `caps`: requested before, separated by spaces.
  Actor attach(std::string_view login, std::string_view caps = {}, std::string_view password = "secret");

  // Turns the loop, waiting for the store's threads as long as `done` is false. False when they have brought
  // nothing through 3,000 waits on end, of 20 ms each: what counts is how long nothing moves, not how long
  // our own turns take on a loaded machine. `done` may ask the store itself: what was posted meanwhile has
  // run by then, so nothing need be posted again.
  template <typename Done>
  bool turn_until(Done&& done) {
    constexpr int kInVain = 3'000;
    for (int in_vain = 0; in_vain < kInVain; ++in_vain) {
      loop.run_turns();
      if (done()) return true;
      if (loop.wait_posted(std::chrono::milliseconds{20})) in_vain = 0;
    }
    return false;
  }
  void advance(std::uint64_t ms) { loop.advance(ms); }
  // Waits until all that was journalled is in SQLite.
  void drain();
  // While held, nothing that the store has found or done is told.
  void hold_answers(bool held);

  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  fakes::FakeRandom random;
  fakes::FakeDialer dialer{loop};
  Config config;
  std::filesystem::path directory;
  bool checks_database = false;    // behind each start, as the daemon does
  int damage_heard = 0;            // times that a check has found some
  std::vector<std::string> audit;  // what the operator's log has heard

  Bouncer& bouncer() { return *bouncer_; }
  Accounts& accounts() { return *accounts_; }
  storage::Store& store() { return *store_.store; }
  BouncerDaemon& daemon() { return *daemon_; }
  User& user(std::string_view name) { return *bouncer_->find_user(name); }

 private:
  void start();
  void stop();
  void answer(std::function<void()> run);

  std::uint64_t seed_;
  std::size_t dials_ = 0;
  std::unique_ptr<Sealer> sealer_;
  storage::OpenStore store_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<DamageReports> damage_;
  std::unique_ptr<BouncerDaemon> daemon_;
  std::unique_ptr<cli::CommandRunner> runner_;
  std::unique_ptr<cli::InBand> in_band_;
  std::unique_ptr<Bouncer> bouncer_;
  std::mutex answers_mutex_;
  bool answers_held_ = false;                        // guarded by answers_mutex_
  std::vector<std::function<void()>> held_answers_;  // likewise
};

}  // namespace halley::dialogue
