#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/accounts/client_cert.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/password.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/cli/command_table.h"
#include "bouncer/net/tls_certificate.h"
#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("A password is hashed on a worker thread and committed before the answer") {
  RunnerBench bench;
  bench.loop.hold_work(true);
  bench.runner->run({}, {"user", "add", "kit", "--admin", "--password-stdin"}, "correct horse\n",
                    [&](CommandResult result) { bench.answer = std::move(result); });
  bench.loop.run_turns();
  CHECK_FALSE(bench.answer.has_value());
  CHECK(bench.accounts.find_user("kit") == nullptr);
  bench.loop.hold_work(false);
  bench.store.held = true;
  bench.loop.run_turns();
  CHECK_FALSE(bench.answer.has_value());  // not yet on disk
  REQUIRE(bench.store.waiting.size() == 1);
  bench.store.waiting[0]({});
  REQUIRE(bench.answer.has_value());
  CHECK(bench.answer->status == 0);
  CHECK(bench.answer->text == "user kit added");
  CHECK(bench.accounts.find_user("kit")->admin);
  CHECK(verify_password(bench.accounts.find_user("kit")->password_hash, "correct horse"));
}

TEST_CASE("A commit that fails is told") {
  RunnerBench bench;
  bench.store.failure = "the disk is full";
  const auto result = bench.run("user add kit --password-hash-stdin", tests::kCheapHash);
  CHECK(result.status == 1);
  CHECK_THAT(result.error, Catch::Contains("the disk is full"));
}

TEST_CASE("While too many changes wait for the disk, nothing is changed, and what is asked is answered") {
  RunnerBench bench;
  bench.add_kit();
  bench.store.full = true;
  CHECK_THAT(bench.run("user rename kit kate").error, Catch::Contains("too many changes wait"));
  CHECK(bench.accounts.find_user("kit") != nullptr);
  CHECK(bench.must("user list").json.size() == 1);
  bench.store.full = false;
  bench.must("user rename kit kate");
}

TEST_CASE("The life of an account on the command line") {
  RunnerBench bench;
  CHECK(bench.must("user list").text == "no users yet; add one with user add");
  bench.add_kit();
  CHECK(bench.run("user add KIT --password-hash-stdin", tests::kCheapHash).status == 1);
  CHECK(bench.run("user add ann").status == 1);  // no password
  CHECK_THAT(bench.run("user add ann --password-hash-stdin", "junk").error, Catch::Contains("argon2"));
  CHECK_THAT(bench.run("user add ann --password-hash-stdin --password-stdin", "a\nb\n").error,
             Catch::Contains("not both"));
  CHECK(bench.must("user list").json[0]["name"] == "kit");
  CHECK(bench.must("user set kit admin=yes").status == 0);
  CHECK(bench.accounts.find_user("kit")->admin);
  CHECK(bench.run("user set kit").status == 2);
  bench.must("user set kit --password-stdin", "from the operator");
  CHECK(verify_password(bench.accounts.find_user("kit")->password_hash, "from the operator"));
  bench.must("user passwd kit --password-stdin", "new secret");
  CHECK(verify_password(bench.accounts.find_user("kit")->password_hash, "new secret"));
  bench.must("user add zoe --admin --password-hash-stdin", tests::kCheapHash);  // kit is not the last one
  bench.must("user disable kit");
  CHECK_FALSE(bench.accounts.find_user("kit")->enabled);
  CHECK_THAT(bench.must("user show kit").text, Catch::Contains("disabled, administrator"));
  bench.must("user enable kit");
  bench.must("user remove kit");
  CHECK(bench.accounts.find_user("kit") == nullptr);
  CHECK_THAT(bench.run("user show kit").error, Catch::Contains("no user \"kit\""));
}

TEST_CASE("Networks are added, shown, changed and removed") {
  RunnerBench bench;
  bench.add_kit();
  const auto added = bench.must(
      "network add kit libera ircs://irc.libera.chat --nick ally --join '#a, #b key' "
      "--sasl plain:ally --sasl-password-stdin --on-connect 'PRIVMSG x :y' --on-connect AWAY",
      "hunter2\n");
  CHECK_THAT(added.text, !Catch::Contains("plain"));
  const storage::NetworkRow& row = *bench.accounts.find_network(1, "libera");
  CHECK(row.nick == "ally");
  CHECK(bench.sealer.unseal(seal_purpose::kOnConnect, sealed_connect_lines(row)) == "PRIVMSG x :y\nAWAY");
  CHECK(bench.sealer.unseal(seal_purpose::kSaslPassword, row.sealed_sasl_password) == "hunter2");
  REQUIRE(bench.accounts.channels(row.id).size() == 2);
  CHECK(bench.accounts.channels(row.id)[1]->key == "key");

  const auto shown = bench.must("network show kit libera");
  CHECK_THAT(shown.text, Catch::Contains("connected as kit") && Catch::Contains("#b (with a key)") &&
                             Catch::Contains("plain:ally") && Catch::Contains("PRIVMSG x :y") &&
                             !Catch::Contains("hunter2"));
  CHECK(shown.json.dump().find("hunter2") == std::string::npos);
  CHECK(shown.json["state"] == "connected");

  bench.must("network set kit libera on-connect='PRIVMSG NickServ :IDENTIFY hunter2'");
  const auto masked = bench.must("network show kit libera");
  CHECK_THAT(masked.text, Catch::Contains("PRIVMSG NickServ :IDENTIFY ****"));
  CHECK(masked.json["on_connect"] == "PRIVMSG NickServ :IDENTIFY ****");
  for (const auto& setting : bench.store.last<storage::PutNetwork>().row->settings)
    CHECK_THAT(setting.value, !Catch::Contains("hunter2"));

  CHECK(bench.run("network set kit libera").status == 2);
  CHECK_THAT(bench.must("network set kit libera url=irc://h --sasl none").text,
             Catch::Contains("irc:// is plain"));
  CHECK(bench.accounts.find_network(1, "libera")->sasl_mechanism.empty());
  CHECK_THAT(bench.must("network show kit libera").text, Catch::Contains("irc:// is plain"));
  bench.must("network disconnect kit libera");
  CHECK_FALSE(bench.accounts.find_network(1, "libera")->enabled);
  bench.must("network connect kit libera");
  CHECK(bench.accounts.find_network(1, "libera")->enabled);
  CHECK_THAT(bench.run("network show kit other").error, Catch::Contains("libera"));
  CHECK_THAT(bench.run("network add kit x ircs://h --sasl scram:a").error, Catch::Contains("SCRAM"));
  CHECK(bench.run("network add kit x ircs://h --sasl magic").status == 1);
  bench.must("network remove kit libera");
  CHECK(bench.must("network list kit").json.empty());
}

TEST_CASE("Every row of the tables of settings is an option, in the help, in the JSON and in the answer") {
  RunnerBench bench;
  bench.add_kit();
  bench.must("network add kit libera ircs://h");
  const auto shown = bench.must("network show kit libera");
  const std::string help = bench.must("help network set").text,
                    in_band = bench.must("help network set", "", {1, true}).text;
  for (const NetworkSetting& setting : network_settings()) {
    INFO(setting.name);
    CHECK(shown.json.contains(setting.json_name()));
    CHECK_THAT(shown.text, Catch::Contains("\n" + std::string(setting.name) + " "));
    CHECK_THAT(help, Catch::Contains("--" + std::string(setting.name)) &&
                         Catch::Contains(std::string(setting.help)));
    CHECK_THAT(in_band, Catch::Contains(std::string(setting.name) + "="));
  }
  CHECK(shown.json["pass"] == false);
  bench.must("network set kit libera --pass-stdin", "letmein\n");
  CHECK(bench.must("network show kit libera").json["pass"] == true);

  const auto user = bench.must("user show kit");
  for (const UserSetting& setting : user_settings()) CHECK(user.json.contains(setting.json_name()));
  CHECK(user.json["retention_days"].is_null());
  bench.must("user set kit retention-days=30");
  CHECK(bench.must("user show kit").json["retention_days"] == 30);
  CHECK(retention_days(*bench.accounts.find_user("kit"), 7) == 30);
  bench.must("user set kit retention-days=");
  CHECK(retention_days(*bench.accounts.find_user("kit"), 7) == 7);
  CHECK(bench.run("user set kit retention-days=soon").status == 1);
  CHECK_THAT(bench.run("user set kit retention=3").error, Catch::Contains("did you mean retention-days?"));
}

TEST_CASE("SASL EXTERNAL gets a certificate of its own and tells its fingerprint") {
  RunnerBench bench;
  bench.add_kit();
  const auto added = bench.must("network add kit libera ircs://irc.libera.chat --sasl external");
  const auto pem = bench.sealer.unseal(seal_purpose::kClientCert,
                                       bench.accounts.find_network(1, "libera")->sealed_client_cert);
  REQUIRE(pem.has_value());
  const auto fingerprint = client_cert_fingerprint(*pem);
  REQUIRE(fingerprint.has_value());
  CHECK(fingerprint->size() == 64);
  CHECK_THAT(added.text, Catch::Contains(*fingerprint));
  CHECK(added.json["client_cert"] == *fingerprint);

  const auto pair = net::make_self_signed("other", bench.clock.wall_us() / 1'000'000);
  REQUIRE(pair.has_value());
  const std::string other = pair->certificate + pair->key;
  bench.must("network set kit libera --client-cert-stdin", other);
  CHECK_THAT(bench.must("network show kit libera").text, Catch::Contains(*client_cert_fingerprint(other)));
  CHECK(bench.run("network set kit libera --client-cert-stdin", "junk").status == 1);
  const std::string mixed =
      other.substr(0, other.find("-----BEGIN PRIVATE")) + pem->substr(pem->find("-----BEGIN PRIVATE"));
  CHECK_THAT(bench.run("network set kit libera --client-cert-stdin", mixed).error,
             Catch::Contains("does not belong"));
}

TEST_CASE("Devices and web logins are listed and revoked") {
  RunnerBench bench;
  bench.add_kit();
  const auto token = bench.must("device add kit bot").json["token"].get<std::string>();
  CHECK(bench.accounts.find_token(token) != nullptr);
  CHECK(bench.must("device list kit").json[0]["token"] == true);
  CHECK_THAT(bench.must("device list kit").text, !Catch::Contains(token));
  bench.must("device revoke kit bot");
  CHECK(bench.run("device revoke kit bot").status == 1);

  bench.accounts.open_session(1, "Browser/1.0", "192.0.2.1");
  CHECK(bench.must("session list kit").json[0]["agent"] == "Browser/1.0");
  CHECK(bench.run("session revoke kit one").status == 2);
  CHECK(bench.run("session revoke kit 9").status == 1);
  bench.must("session revoke kit 1");
  CHECK(bench.must("session revoke kit all").text == "0 web logins ended");
  bench.accounts.open_session(1, "a browser", "127.0.0.1");
  bench.accounts.open_session(1, "another", "127.0.0.1");
  CHECK(bench.must("session revoke kit all").text == "2 web logins ended");
  CHECK(bench.must("session list kit").json.empty());
  CHECK(bench.accounts.sessions(1).empty());
}

TEST_CASE("In band a user reaches their own account only") {
  RunnerBench bench;
  bench.add_kit();
  bench.must("user add ann --password-hash-stdin", tests::kCheapHash);
  const Caller ann{.user = 2, .admin = false, .proven_by = ProvenBy::kPassword};
  bench.must("network add oftc ircs://irc.oftc.net pass='a b'", "", ann);
  CHECK(bench.accounts.networks(1).empty());
  REQUIRE(bench.accounts.networks(2).size() == 1);
  CHECK(bench.sealer.unseal(seal_purpose::kPassword, bench.accounts.networks(2)[0]->sealed_password) ==
        "a b");
  bench.must("user passwd password=changed", "", ann);
  CHECK(verify_password(bench.accounts.find_user("ann")->password_hash, "changed"));
  CHECK(bench.run("user list", "", ann).status == 1);
  CHECK(bench.run("batch", "user remove kit", ann).status == 1);
  CHECK(bench.must("status", "", ann).json["users"].size() == 1);
  CHECK_FALSE(bench.must("status", "", ann).json.contains("memory_bytes"));
  CHECK_THAT(bench.must("help", "", ann).text, Catch::Contains("network add NAME URL"));
  CHECK_THAT(bench.must("help network add", "", ann).text, Catch::Contains("nick=N"));
  CHECK(bench.run("help nonsense", "", ann).status == 2);
}

TEST_CASE("In band nothing that may be a password is said back") {
  RunnerBench bench;
  bench.add_kit();
  const Caller kit{1, true};
  bench.must("network add libera ircs://h", "", kit);
  const auto line = GENERATE(
      as<std::string>{}, "user passwd hunter2", "user passwd kit hunter2", "user passwd new=hunter2",
      "user passwd --hunter2", "user passwd password hunter2", "user passwd password=hunter2 hunter2",
      "passwd hunter2", "hunter2", "user password=hunter2", "identify kit hunter2",
      "network set libera hunter2", "network set libera sasl-pasword=hunter2",
      "network set libera sasl=hunter2", "network set libera pass hunter2", "network set hunter2 nick=x",
      "network add oftc hunter2", "network add libera ircs://kit:hunter2@h", "network set libera url=hunter2",
      "network set libera nick=:hunter2", "user set kit 'admin=hunter2 or not'", "user add kit hunter2");
  const auto result = bench.run(line, "", kit);
  INFO(line << " -> " << result.error);
  CHECK(result.status != 0);
  CHECK_THAT(result.error, !Catch::Contains("hunter2"));
  CHECK(bench.run("network remove hunter2 --yes", "", kit).error.find("hunter2") != std::string::npos);
  CHECK_THAT(bench.run("network set libera nick=a:b", "", kit).error, Catch::Contains("cannot be a nick"));
  CHECK_THAT(bench.run("network rname libera x", "", kit).error,
             Catch::Contains("did you mean network rename"));
  // What is a slip in the words of a command is shown as it was typed.
  CHECK_THAT(bench.run("netwrok lst", "", kit).error, Catch::Contains("\"netwrok lst\""));
  CHECK_THAT(bench.run("usr hunter2", "", kit).error, Catch::Contains("usr") && !Catch::Contains("hunter2"));
}

TEST_CASE("A password is no shorter than six characters, unless it comes as a hash") {
  RunnerBench bench;
  CHECK_THAT(bench.run("user add kit --password-stdin", "x\n").error, Catch::Contains("at least 6"));
  bench.add_kit();
  CHECK_THAT(bench
                 .run("user passwd password=abcde", "",
                      {.user = 1, .admin = false, .proven_by = ProvenBy::kPassword})
                 .error,
             Catch::Contains("at least 6"));
}

TEST_CASE("A new password says what it ended") {
  RunnerBench bench;
  bench.add_kit();
  const auto token = bench.must("device add kit bot").json["token"].get<std::string>();
  bench.accounts.open_session(1, "Browser/1.0", "192.0.2.1");
  CHECK_THAT(bench.must("user passwd kit --password-stdin", "new secret\n").text,
             Catch::Contains("tokens and passkeys stay"));
  CHECK(bench.accounts.sessions(1).empty());
  CHECK(bench.accounts.find_token(token) != nullptr);
  bench.must("user passwd kit --devices --password-stdin", "newer secret\n");
  CHECK(bench.accounts.find_token(token) == nullptr);
}

TEST_CASE("Thousands of commands in band of one user keep nobody waiting") {
  RunnerBench bench;
  bench.add_kit();
  bench.must("user add ann --password-hash-stdin", tests::kCheapHash);
  bench.loop.hold_work(true);
  std::size_t refused = 0, done = 0;
  const auto count = [&](const CommandResult& result) { ++(result.status == 0 ? done : refused); };
  for (int i = 0; i < 3000; ++i)
    bench.runner->run({.user = 1, .admin = false, .proven_by = ProvenBy::kPassword},
                      {"user", "passwd", "password=secret" + std::to_string(i)}, "", count);
  CHECK(refused == 3000 - CommandRunner::kMostCommandsOfUser);
  bool ann_is_done = false;
  bench.runner->run({.user = 2, .admin = false, .proven_by = ProvenBy::kPassword},
                    {"user", "passwd", "password=another"}, "", [&](const CommandResult& result) {
                      ann_is_done = result.status == 0;
                      CHECK(done <= 2);  // it has had its turn
                    });
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK(ann_is_done);
  CHECK(done == CommandRunner::kMostCommandsOfUser);
}

TEST_CASE("A lockout is lifted by the daemon that keeps it") {
  RunnerBench bench;
  CHECK(bench.must("unlock").text == "lifted");
  bench.must("unlock 192.0.2.1");
  CHECK(bench.daemon.unlocked == std::vector<std::string>{"", "192.0.2.1"});
  CHECK(bench.run("unlock", "", {1, false}).status == 1);
  bench.runner = bench.make(nullptr);
  CHECK(bench.run("unlock").status == 1);
}

TEST_CASE("A batch is one transaction, and makes many users") {
  RunnerBench bench;
  std::string lines = "# a comment\n\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "user" + std::to_string(i);
    lines += "user add " + name + " password-hash=" + tests::kCheapHash + "\n";
    lines += "network add " + name + " net irc://127.0.0.1:6667 --nick " + name + " --join '#a,#b key'\r\n";
  }
  lines += "device add user7 bot";
  const auto commits = bench.store.commits;
  const auto result = bench.must("batch", lines);
  CHECK(bench.store.commits == commits + 1);
  CHECK(bench.accounts.users().size() == 1000);
  CHECK(bench.accounts.channels(1000).size() == 2);
  CHECK(result.json.size() == 2001);
  CHECK_THAT(result.text, Catch::Contains("2001 commands done") && Catch::StartsWith("halley_"));
  CHECK(bench.accounts.find_token(result.json[2000]["token"].get<std::string>()) != nullptr);
}

TEST_CASE("A line of a batch that fails is named, and undoes all") {
  RunnerBench bench;
  bench.add_kit();
  bench.ear.take();
  const auto commits = bench.store.commits;
  const std::string good =
      "user add ann password-hash=" + std::string(tests::kCheapHash) + "\nuser remove kit\n";
  const auto refused = [&](const std::string& bad, int status, const std::string& why) {
    const auto result = bench.run("batch", good + bad + "\n" + good);
    INFO(bad);
    CHECK(result.status == status);
    CHECK_THAT(result.error, Catch::StartsWith("line 3: ") && Catch::Contains(why) &&
                                 Catch::Contains("nothing of the batch"));
    CHECK(bench.accounts.find_user("ann") == nullptr);
    CHECK(bench.accounts.find_user("kit") != nullptr);
    CHECK(bench.store.commits == commits);
    CHECK(bench.ear.take().empty());
  };
  refused("user add ann password-hash=" + std::string(tests::kCheapHash), 1, "already");
  refused("network add nobody n ircs://h", 1, "no user");
  refused("network add ann n gopher://h", 1, "gopher");
  refused("user ad x", 2, "did you mean");
  refused("user add 'x", 2, "not closed");
  refused("user add x password=", 1, "empty");
  refused("user add x --password-stdin", 2, "password=VALUE");
  refused("serve", 2, "no place");
  refused("batch", 2, "no place");
  refused("user add --help", 2, "no place");
}

TEST_CASE("A batch hashes plain passwords one after the other") {
  RunnerBench bench;
  bench.must("batch", "user add a password='one more'\nuser add b password='two words'\n");
  CHECK(verify_password(bench.accounts.find_user("b")->password_hash, "two words"));
}

TEST_CASE("Status tells what runs, and says plainly when nothing does") {
  RunnerBench bench;
  bench.add_kit();
  const auto live = bench.must("status");
  CHECK_THAT(live.text,
             Catch::Contains("up 1 h 1 min") && Catch::Contains("42 lines") &&
                 Catch::Contains("connected as kit, 3 channels") && Catch::Contains("weechat@laptop") &&
                 Catch::Contains("waiting: connection refused") && Catch::Contains("ann (disabled)"));
  CHECK(live.json["store"]["events"] == 42);
  bench.daemon.trouble = "disk full";
  CHECK_THAT(bench.must("status").text, Catch::Contains("writing fails, and is tried again: disk full"));
  CHECK(bench.must("reload").text == "configuration read again");

  bench.runner = bench.make(nullptr);
  const auto dead = bench.must("status");
  CHECK_THAT(dead.text, Catch::Contains("no daemon runs") && Catch::Contains("users: 1"));
  CHECK(dead.json["running"] == false);
  CHECK(bench.run("reload").status == 1);
  bench.must("network add kit libera ircs://h");
  CHECK_THAT(bench.must("network disconnect kit libera").text, Catch::Contains("no daemon runs"));
  CHECK_THAT(bench.must("network list kit").text, Catch::Contains("disabled"));
}

TEST_CASE("A runner that is destroyed answers nobody") {
  RunnerBench bench;
  bench.loop.hold_work(true);
  bench.runner->run({}, {"user", "add", "kit", "--password-stdin"}, "correct\n",
                    [&](CommandResult result) { bench.answer = result; });
  bench.runner.reset();
  bench.loop.hold_work(false);
  bench.loop.run_turns();
  CHECK_FALSE(bench.answer.has_value());
}

TEST_CASE("doctor says whether the daemon is in its sandbox, and which networks are not reached") {
  RunnerBench bench;
  CHECK_THAT(bench.run("doctor").text, Catch::Contains("ok    sandbox: no programs"));
  CHECK_THAT(bench.run("doctor").text, Catch::Contains("ok    networks: 1 connected"));
  bench.daemon.away = 30;
  CHECK_THAT(bench.run("doctor").text,
             Catch::Contains("care  networks: bob's net19 is waiting: no such name\n"
                             "      -> see what is set: halley network show bob net19") &&
                 Catch::Contains("networks: 10 more are not reached") && !Catch::Contains("net20"));
  bench.daemon.sandboxed = {"off (sandbox.enabled)", false};
  CHECK_THAT(bench.run("doctor").text,
             Catch::Contains("care  sandbox: off (sandbox.enabled)\n      -> sandbox.enabled = true"));
  bench.runner = bench.make(nullptr);
  CHECK_THAT(bench.run("doctor").text, !Catch::Contains("sandbox"));
}

TEST_CASE("doctor says when the log that is left to a replicating program is copied back by none") {
  RunnerBench bench;
  bench.store.told.wal_bytes = std::uint64_t{300} << 20;
  CHECK_THAT(bench.run("doctor").text, !Catch::Contains("replication"));
  bench.config.history.replicated = true;
  CHECK_THAT(bench.run("doctor").text,
             Catch::Contains("care  replication: halley.db-wal has ") &&
                 Catch::Contains("-> start Litestream, or set history.replicated = false"));
  bench.store.told.wal_bytes = std::uint64_t{40} << 20;
  CHECK_THAT(bench.run("doctor").text, !Catch::Contains("replication"));
}

TEST_CASE("A notice goes to the daemon, within bounds") {
  RunnerBench bench;
  CHECK(bench.must("notice 'back at eight'").text == "said to 2 users");
  CHECK(bench.daemon.noticed == std::vector<std::string>{"back at eight"});
  CHECK(bench.run("notice " + std::string(1001, 'x')).status == 2);
  CHECK(bench.run("notice ''").status == 2);
  CHECK(bench.run("notice x", "", {1, false}).status == 1);
  bench.runner = bench.make(nullptr);
  CHECK_THAT(bench.run("notice x").error, Catch::Contains("no daemon runs"));
}

TEST_CASE("user show tells the last logins and changes, to a person some of them, to a program all") {
  RunnerBench bench;
  bench.add_kit();
  const auto keep = [&](const std::string& key, const std::string& value) {
    bench.store.states.push_back({.user = 1, .kind = 15, .key = key, .value = value});
  };
  for (int i = 0; i < 12; ++i)
    keep("l" + std::to_string(i),
         std::to_string(1'700'000'000'000 + i * 1000) + "\tkit\t192.0.2.7\tpassword");
  keep("c0", "1700000000000\tthe operator\tthe command line\tuser set kit");
  const CommandResult shown = bench.must("user show kit");
  CHECK_THAT(shown.text, Catch::Contains("2023-11-14 22:13:31Z  from 192.0.2.7 by password"));
  CHECK_THAT(shown.text, Catch::Contains("22:13:22Z"));
  CHECK_THAT(shown.text, !Catch::Contains("22:13:21Z"));
  CHECK_THAT(shown.text, Catch::Contains("user set kit, by the operator (the command line)"));
  CHECK(shown.json["logins"].size() == 12);
  CHECK(shown.json["logins"][0] ==
        nlohmann::json{
            {"time", "2023-11-14 22:13:31Z"}, {"who", "kit"}, {"from", "192.0.2.7"}, {"what", "password"}});
  CHECK(shown.json["changes"][0]["what"] == "user set kit");
  const CommandResult own = bench.must("user show", "", {.user = 1, .admin = false});
  CHECK_THAT(own.text, !Catch::Contains("22:13:26Z"));
  CHECK(own.json["logins"].size() == 12);
  CHECK(bench.must("batch", "user show kit\n").json[0].contains("logins") == false);
}
