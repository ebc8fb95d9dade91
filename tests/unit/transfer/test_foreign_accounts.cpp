// Configurations of other bouncers, and the accounts that become of them.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "bouncer/transfer/lounge.h"
#include "bouncer/transfer/soju.h"
#include "bouncer/transfer/znc_config.h"
#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using namespace halley::transfer;
using tests::AccountsBench;

namespace {

constexpr const char* kZnc = R"(// WARNING
Version = 1.8.2
LoadModule = log
<Listener listener0>
  Port = 6697
</Listener>
/* a comment
   of two lines */
<User kit>
  Admin      = true
  Nick       = kit
  AltNick    = kit_
  Ident      = kits
  RealName   = Kit of the comet
  LoadModule = chansaver
  <Network libera>
    IRCConnectEnabled = true
    Server   = irc.libera.chat +6697
    Server   = 2001:db8::1 6667 letmein
    TrustedServerFingerprint = aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99
    <Chan #comet>
    </Chan>
    <Chan #secret>
      Key = hunter2
    </Chan>
    <Chan #left>
      Disabled = true
    </Chan>
  </Network>
  <Network empty>
    Nick = other
  </Network>
  <Pass password>
    Hash   = 2fcd04f343f9a587a0e611137300536d73582580ddfeaf19429a9a1b59a037f6
    Method = SHA256
    Salt   = salt!;1
  </Pass>
</User>
<User old>
  Pass = md5#675db2a0e5b5bfc7cf7744db88e81789#salt!;1#
  Nick = old
  Server = irc.example.org 6667
  <Chan #tail>
    Modes = +k key
  </Chan>
</User>
<User older>
  Pass = 74a11ef33c5252edfa87c4eb8b566c2a -
  Server = irc.example.org
</User>
)";

}  // namespace

TEST_CASE("ZNC's configuration, of now and of old") {
  ImportReport report;
  const auto users = parse_znc_config(kZnc, report);
  REQUIRE(users);
  REQUIRE(users->size() == 3);
  const ForeignUser& kit = (*users)[0];
  CHECK((kit.name == "kit" && kit.admin && kit.enabled));
  CHECK(kit.password_hash ==
        "$znc-sha256$salt!;1$2fcd04f343f9a587a0e611137300536d73582580ddfeaf19429a9a1b59a037f6");
  REQUIRE(kit.networks.size() == 1);
  const ForeignNetwork& libera = kit.networks[0];
  CHECK(libera.urls == "ircs://irc.libera.chat:6697,irc://[2001:db8::1]:6667");
  CHECK(libera.pass == "letmein");
  CHECK((libera.nick == "kit" && libera.alt_nick == "kit_" && libera.username == "kits"));
  REQUIRE(libera.channels.size() == 2);
  CHECK((libera.channels[1].name == "#secret" && libera.channels[1].key == "hunter2"));
  CHECK(report.remarks == std::vector<std::string>{"kit's network empty has no server, and was not taken"});
  CHECK((*users)[1].password_hash == "$znc-md5$salt!;1$675db2a0e5b5bfc7cf7744db88e81789");
  REQUIRE((*users)[1].networks.size() == 1);
  CHECK((*users)[1].networks[0].name == "default");
  CHECK((*users)[1].networks[0].channels[0].key == "key");
  CHECK((*users)[2].password_hash == "$znc-md5$$74a11ef33c5252edfa87c4eb8b566c2a");

  AccountsBench bench;
  const Places places = put_accounts(bench.accounts, *users, report);
  bench.accounts.flush(nullptr);
  CHECK(places.size() == 3);
  CHECK((report.users == 3 && report.networks == 3 && report.channels == 3));
  CHECK(bench.accounts.find_user("kit")->admin);
  CHECK(bench.accounts.find_network(1, "libera")->cert_pins.size() == 64);
  CHECK(places.at({"kit", "libera"}).network == bench.accounts.find_network(1, "libera")->id);
  // Again: nothing is added, nothing is changed.
  ImportReport again;
  CHECK(put_accounts(bench.accounts, *users, again).size() == 3);
  CHECK((again.users == 0 && again.networks == 0 && again.channels == 0));
}

TEST_CASE("a configuration that is none is refused with the line") {
  ImportReport report;
  CHECK(parse_znc_config("<User kit>\nNick = kit\n", report).error() == "line 2: <User kit> is not closed");
  CHECK(parse_znc_config("<User kit>\n</Network>\n", report).error() ==
        "line 2: </Network> closes what was not opened");
  CHECK(parse_znc_config("hello", report).error() == "line 1: neither a section nor NAME = VALUE");
  CHECK_THAT(parse_znc_config("Version = 1\n", report).error(), Catch::Contains("has no <User"));
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "<A b>\n";
  CHECK_THAT(parse_znc_config(deep, report).error(), Catch::Contains("too many sections"));
}

TEST_CASE("what ZNC's modules keep becomes SASL, and a line to say") {
  const fakes::TempDirectory directory;
  const auto write = [&](const char* name, const char* text) {
    std::filesystem::create_directories((directory / name).parent_path());
    std::ofstream(directory / name) << text;
  };
  write("users/kit/networks/libera/moddata/sasl/.registry",
        "username kit\npassword hunter2%20;%7e;x\nmechanisms PLAIN\n");
  write("users/old/moddata/nickserv/.registry", "Password s3cret\n");
  ImportReport report;
  auto users = parse_znc_config(kZnc, report);
  REQUIRE(users);
  add_znc_modules(directory.path(), *users, report);
  CHECK((*users)[0].networks[0].sasl == "plain:kit");
  CHECK((*users)[0].networks[0].sasl_password == "hunter2 ~x");
  CHECK((*users)[1].networks[0].on_connect == std::vector<std::string>{"PRIVMSG NickServ :IDENTIFY s3cret"});
  std::filesystem::create_directories(directory / "users/kit/moddata/log/libera");
  std::filesystem::create_directories(directory / "moddata/log/kit/libera");
  CHECK(znc_log_folders(directory.path(), "kit", "libera").size() == 2);
}

TEST_CASE("of what a module of ZNC keeps a thousand values are read") {
  const fakes::TempDirectory directory;
  const auto password_behind = [&](int values) {
    const auto file = directory / "users/kit/networks/libera/moddata/sasl/.registry";
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file);
    out << "username kit\n";
    for (int i = 0; i < values; ++i) out << "value" << i << " x\n";
    out << "password hunter2\n";
    out.close();
    ImportReport report;
    auto users = parse_znc_config(kZnc, report);
    REQUIRE(users);
    add_znc_modules(directory.path(), *users, report);
    return (*users)[0].networks[0].sasl_password;
  };
  CHECK(password_behind(998) == "hunter2");
  CHECK(password_behind(999).empty());
}

namespace {

// As versions 1, 12 and 27 of soju have it; `version` decides which columns there are.
void make_soju(const std::filesystem::path& file, int version) {
  storage::prepare_sqlite();
  storage::Db db{file, storage::Db::OpenMode::kReadWrite};
  if (version < 7) {
    db.exec(
        "CREATE TABLE User (username TEXT PRIMARY KEY, password TEXT);"
        "CREATE TABLE Network (id INTEGER PRIMARY KEY, name TEXT, user TEXT NOT NULL, addr TEXT NOT NULL, "
        "nick TEXT, "
        "username TEXT, realname TEXT, pass TEXT, sasl_mechanism TEXT, sasl_plain_username TEXT, "
        "sasl_plain_password TEXT);"
        "INSERT INTO User VALUES ('kit', '$2b$04$abcdefghijklmnopqrstuuP6/q0obcGuk6SuzN66aTZwHeRCLMzKO');"
        "INSERT INTO Network VALUES (5, NULL, 'kit', 'irc.libera.chat:6697', 'kit', NULL, NULL, NULL, "
        "'PLAIN', "
        "'kit', 'hunter2');");
  } else {
    db.exec(
        "CREATE TABLE User (id INTEGER PRIMARY KEY, username TEXT, password TEXT, admin INTEGER NOT NULL "
        "DEFAULT 0, "
        "realname TEXT, nick TEXT, enabled INTEGER NOT NULL DEFAULT 1);"
        "CREATE TABLE Network (id INTEGER PRIMARY KEY, name TEXT, user INTEGER NOT NULL, addr TEXT NOT NULL, "
        "nick TEXT, username TEXT, realname TEXT, pass TEXT, connect_commands TEXT, sasl_mechanism TEXT, "
        "sasl_plain_username TEXT, sasl_plain_password TEXT, sasl_external_cert BLOB, sasl_external_key "
        "BLOB, "
        "enabled INTEGER NOT NULL DEFAULT 1, certfp TEXT);"
        "INSERT INTO User VALUES (3, 'kit', '$2b$04$abcdefghijklmnopqrstuuP6/q0obcGuk6SuzN66aTZwHeRCLMzKO', "
        "1, "
        "'Kit of the comet', 'kitty', 1);"
        "INSERT INTO Network VALUES (5, 'libera', 3, 'irc+insecure://irc.libera.chat', NULL, NULL, NULL, "
        "NULL, "
        "'MODE kit +i' || char(13, 10) || 'AWAY :x', 'PLAIN', 'kit', 'hunter2', NULL, NULL, 0, NULL);");
  }
  db.exec(
      "CREATE TABLE Channel (id INTEGER PRIMARY KEY, network INTEGER, name TEXT, key TEXT);"
      "INSERT INTO Channel VALUES (1, 5, '#comet', 'key');");
}

}  // namespace

TEST_CASE("soju's users and networks, of its first versions and of now") {
  const fakes::TempDirectory directory;
  const int version = GENERATE(1, 27);
  make_soju(directory / "main.db", version);
  const auto database = storage::ForeignDatabase::open(directory / "main.db");
  REQUIRE(database);
  ImportReport report;
  const auto users = read_soju_accounts(**database, report);
  REQUIRE(users);
  REQUIRE(users->size() == 1);
  const ForeignUser& kit = (*users)[0];
  REQUIRE(kit.networks.size() == 1);
  const ForeignNetwork& network = kit.networks[0];
  CHECK(kit.name == "kit");
  CHECK((network.sasl == "plain:kit" && network.sasl_password == "hunter2"));
  REQUIRE(network.channels.size() == 1);
  CHECK(network.channels[0].key == "key");
  if (version == 1) {
    CHECK(network.urls == "ircs://irc.libera.chat:6697");
    CHECK(network.name == "irc.libera.chat:6697");
    CHECK((network.nick == "kit" && network.enabled && !kit.admin));
  } else {
    CHECK(network.urls == "irc://irc.libera.chat");
    CHECK((network.nick == "kitty" && !network.enabled && kit.admin));
    CHECK(network.realname == "Kit of the comet");
    CHECK(network.on_connect == std::vector<std::string>{"MODE kit +i", "AWAY :x"});
  }
  AccountsBench bench;
  CHECK(put_accounts(bench.accounts, *users, report).size() == 1);
  CHECK(report.networks == 1);
  CHECK(storage::ForeignDatabase::open(directory / "nothing.db").error().ends_with("that can be read"));
}

TEST_CASE("two of there are two here, however alike their names become") {
  const auto user = [](const char* name) {
    ForeignUser one{.key = name, .name = name, .password_hash = std::string(tests::kCheapHash)};
    for (const char* network : {"a b", "a_b"})
      one.networks.push_back({.key = network, .name = network, .urls = "irc://h.test", .nick = "n"});
    return one;
  };
  AccountsBench bench;
  ImportReport report;
  const std::string name(40, 'x');
  const std::vector<ForeignUser> users{user("kit@x"), user("kit_x"), user("KIT_X"), user(name.c_str()),
                                       user((name + "y").c_str())};
  const Places places = put_accounts(bench.accounts, users, report);
  CHECK((report.users == 5 && report.networks == 10 && places.size() == 10));
  std::set<NetworkId> networks;
  for (const auto& [keys, placed] : places) networks.insert(placed.network);
  CHECK(networks.size() == 10);
  CHECK(bench.accounts.find_user("kit_x-2") != nullptr);
  CHECK(bench.accounts.find_user(std::string(30, 'x') + "-2") != nullptr);
  bench.accounts.flush(nullptr);
  ImportReport again;
  CHECK(put_accounts(bench.accounts, users, again).size() == 10);
  CHECK((again.users == 0 && again.networks == 0));
}

TEST_CASE("The Lounge's users") {
  ImportReport report;
  const auto user = parse_lounge_user("kit", R"({"password": "$2a$11$abc", "networks": [
    {"uuid": "u-1", "name": "Libera Chat", "host": "irc.libera.chat", "port": 6697, "tls": true, "nick": "kit",
     "username": "kits", "realname": "Kit", "password": "", "sasl": "plain", "saslAccount": "kit",
     "saslPassword": "hunter2", "commands": ["/msg NickServ IDENTIFY x", "MODE kit +i"],
     "channels": [{"name": "#comet", "key": "k"}, {"name": "ann", "type": "query"}]},
    {"uuid": "u-2", "name": "gone"}]})",
                                      report);
  REQUIRE(user);
  REQUIRE(user->networks.size() == 1);
  const ForeignNetwork& network = user->networks[0];
  CHECK((network.key == "u-1" && network.urls == "ircs://irc.libera.chat:6697"));
  CHECK(network.on_connect == std::vector<std::string>{"PRIVMSG NickServ :IDENTIFY x", "MODE kit +i"});
  REQUIRE(network.channels.size() == 1);
  CHECK(network.channels[0].key == "k");
  CHECK(report.remarks.size() == 1);
  CHECK_FALSE(parse_lounge_user("kit", "[1, 2", report));
  AccountsBench bench;
  CHECK(put_accounts(bench.accounts, {*user}, report).size() == 1);
  CHECK(bench.accounts.find_network(1, "Libera_Chat") != nullptr);
  // A cut-off hash is no reason to leave the user out.
  CHECK(bench.accounts.find_user("kit")->password_hash.empty());
  CHECK_THAT(report.remarks.back(), Catch::Contains("is called Libera_Chat here"));
}

TEST_CASE("what cannot be taken is told, and keeps nothing else away") {
  AccountsBench bench;
  bench.config.limits.networks_per_user = 1;
  ForeignNetwork good{.key = "1", .name = "one", .urls = "ircs://one.example"};
  good.channels = {{0, "#fine", ""}, {0, "no channel", ""}, {0, "#other", ""}};
  ForeignNetwork bad{.key = "2", .name = "two", .urls = "ftp://two.example"};
  ForeignNetwork more{.key = "3", .name = "three", .urls = "ircs://three.example"};
  ImportReport report;
  const Places places =
      put_accounts(bench.accounts, {{.key = "k", .name = "kit", .networks = {good, bad, more}}}, report);
  CHECK(places.size() == 1);
  CHECK(report.channels == 2);
  REQUIRE(report.remarks.size() == 4);
  CHECK_THAT(report.remarks[0], Catch::Contains("halley user passwd kit"));
  CHECK_THAT(report.remarks[1], Catch::Contains("no channel"));
}

TEST_CASE("names and servers are taken within bounds") {
  CHECK(fitting_name(std::string(32, 'x')) == std::string(32, 'x'));
  CHECK(fitting_name(std::string(33, 'x')) == std::string(32, 'x'));
  CHECK(fitting_name("a b/c") == "a_b_c");
  CHECK(fitting_name("-x") == "_x");
  CHECK(fitting_name("..") == "_.");
  CHECK(fitting_name("") == "irc");
  std::string config = "<User kit>\n<Network libera>\n";
  for (int i = 0; i < 10; ++i) config += fmt::format("Server = irc{}.example.org +6697\n", i);
  ImportReport report;
  const auto users = parse_znc_config(config + "</Network>\n</User>\n", report);
  REQUIRE(users);
  const std::string& urls = users->at(0).networks.at(0).urls;
  CHECK(std::ranges::count(urls, ',') == 7);
  CHECK(urls.ends_with("irc7.example.org:6697"));
  REQUIRE(report.remarks.size() == 2);
  CHECK_THAT(report.remarks[1], Catch::Contains("server irc9.example.org +6697 is one too many"));
  AccountsBench bench;
  CHECK(put_accounts(bench.accounts, *users, report).size() == 1);
}
