#include <catch2/catch.hpp>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/network_settings.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using tests::AccountsBench;
using Heard = std::vector<std::string>;

TEST_CASE("A user is found without case, committed once and told once flushed") {
  AccountsBench bench;
  const auto added = bench.accounts.add_user("Alice", tests::kCheapHash, true);
  REQUIRE(added);
  CHECK((*added)->id == 1);
  CHECK((*added)->created_ms == bench.clock.wall_us() / 1000);
  CHECK(bench.accounts.find_user("aLICE") == *added);
  CHECK(bench.ear.take().empty());
  CHECK(bench.store.commits == 0);

  bool done = false;
  bench.accounts.flush([&](storage::Status status) { done = status.has_value(); });
  CHECK(done);
  CHECK(bench.ear.take() == Heard{"user Alice"});
  CHECK(bench.store.commits == 1);
  CHECK(bench.store.last<storage::PutUser>().row.admin);

  bench.accounts.flush(nullptr);  // nothing more
  CHECK(bench.store.commits == 1);
}

TEST_CASE("Wrong names, taken names and wrong hashes are refused with a reason") {
  AccountsBench bench;
  for (const char* name : {"", "a b", "a/b", "a@b", "a:b", "\xc3\xa4", "123456789012345678901234567890123"}) {
    INFO(name);
    CHECK_FALSE(bench.accounts.add_user(name, "", false));
  }
  CHECK(bench.accounts.add_user("12345678901234567890123456789012", "", false));
  CHECK(bench.accounts.add_user("a_.-Z9", "", false));
  CHECK_THAT(bench.accounts.add_user("A_.-z9", "", false).error(), Catch::Contains("already"));
  CHECK_THAT(bench.accounts.add_user("bob", "plain", false).error(), Catch::Contains("argon2"));
  CHECK_THAT(bench.accounts.set_enabled("carol", true).error(), Catch::Contains("no user \"carol\""));
}

TEST_CASE("Ids are never used again, not of removed rows and not of rolled back ones") {
  storage::Loaded loaded;
  loaded.last_user = 41;
  loaded.last_network = 7;
  AccountsBench bench(loaded);
  CHECK((*bench.accounts.add_user("a", "", false))->id == 42);
  bench.accounts.rollback();
  CHECK((*bench.accounts.add_user("a", "", false))->id == 43);
  CHECK((*bench.accounts.add_network("a", "n", bench.draft()))->id == 8);
  REQUIRE(bench.accounts.remove_network("a", "n"));
  CHECK((*bench.accounts.add_network("a", "n", bench.draft()))->id == 9);
}

TEST_CASE("What is loaded is there") {
  storage::Loaded loaded;
  loaded.users = {{.id = 1, .name = "alice"}, {.id = 2, .name = "Bob"}};
  storage::NetworkRow network;
  network.id = 3;
  network.user = 1;
  network.name = "libera";
  loaded.networks = {network};
  loaded.channels = {{3, "#a", "key"}, {99, "#orphan", ""}};
  loaded.devices = {{.id = 5, .user = 1, .name = "phone", .token_hash = sha256_hex("token")}};
  const std::int64_t now_ms = fakes::FakeClock().wall_us() / 1000;
  loaded.sessions = {{.id = 6,
                      .user = 2,
                      .token_hash = sha256_hex("cookie"),
                      .agent = "agent",
                      .address = "addr",
                      .created_ms = now_ms,
                      .seen_ms = now_ms}};
  AccountsBench bench(loaded);
  CHECK(bench.accounts.users().size() == 2);
  CHECK(bench.accounts.users()[0]->name == "alice");
  CHECK(bench.accounts.find_network(1, "LIBERA")->id == 3);
  CHECK(bench.accounts.channels(3).at(0)->key == "key");
  CHECK(bench.accounts.channels(99).empty());
  CHECK(bench.accounts.find_token("token")->name == "phone");
  CHECK(bench.accounts.find_token("Token") == nullptr);
  CHECK(bench.accounts.find_session("cookie")->user == 2);
}

TEST_CASE("A network takes defaults from its user, seals its secrets and checks what it is given") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("al.ice", "", false));
  auto draft = bench.draft("ircs://irc.libera.chat,irc://[::1]:6668");
  draft.settings.set("sasl", "plain:alice");
  draft.settings.set("sasl-password", "hunter2");
  draft.settings.set("cert-pin", "AB:" + std::string(62, '0'));
  draft.join = {{0, "#a", ""}, {0, "#b", "key"}};
  const auto added = bench.accounts.add_network("al.ice", "libera", draft);
  REQUIRE(added);
  const storage::NetworkRow& row = **added;
  CHECK(row.nick == "al_ice");
  CHECK(row.alt_nick == "al_ice_");
  CHECK(row.username == "al_ice");
  CHECK(row.realname == "al.ice");
  CHECK(row.enabled);
  CHECK(row.cert_pins == "ab" + std::string(62, '0'));
  CHECK(row.sealed_sasl_password.find("hunter2") == std::string::npos);
  CHECK(bench.sealer.unseal(seal_purpose::kSaslPassword, row.sealed_sasl_password) == "hunter2");
  REQUIRE(bench.accounts.channels(row.id).size() == 2);
  CHECK(bench.accounts.channels(row.id)[1]->key == "key");
}

TEST_CASE("Nicks that begin with a digit can be configured; a default never does") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("4711", "", false));
  const auto plain = bench.accounts.add_network("4711", "one", bench.draft());
  REQUIRE(plain);
  CHECK((*plain)->nick == "_4711");
  auto draft = bench.draft();
  draft.settings.set("nick", "4711");
  const auto asked = bench.accounts.add_network("4711", "two", draft);
  REQUIRE(asked);
  CHECK((*asked)->nick == "4711");
  CHECK((*asked)->alt_nick == "4711_");
}

TEST_CASE("Bad network settings are refused and leave nothing behind") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  const auto refused = [&](auto change, const char* why) {
    auto draft = bench.draft();
    change(draft);
    const auto result = bench.accounts.add_network("alice", "libera", draft);
    INFO(why);
    REQUIRE_FALSE(result);
    CHECK_THAT(result.error(), Catch::Contains(why));
    CHECK(bench.accounts.networks(1).empty());
  };
  refused([](auto& d) { d.settings.set("url", "http://x"); }, "ircs://");
  refused([](auto& d) { d.settings.set("url", ""); }, "address");
  refused([](auto& d) { d.settings.set("nick", ":st"); }, "nick");
  refused([](auto& d) { d.settings.set("nick", "a b"); }, "nick");
  refused([](auto& d) { d.settings.set("username", "a@b"); }, "username");
  refused([](auto& d) { d.settings.set("realname", "a\r\nQUIT"); }, "realname");
  refused([](auto& d) { d.settings.set("pass", "a\nb"); }, "password");
  refused([](auto& d) { d.settings.set("sasl", "plain:"); }, "account");
  refused([](auto& d) { d.settings.set("sasl", "plain:a"); }, "password");
  refused([](auto& d) { d.settings.set("url", "irc://h").set("sasl", "external"); }, "needs TLS");
  refused([](auto& d) { d.settings.set("sasl", "scram:"); }, "SCRAM needs an account");
  refused([](auto& d) { d.settings.set("sasl", "scram:a"); }, "password");
  refused([](auto& d) { d.settings.set("sasl", "magic"); }, "external, not");
  refused([](auto& d) { d.settings.set("colour", "red"); }, "no setting \"colour\"");
  refused([](auto& d) { d.settings.set("cert-pin", "abcd"); }, "64");
  refused([](auto& d) { d.settings.set("client-cert", "nonsense"); }, "PEM");
  refused([](auto& d) { d.settings.set("on-connect", std::string(511, 'x')); }, "510");
  const auto times = [](int count, const std::string& part, const std::string& between) {
    std::string all = part;
    for (int i = 1; i < count; ++i) all += between + part;
    return all;
  };
  refused([&](auto& d) { d.settings.set("on-connect", times(33, "MODE me +x", "\n")); }, "more than 32");
  refused([&](auto& d) { d.settings.set("url", times(9, "ircs://h", ",")); }, "more than 8 addresses");
  refused([&](auto& d) { d.settings.set("cert-pin", times(9, std::string(64, 'a'), ",")); },
          "more than 8 certificate pins");
  refused([](auto& d) { d.settings.set("realname", std::string(201, 'x')); }, "at most 200");
  refused([](auto& d) { d.settings.set("pass", std::string(501, 'x')); }, "at most 500");
  refused([](auto& d) { d.settings.set("sasl", "plain:a").set("sasl-password", std::string(4001, 'x')); },
          "at most 4000");
  refused([](auto& d) { d.settings.set("client-cert", std::string(32 * 1024 + 1, 'x')); }, "at most 32768");
  refused([](auto& d) { d.join = {{0, "a,b", ""}}; }, "channel");
  refused([](auto& d) { d.join = {{0, "#a", "k y"}}; }, "key");
  CHECK(bench.accounts.add_network("alice", "libera", bench.draft()));
  CHECK_THAT(bench.accounts.add_network("alice", "Libera", bench.draft()).error(),
             Catch::Contains("already"));
  CHECK_THAT(bench.accounts.remove_network("alice", "x").error(), Catch::Contains("libera"));
}

TEST_CASE("Setting a network keeps what is not said and takes what is") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  auto draft = bench.draft();
  draft.settings.set("nick", "ally");
  draft.settings.set("pass", "letmein");
  REQUIRE(bench.accounts.add_network("alice", "libera", draft));
  Accounts::NetworkDraft change;
  change.settings.set("realname", "Alice A.");
  change.settings.set("pass", "");
  const auto set = bench.accounts.set_network("alice", "libera", change);
  REQUIRE(set);
  CHECK((*set)->nick == "ally");
  CHECK((*set)->alt_nick == "ally_");
  CHECK((*set)->realname == "Alice A.");
  CHECK((*set)->sealed_password.empty());
}

TEST_CASE("Limits on networks, channels and devices hold") {
  AccountsBench bench;
  bench.config.limits.networks_per_user = 1;
  bench.config.limits.channels_per_network = 2;
  bench.config.limits.devices_per_user = 2;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "one", bench.draft()));
  CHECK_THAT(bench.accounts.add_network("alice", "two", bench.draft()).error(),
             Catch::Contains("networks_per_user"));
  for (const char* channel : {"#a", "#A", "#b", "#c"}) bench.accounts.put_channel(1, channel, "");
  CHECK(bench.accounts.channels(1).size() == 2);

  REQUIRE(bench.accounts.device_for(1, "first"));
  bench.clock.advance_ms(10);
  REQUIRE(bench.accounts.device_for(1, "second"));
  bench.accounts.flush(nullptr);
  bench.ear.take();
  REQUIRE(bench.accounts.device_for(1, "third"));
  CHECK(bench.accounts.find_device(1, "first") == nullptr);
  CHECK(bench.ear.take() == Heard{"device gone 1"});
  REQUIRE(bench.accounts.add_device("alice", "second"));
  REQUIRE(bench.accounts.add_device("alice", "third"));
  CHECK_THAT(bench.accounts.device_for(1, "fourth").error(), Catch::Contains("revoke"));
}

TEST_CASE("Rolling back restores every table and tells nobody") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", tests::kCheapHash, false));
  REQUIRE(bench.accounts.add_network("alice", "libera", bench.draft()));
  const std::string token = *bench.accounts.add_device("alice", "bot");
  const std::string cookie = bench.accounts.open_session(1, "agent", "addr");
  bench.accounts.put_channel(1, "#a", "");
  bench.accounts.flush(nullptr);
  bench.ear.take();
  const auto commits = bench.store.commits;

  REQUIRE(bench.accounts.set_user("alice", {{"admin", "yes"}}));
  REQUIRE(bench.accounts.set_password_hash("alice", tests::kCheapHash, Accounts::Tokens::kRevoke));
  Accounts::NetworkDraft change;
  change.settings.set("nick", "other");
  change.join = {{0, "#b", ""}};
  REQUIRE(bench.accounts.set_network("alice", "libera", change));
  REQUIRE(bench.accounts.rename_network("alice", "libera", "renamed"));
  REQUIRE(bench.accounts.rename_user("alice", "alicia"));
  REQUIRE(bench.accounts.rename_user("alicia", "Alice"));
  REQUIRE(bench.accounts.rename_network("alice", "renamed", "libera"));
  REQUIRE(bench.accounts.add_network("alice", "oftc", bench.draft()));
  REQUIRE(bench.accounts.remove_network("alice", "libera"));
  REQUIRE(bench.accounts.add_user("bob", "", true));
  REQUIRE(bench.accounts.add_device("bob", "laptop"));
  REQUIRE(bench.accounts.remove_user("alice"));
  CHECK(bench.accounts.find_user("alice") == nullptr);
  bench.accounts.rollback();

  CHECK(bench.store.commits == commits);
  CHECK(bench.ear.take().empty());
  CHECK(bench.accounts.find_user("bob") == nullptr);
  REQUIRE(bench.accounts.find_user("alice"));
  CHECK_FALSE(bench.accounts.find_user("alice")->admin);
  REQUIRE(bench.accounts.networks(1).size() == 1);
  CHECK(bench.accounts.networks(1)[0]->nick == "alice");
  REQUIRE(bench.accounts.channels(1).size() == 1);
  CHECK(bench.accounts.channels(1)[0]->name == "#a");
  CHECK(bench.accounts.find_token(token) != nullptr);
  CHECK(bench.accounts.find_session(cookie) != nullptr);

  CHECK(bench.accounts.find_user("alice")->name == "alice");
  CHECK(bench.accounts.find_user("alicia") == nullptr);
  bench.accounts.end_session(1, 1);
  CHECK(bench.ear.take() == Heard{"session gone 1"});
}

TEST_CASE("Removing a user tells of its networks first and takes all that is its own") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "one", bench.draft()));
  REQUIRE(bench.accounts.add_network("alice", "two", bench.draft()));
  const std::string token = *bench.accounts.add_device("alice", "bot");
  bench.accounts.flush(nullptr);
  bench.ear.take();
  REQUIRE(bench.accounts.remove_user("ALICE"));
  bench.accounts.flush(nullptr);
  CHECK(bench.ear.take() == Heard{"network gone one", "network gone two", "user gone 1"});
  CHECK(bench.store.last<storage::RemoveUser>().id == 1);
  CHECK(bench.store.count<storage::RemoveNetwork>() == 0);  // the store removes what belongs to the user
  CHECK(bench.accounts.network(1) == nullptr);
  CHECK(bench.accounts.find_token(token) == nullptr);
}

TEST_CASE("Channels, nicks and devices of the running bouncer commit by themselves") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "libera", bench.draft()));
  bench.accounts.flush(nullptr);
  bench.store.commits = 0;
  bench.accounts.put_channel(1, "#a", "");
  bench.accounts.put_channel(1, "#a", "");  // no change
  bench.accounts.put_channel(1, "#A", "key");
  CHECK(bench.store.commits == 2);
  CHECK(bench.store.last<storage::PutChannel>().row.name == "#a");
  CHECK(bench.store.last<storage::PutChannel>().row.key == "key");
  bench.accounts.remove_channel(1, "#A");
  CHECK(bench.store.last<storage::RemoveChannel>().name == "#a");
  bench.accounts.set_nick(1, "ally");
  CHECK(bench.accounts.network(1)->nick == "ally");
  CHECK(bench.store.commits == 4);

  const DeviceId phone = *bench.accounts.device_for(1, "phone");
  CHECK(bench.store.commits == 5);
  CHECK(bench.accounts.device_for(1, "PHONE") == phone);
  CHECK(bench.store.commits == 5);  // seen within the hour: not written
  bench.clock.advance_ms(3'600'000);
  CHECK(bench.accounts.device_for(1, "phone") == phone);
  CHECK(bench.store.commits == 6);
  CHECK_FALSE(bench.accounts.device_for(1, "a b"));
}

TEST_CASE(
    "Whatever a client asks for, one commit of a user is on its way, and the next has the newest state") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "libera", bench.draft()));
  bench.accounts.flush(nullptr);
  bench.accounts.put_channel(1, "#old", "");
  bench.store.committed.clear();
  bench.store.commits = 0;
  bench.store.held = true;
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "#" + std::to_string(i);
    bench.accounts.put_channel(1, name, "");
    bench.accounts.set_nick(1, "nick" + std::to_string(i));
    if (i > 0) bench.accounts.remove_channel(1, name);
    bench.clock.advance_ms(3'600'000);
    REQUIRE(bench.accounts.device_for(1, "phone" + std::to_string(i % 3)));
  }
  bench.accounts.remove_channel(1, "#old");
  CHECK(bench.store.commits == 1);
  CHECK(bench.store.committed.size() == 1);

  bench.store.held = false;
  bench.store.waiting[0]({});
  CHECK(bench.store.commits == 2);
  // What came and went meanwhile leaves no trace.
  CHECK(bench.store.count<storage::PutChannel>() == 1);
  CHECK(bench.store.count<storage::RemoveChannel>() == 1);
  CHECK(bench.store.last<storage::RemoveChannel>().name == "#old");
  CHECK(bench.store.last<storage::PutNetwork>().row->nick == "nick9999");
  CHECK(bench.store.count<storage::PutNetwork>() == 1);
  CHECK(bench.store.count<storage::PutDevice>() == 3);
  REQUIRE(bench.accounts.channels(1).size() == 1);

  bench.accounts.put_channel(1, "#new", "");  // nothing is on its way any more
  CHECK(bench.store.commits == 3);
}

TEST_CASE("A command's channel is safe from what waits beside it") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "libera", bench.draft()));
  bench.accounts.flush(nullptr);
  bench.store.held = true;
  bench.accounts.put_channel(1, "#a", "");
  bench.accounts.put_channel(1, "#b", "");  // waits
  Accounts::NetworkDraft change;
  change.join = {{0, "#c", ""}};
  REQUIRE(bench.accounts.set_network("alice", "libera", change));
  bench.accounts.flush(nullptr);
  bench.accounts.remove_channel(1, "#c");  // which is on its way to the disk
  bench.store.held = false;
  bench.store.waiting[0]({});
  CHECK(bench.store.last<storage::RemoveChannel>().name == "#c");
  CHECK(bench.store.last<storage::PutChannel>().row.name == "#b");
}

TEST_CASE("What waits is committed when Halley ends") {
  fakes::FakeClock clock;
  fakes::FakeRandom random;
  const Sealer sealer({1}, random);
  const Config config;
  fakes::MemoryStore store;
  {
    Accounts accounts({.store = store, .clock = clock, .random = random, .sealer = sealer, .config = config},
                      {});
    REQUIRE(accounts.add_user("alice", "", false));
    accounts.flush(nullptr);
    store.held = true;
    REQUIRE(accounts.device_for(1, "phone"));
    REQUIRE(accounts.device_for(1, "laptop"));
    CHECK(store.count<storage::PutDevice>() == 1);
  }
  CHECK(store.count<storage::PutDevice>() == 2);
  for (const auto& done : store.waiting) {
    if (done) done({});  // answers come later than Accounts went
  }
}

TEST_CASE("A new password ends web logins, and tokens only when asked") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", tests::kCheapHash, false));
  const std::string cookie = bench.accounts.open_session(1, "agent", "addr");
  const std::string token = *bench.accounts.add_device("alice", "bot");
  bench.accounts.remember_login(1, "192.0.2.1", "q1:digest");
  bench.accounts.flush(nullptr);
  bench.ear.take();
  REQUIRE(bench.accounts.set_password_hash("alice", tests::kCheapHash, Accounts::Tokens::kKeep));
  bench.accounts.flush(nullptr);
  CHECK(bench.ear.take() == Heard{"user alice", "session gone 1", "password of 1"});
  CHECK(bench.accounts.find_session(cookie) == nullptr);
  CHECK(bench.accounts.find_token(token) != nullptr);
  CHECK(bench.accounts.password_digest(1).empty());
  CHECK(bench.accounts.was_in_from(1, "192.0.2.1"));
  REQUIRE(bench.accounts.set_password_hash("alice", tests::kCheapHash, Accounts::Tokens::kRevoke));
  bench.accounts.flush(nullptr);
  CHECK(bench.ear.take() == Heard{"user alice", "device gone 1", "password of 1"});
  CHECK(bench.accounts.find_token(token) == nullptr);
}

TEST_CASE("The newest eight addresses that a user was in from are kept") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", tests::kCheapHash, false));
  bench.accounts.flush(nullptr);
  for (int i = 1; i <= 9; ++i) bench.accounts.remember_login(1, "192.0.2." + std::to_string(i), "");
  CHECK_FALSE(bench.accounts.was_in_from(1, "192.0.2.1"));
  CHECK_FALSE(bench.accounts.was_in_from(1, "192.0.2."));
  for (int i = 2; i <= 9; ++i) CHECK(bench.accounts.was_in_from(1, "192.0.2." + std::to_string(i)));
  const auto commits = bench.store.commits;
  bench.accounts.remember_login(1, "192.0.2.9", "");
  CHECK(bench.store.commits == commits);
  CHECK(bench.ear.take() == Heard{"user alice"});  // no act of a person: nobody need know
}

TEST_CASE("Users and networks are renamed, to a name that is free") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", tests::kCheapHash, false));
  REQUIRE(bench.accounts.add_user("bob", tests::kCheapHash, false));
  REQUIRE(bench.accounts.add_network("alice", "one", bench.draft()));
  REQUIRE(bench.accounts.add_network("alice", "two", bench.draft()));
  CHECK_FALSE(bench.accounts.rename_user("alice", "Bob"));
  CHECK_FALSE(bench.accounts.rename_user("alice", "a b"));
  CHECK_FALSE(bench.accounts.rename_network("alice", "one", "TWO"));
  REQUIRE(bench.accounts.rename_user("alice", "carol"));
  REQUIRE(bench.accounts.rename_network("carol", "one", "One"));
  bench.accounts.flush(nullptr);
  CHECK(bench.accounts.find_user("alice") == nullptr);
  CHECK(bench.accounts.find_user("carol")->id == 1);
  CHECK(bench.accounts.find_network(1, "one")->name == "One");
  CHECK(bench.store.last<storage::PutUser>().row.name == "carol");
}

TEST_CASE("A token is kept only as its hash, and a device has one") {
  AccountsBench bench;
  REQUIRE(bench.accounts.add_user("alice", "", false));
  const DeviceId before = *bench.accounts.device_for(1, "phone");
  const auto token = bench.accounts.add_device("alice", "phone");
  REQUIRE(token);
  CHECK(token->starts_with("halley_"));
  CHECK(token->size() == 7 + 43);
  bench.accounts.flush(nullptr);
  CHECK(bench.store.last<storage::PutDevice>().row.token_hash == sha256_hex(*token));
  CHECK(bench.accounts.find_token(*token)->id == before);
  CHECK_THAT(bench.accounts.add_device("alice", "phone").error(),
             Catch::Contains("device revoke alice phone"));
}

TEST_CASE("A change that an observer makes in turn is committed after the one it heard of") {
  AccountsBench bench;
  struct Joiner final : Accounts::Observer {
    explicit Joiner(Accounts& the_accounts) : accounts(the_accounts) {}
    void user_changed(const storage::SharedUserRow&) override {}
    void user_removed(UserId) override {}
    void network_changed(const storage::SharedNetworkRow& network) override {
      accounts.put_channel(network->id, "#a", "");
    }
    void network_removed(const storage::NetworkRow&) override {}
    void buffer_changed(const storage::BufferRow&) override {}
    void buffer_removed(const storage::BufferRow&) override {}
    void password_changed(UserId) override {}
    void device_revoked(DeviceId) override {}
    void session_revoked(std::uint64_t) override {}
    Accounts& accounts;
  } joiner(bench.accounts);
  bench.accounts.observe(&joiner);
  REQUIRE(bench.accounts.add_user("alice", "", false));
  REQUIRE(bench.accounts.add_network("alice", "libera", bench.draft()));
  bench.accounts.flush(nullptr);
  REQUIRE(bench.store.committed.size() == 3);
  CHECK(std::holds_alternative<storage::PutUser>(bench.store.committed[0]));
  CHECK(std::holds_alternative<storage::PutNetwork>(bench.store.committed[1]));
  CHECK(std::holds_alternative<storage::PutChannel>(bench.store.committed[2]));
}

TEST_CASE("Lines to send on connect of a database from before are sealed when it is loaded") {
  storage::Loaded loaded;
  loaded.users.push_back({.id = 1, .name = "ann"});
  storage::NetworkRow old;
  old.id = 1;
  old.user = 1;
  old.name = "net";
  old.on_connect = "OPER ann hunter2\nMODE ann +B";
  loaded.networks.push_back(old);
  AccountsBench bench(std::move(loaded));
  const storage::NetworkRow& row = *bench.accounts.network(1);
  CHECK(row.on_connect.empty());
  CHECK(bench.sealer.unseal(seal_purpose::kOnConnect, sealed_connect_lines(row)) == old.on_connect);
  CHECK(bench.store.commits == 1);
  CHECK(bench.store.last<storage::PutNetwork>().row->on_connect.empty());
  CHECK(bench.store.count<storage::ForgetReplaced>() == 1);
}
