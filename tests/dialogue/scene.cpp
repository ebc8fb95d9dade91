#include "tests/dialogue/scene.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>

#include "bouncer/accounts/password.h"

namespace halley::dialogue {

namespace {

std::filesystem::path make_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "halley-scene-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder can be made");
  return name;
}

}  // namespace

// --- Actor
// -----------------------------------------------------------------------------------------------------------

void Actor::say(std::string_view line) {
  peer_->send_line(line);
}

std::vector<std::string> Actor::until(std::string_view part) {
  std::vector<std::string> seen;
  std::size_t looked_at = 0;
  const auto found = [&] {
    for (std::string& line : peer_->take_lines()) lines_.push_back(std::move(line));
    for (; looked_at < lines_.size(); ++looked_at) {
      if (lines_[looked_at].find(part) != std::string::npos) return true;
    }
    return peer_->closed();
  };
  const bool in_time = scene_->turn_until(found);
  if (!in_time || looked_at == lines_.size()) {
    INFO("waited for: " << part);
    INFO("what came:\n" << fmt::format("{}", fmt::join(lines_, "\n")));
    FAIL((peer_->closed() ? "the connection ended first" : "it never came"));
  }
  const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(looked_at) + 1;
  seen.assign(lines_.begin(), end);
  lines_.erase(lines_.begin(), end);
  return seen;
}

std::string Actor::expect(std::string_view part) {
  return until(part).back();
}

std::vector<std::string> Actor::ping() {
  const std::string token = fmt::format("sign{}", ++pings_);
  say("PING " + token);
  std::vector<std::string> lines = until(token);
  lines.pop_back();
  return lines;
}

bool Actor::hears(std::string_view part) {
  for (const std::string& line : ping()) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

bool Actor::heard(std::string_view part) {
  scene_->loop.run_turns();
  for (std::string& line : peer_->take_lines()) lines_.push_back(std::move(line));
  return std::ranges::any_of(lines_,
                             [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

void Actor::expect_closed() {
  REQUIRE(scene_->turn_until([&] { return peer_->closed(); }));
}

// --- Scene
// -----------------------------------------------------------------------------------------------------------

Scene::Scene(std::uint64_t seed) : random(seed), directory(make_directory()), seed_(seed) {
  config.data_dir = directory;
  config.upstream.allow_private_hosts = true;
  config.upstream.connect_pacing = 0;
  config.upstream.rate = 0;
  start();
}

Scene::~Scene() {
  stop();
  std::error_code ignored;  // a temporary folder that cannot be removed does not fail the test
  std::filesystem::remove_all(directory, ignored);
}

void Scene::start() {
  auto sealer = Sealer::open(directory / "halley.key", random);
  REQUIRE(sealer);
  sealer_ = std::make_unique<Sealer>(std::move(*sealer));
  storage::StoreOptions options;
  options.directory = directory;
  if (checks_database) {
    options.on_damage = [this](const storage::DamageRow& found) {
      if (damage_->add(found)) bouncer_->tell_damage({found});
      ++damage_heard;
    };
  }
  auto opened = storage::open_store(options, [this](std::function<void()> run) { answer(std::move(run)); });
  if (!opened) FAIL(opened.error());
  store_ = std::move(*opened);
  accounts_ = std::make_unique<Accounts>(
      Accounts::Parts{.store = *store_.store,
                      .clock = clock,
                      .random = random,
                      .sealer = *sealer_,
                      .config = config,
                      .audit = Audit([this](Audit::Level, const std::string& line) { audit.push_back(line); },
                                     [this](UserId about, const AuditEntry& entry) {
                                       if (bouncer_) bouncer_->audits().add(about, entry);
                                     })},
      store_.loaded);
  damage_ = std::make_unique<DamageReports>(*store_.store, store_.loaded.damage);
  daemon_ = std::make_unique<BouncerDaemon>(clock, *store_.store, *accounts_, cli::SandboxStatus{}, [] {
    return std::unexpected(std::string("there is no file to read again"));
  });
  runner_ = std::make_unique<cli::CommandRunner>(
      cli::CommandEnvironment{.accounts = *accounts_,
                              .config = config,
                              .sealer = *sealer_,
                              .clock = clock,
                              .store = *store_.store,
                              .damage = *damage_,
                              .daemon = daemon_.get()},
      random, [this](std::function<void()> job, std::function<void()> done) {
        loop.work(std::move(job), std::move(done));
      });
  in_band_ = std::make_unique<cli::InBand>(*runner_, *accounts_);
  const Bouncer::Parts parts{.loop = loop,
                             .random = random,
                             .dialer = dialer,
                             .journal = *store_.journal,
                             .store = *store_.store,
                             .accounts = *accounts_,
                             .sealer = *sealer_,
                             .config = config,
                             .in_band = in_band_.get()};
  bouncer_ = std::make_unique<Bouncer>(parts, store_.loaded);
  daemon_->watch(*bouncer_);
  bouncer_->start();
}

// On the store's threads.
void Scene::answer(std::function<void()> run) {
  const std::lock_guard lock(answers_mutex_);
  if (answers_held_)
    held_answers_.push_back(std::move(run));
  else
    loop.post(std::move(run));
}

void Scene::hold_answers(bool held) {
  const std::lock_guard lock(answers_mutex_);
  answers_held_ = held;
  for (auto& run : std::exchange(held_answers_, {})) loop.post(std::move(run));
}

void Scene::stop() {
  bouncer_.reset();
  in_band_.reset();
  runner_.reset();
  daemon_.reset();
  damage_.reset();
  accounts_.reset();
  store_.store.reset();
  store_.journal.reset();
  loop.run_turns();
}

void Scene::restart(const std::function<void()>& between) {
  stop();
  if (between) between();
  dials_ = dialer.count();
  start();
}

void Scene::add_user(std::string_view name, std::string_view password) {
  const auto added = accounts_->add_user(name, hash_password(password, random), false);
  if (!added) FAIL(added.error());
  accounts_->flush(nullptr);
}

void Scene::add_network(std::string_view user, std::string_view name, std::vector<std::string> join,
                        Accounts::NetworkDraft draft) {
  if (!draft.settings.find("url")) draft.settings.set("url", "irc://irc.test:6667");
  if (!draft.settings.find("nick")) draft.settings.set("nick", std::string(user));
  for (const std::string& channel : join) draft.join.push_back({0, channel, ""});
  const auto added = accounts_->add_network(user, name, draft);
  if (!added) FAIL(added.error());
  accounts_->flush(nullptr);
}

Actor Scene::accept_network() {
  REQUIRE(turn_until([&] { return dialer.count() > dials_; }));
  fakes::PipeOptions options;
  options.seed = seed_ * 1000;
  return {*this, dialer.accept(dials_++, options)};
}

Actor Scene::register_network(std::string_view nick, std::string_view isupport) {
  Actor server = accept_network();
  server.expect("CAP LS 302");
  server.say(":srv CAP * LS :");
  server.expect(fmt::format("NICK {}", nick));
  server.expect("USER ");
  server.expect("CAP END");
  server.say(fmt::format(":srv 001 {0} :Welcome {0}!{0}@host.test", nick));
  server.say(fmt::format(":srv 004 {} srv 1.0 o o", nick));
  server.say(fmt::format(":srv 005 {} {} :are supported by this server", nick, isupport));
  server.say(fmt::format(":srv 422 {} :No MOTD", nick));
  server.ping();
  return server;
}

void Scene::join(Actor& server, std::string_view channel, std::string_view members, std::string_view nick) {
  server.say(fmt::format(":{0}!{0}@host.test JOIN {1}", nick, channel));
  server.say(fmt::format(":srv 332 {} {} :About {}", nick, channel, channel.substr(1)));
  server.say(fmt::format(":srv 353 {} = {} :@{} {}", nick, channel, nick, members));
  server.say(fmt::format(":srv 366 {} {} :End of /NAMES list", nick, channel));
  server.ping();
}

Actor Scene::connect_client(fakes::PipeOptions options, ClientFingerprints certificate) {
  options.seed += seed_ * 77;
  auto [near, far] = fakes::FakeStream::make_pair(loop, options);
  bouncer_->accept_irc(std::move(near), {.address = "127.0.0.1",
                                         .loopback = true,
                                         .tls = !certificate.sha256.empty(),
                                         .cert_fingerprint = std::move(certificate.sha256),
                                         .cert_sha512 = std::move(certificate.sha512)});
  return {*this, std::make_unique<fakes::FakePeer>(std::move(far))};
}

Actor Scene::attach(std::string_view login, std::string_view caps, std::string_view password) {
  Actor client = connect_client();
  if (!caps.empty()) {
    client.say(fmt::format("CAP REQ :{}", caps));
    client.expect(" ACK ");
  }
  client.say(fmt::format("PASS {}:{}", login, password));
  client.say("NICK whatever");
  client.say("USER whatever 0 * :Real name");
  if (!caps.empty()) client.say("CAP END");
  client.expect(" 422 ");
  return client;
}

void Scene::drain() {
  bool done = false;
  store_.store->commit({}, [&](storage::Status) { done = true; });
  REQUIRE(turn_until([&] { return done; }));
}

}  // namespace halley::dialogue
