// Whatever a network, a client (to *halley, too) and a program over HTTP say to a whole bouncer with a real
// journal and database, in whatever order: it goes on, answers a new client's PING, and opens its files
// again.
//
// An input is lines, each for one of the ends, named by its first byte:
//   n        the network says a line
//   c, d, a  a client says one: of that network, another of it, one of all networks
//   h        HTTP: {"line": the rest} as a command
//   H        raw bytes for HTTP, \r\n for CR LF
//   t        time passes, in ms (at most a minute)
//   N, C, D, A, W  that end of a connection of the network, a client, the web vanishes; it is made anew
//   R        the bouncer ends without a goodbye, and starts again on the same files
// In a line "%5000x%" stands for 5,000 times x, and "*300 " before it has it said 300 times, "%i%" being each
// time's number.
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/cli/command_runner.h"
#include "bouncer/cli/in_band.h"
#include "bouncer/config/config.h"
#include "bouncer/daemon/bouncer.h"
#include "gateway/api/http_server.h"
#include "storage/api/store.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_dialer.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/net/fake_peer.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fuzz/check.h"

using namespace halley;

namespace {

constexpr std::size_t kMostBytes = 4 << 20;  // said in all for one input
constexpr std::size_t kMostInQueue = 1 << 20;
constexpr std::string_view kClients = "cda";

// "secret", at the least cost.
constexpr std::string_view kHash =
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$+c6q23sQwLpOH1shdbgrn6Ho39DyRbsdY34ab5ZO+fs";

class World {
 public:
  World();
  ~World();
  void play(std::string_view input);

 private:
  void start();
  void stop();
  void connect_network();
  void connect_client(char which);
  void connect_clients();
  fakes::FakePeer& client(char which) { return *clients_[kClients.find(which)]; }
  void connect_web();
  void say(fakes::FakePeer& peer, std::string_view bytes);
  void command(std::string_view line);
  void line(std::string_view text);
  void vanish();
  void settle();
  void drain();
  void check_alive();

  fakes::FakeClock clock_;
  fakes::FakeLoop loop_{clock_};
  fakes::FakeRandom random_;
  fakes::FakeDialer dialer_{loop_};
  Config config_;
  std::filesystem::path directory_;
  std::unique_ptr<Sealer> sealer_;
  storage::OpenStore store_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<DamageReports> damage_;
  std::unique_ptr<cli::CommandRunner> runner_;
  std::unique_ptr<cli::InBand> in_band_;
  std::unique_ptr<Bouncer> bouncer_;
  gateway::Assets assets_{{}};
  net::AddressLimits addresses_{[] { return std::size_t{256}; }, [](const net::Address&) { return true; }};
  std::unique_ptr<gateway::HttpServer> http_;
  std::unique_ptr<fakes::FakePeer> network_, web_;
  std::array<std::unique_ptr<fakes::FakePeer>, kClients.size()> clients_;
  std::string token_;
  std::size_t dials_ = 0, said_ = 0;
  std::uint64_t seq_ = 0;
};

World::World() {
  std::string name = (std::filesystem::temp_directory_path() / "halley-fuzz-XXXXXX").string();
  FUZZ_CHECK(::mkdtemp(name.data()) != nullptr);
  directory_ = name;
  config_.hostname = "halley.test";
  config_.data_dir = directory_;
  config_.upstream.allow_private_hosts = true;
  config_.upstream.connect_pacing = 0;
  config_.upstream.rate = 0;
  config_.limits.memory_per_network = 1 << 20;
  start();
  FUZZ_CHECK(accounts_->add_user("ann", std::string(kHash), false).has_value());
  Accounts::NetworkDraft draft;
  draft.settings.set("url", "irc://irc.test:6667");
  draft.settings.set("nick", "ann");
  draft.join.push_back({0, "#c", ""});
  FUZZ_CHECK(accounts_->add_network("ann", "net", draft).has_value());
  const auto token = accounts_->add_device("ann", "web");
  FUZZ_CHECK(token.has_value());
  token_ = *token;
  accounts_->flush(nullptr);
  connect_network();
  connect_clients();
  connect_web();
}

World::~World() {
  stop();
  std::error_code ignored;  // a temporary folder that cannot be removed is no fault of the input
  std::filesystem::remove_all(directory_, ignored);
}

void World::start() {
  auto sealer = Sealer::open(directory_ / "halley.key", random_);
  FUZZ_CHECK(sealer.has_value());
  sealer_ = std::make_unique<Sealer>(std::move(*sealer));
  storage::StoreOptions options;
  options.directory = directory_;
  auto opened =
      storage::open_store(options, [this](std::function<void()> run) { loop_.post(std::move(run)); });
  FUZZ_CHECK(opened.has_value());
  store_ = std::move(*opened);
  accounts_ = std::make_unique<Accounts>(
      Accounts::Parts{
          .store = *store_.store, .clock = clock_, .random = random_, .sealer = *sealer_, .config = config_},
      store_.loaded);
  damage_ = std::make_unique<DamageReports>(*store_.store, store_.loaded.damage);
  runner_ = std::make_unique<cli::CommandRunner>(
      cli::CommandEnvironment{.accounts = *accounts_,
                              .config = config_,
                              .sealer = *sealer_,
                              .clock = clock_,
                              .store = *store_.store,
                              .damage = *damage_},
      random_, [this](std::function<void()> job, std::function<void()> done) {
        loop_.work(std::move(job), std::move(done));
      });
  in_band_ = std::make_unique<cli::InBand>(*runner_, *accounts_);
  const Bouncer::Parts parts{.loop = loop_,
                             .random = random_,
                             .dialer = dialer_,
                             .journal = *store_.journal,
                             .store = *store_.store,
                             .accounts = *accounts_,
                             .sealer = *sealer_,
                             .config = config_,
                             .in_band = in_band_.get()};
  bouncer_ = std::make_unique<Bouncer>(parts, store_.loaded);
  http_ = std::make_unique<gateway::HttpServer>(
      gateway::HttpServer::Parts{.loop = loop_,
                                 .random = random_,
                                 .accounts = *accounts_,
                                 .login = bouncer_->login(),
                                 .live_user = bouncer_->live_user(),
                                 .commands = bouncer_->numbered_commands(),
                                 .config = config_,
                                 .pusher = bouncer_->pusher(),
                                 .assets = assets_,
                                 .addresses = addresses_});
  bouncer_->start();
}

void World::stop() {
  http_.reset();
  bouncer_.reset();
  in_band_.reset();
  runner_.reset();
  damage_.reset();
  accounts_.reset();
  store_.store.reset();
  store_.journal.reset();
  loop_.run_turns();
}

// Answers the dial that waits, after as much time as the bouncer takes between two.
void World::connect_network() {
  for (int tries = 0; dialer_.waiting() == 0 && tries < 20; ++tries) loop_.advance(60'000);
  if (dialer_.waiting() == 0) return;  // the network was disabled or removed by a command
  dials_ = dialer_.count() - 1;
  network_ = dialer_.accept(dials_, {.seed = dials_ + 1});
  say(*network_,
      ":srv CAP * LS :message-tags server-time batch echo-message labeled-response account-tag\r\n"
      ":srv 001 ann :Welcome ann!ann@host.test\r\n"
      ":srv 005 ann CASEMAPPING=ascii PREFIX=(ov)@+ :are supported by this server\r\n"
      ":srv 422 ann :No MOTD\r\n"
      ":ann!ann@host.test JOIN #c\r\n:srv 353 ann = #c :@ann bob\r\n:srv 366 ann #c :End\r\n");
  settle();
}

void World::connect_client(char which) {
  auto [near, far] = fakes::FakeStream::make_pair(loop_, {.seed = 7});
  bouncer_->accept_irc(std::move(near), {"127.0.0.1", true, false, ""});
  clients_[kClients.find(which)] = std::make_unique<fakes::FakePeer>(std::move(far));
  std::string said = "CAP REQ :message-tags server-time batch echo-message draft/chathistory\r\n";
  if (which != 'd') said += "CAP REQ :labeled-response draft/multiline cap-notify\r\n";
  said += which == 'a' ? "PASS ann/*@all:secret" : std::string("PASS ann/net@") + which + ":secret";
  say(client(which), said + "\r\nNICK ann\r\nUSER ann 0 * :Ann\r\nCAP END\r\n");
  settle();
}

void World::connect_clients() {
  for (const char which : kClients) connect_client(which);
}

void World::connect_web() {
  auto [near, far] = fakes::FakeStream::make_pair(loop_, {.seed = 9});
  http_->accept(std::move(near), {"127.0.0.1", true, false, ""});
  web_ = std::make_unique<fakes::FakePeer>(std::move(far));
}

// What does not fit is not said: an end that is not read has said enough.
void World::say(fakes::FakePeer& peer, std::string_view bytes) {
  said_ += bytes.size();
  if (said_ <= kMostBytes && peer.unsent() < kMostInQueue && !peer.closed()) peer.send(bytes);
}

void World::command(std::string_view line) {
  std::string quoted;
  for (const char c : line) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  const std::string body =
      R"({"client":"w","seq":)" + std::to_string(++seq_) + R"(,"network":"net","line":")" + quoted + "\"}";
  say(*web_, "POST /api/commands HTTP/1.1\r\nHost: halley.test\r\nAuthorization: Bearer " + token_ +
                 "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body);
}

void World::vanish() {
  network_.reset();
  web_.reset();
  for (auto& each : clients_) each.reset();
}

// All that can run now runs.
void World::settle() {
  loop_.run_turns();
  for (const auto* peers : {&network_, &web_, &clients_[0], &clients_[1], &clients_[2]})
    if (*peers) (*peers)->take();
}

// What the store's threads have been asked is done, and answered.
void World::drain() {
  bool done = false;
  store_.store->commit({}, [&](const storage::Status&) { done = true; });
  loop_.run_turns();
  while (!done) {
    FUZZ_CHECK(loop_.wait_posted());
    loop_.run_turns();
  }
  settle();
}

std::size_t number(std::string_view& text, std::size_t most) {
  std::size_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return parsed.ec == std::errc{} ? std::min(value, most) : 0;
}

std::string expanded(std::string_view text, std::size_t time) {
  std::string out;
  while (!text.empty() && out.size() < 200'000) {
    if (text.starts_with("%i%")) {
      out += std::to_string(time);
      text.remove_prefix(3);
      continue;
    }
    if (text[0] == '%' && text.size() > 3 && text[1] >= '0' && text[1] <= '9') {
      text.remove_prefix(1);
      const std::size_t times = number(text, 100'000);
      if (text.size() >= 2 && text[1] == '%') {
        out.append(times, text[0]);
        text.remove_prefix(2);
      }
      continue;
    }
    out += text[0];
    text.remove_prefix(1);
  }
  return out;
}

std::string with_line_ends(std::string text) {
  for (std::size_t at = text.find("\\r\\n"); at != std::string::npos; at = text.find("\\r\\n", at + 2))
    text.replace(at, 4, "\r\n");
  return text;
}

void World::line(std::string_view text) {
  if (text.empty()) return;
  const char end = text[0];
  text.remove_prefix(1);
  std::size_t times = 1;
  if (text.starts_with('*')) {
    text.remove_prefix(1);
    times = std::max<std::size_t>(1, number(text, 1000));
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  for (std::size_t time = 0; time < times; ++time) {
    const std::string whole = expanded(text, time);
    switch (end) {
      case 'n':
        if (network_) say(*network_, whole + "\r\n");
        break;
      case 'c':
      case 'd':
      case 'a':
        say(client(end), whole + "\r\n");
        break;
      case 'h':
        command(whole);
        break;
      case 'H':
        say(*web_, with_line_ends(whole));
        break;
      default:
        return;
    }
  }
  settle();
}

void World::play(std::string_view input) {
  for (std::size_t lines = 0; !input.empty() && lines < 200; ++lines) {
    const std::size_t end = input.find('\n');
    std::string_view text = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    if (text.empty()) continue;
    const std::string_view rest = text.substr(1);
    std::string_view digits = rest;
    switch (text[0]) {
      case 't':
        drain();
        loop_.advance(number(digits, 60'000));
        break;
      case 'N':
        network_.reset();
        connect_network();
        break;
      case 'C':
      case 'D':
      case 'A':
        connect_client(static_cast<char>(text[0] - 'A' + 'a'));
        break;
      case 'W':
        connect_web();
        break;
      case 'R':
        vanish();
        stop();
        start();
        connect_network(), connect_clients(), connect_web();
        break;
      default:
        line(text);
    }
  }
  check_alive();
}

// Whatever was said: a client that comes now is answered, and the files can be read.
void World::check_alive() {
  drain();
  vanish();
  stop();
  start();
  auto [near, far] = fakes::FakeStream::make_pair(loop_, {.seed = 11});
  bouncer_->accept_irc(std::move(near), {"127.0.0.1", true, false, ""});
  fakes::FakePeer peer(std::move(far));
  peer.send("CAP LS 302\r\n");
  loop_.run_turns();
  FUZZ_CHECK(peer.received().find(" LS ") != std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  world.play({reinterpret_cast<const char*>(data), size});
  return 0;
}
