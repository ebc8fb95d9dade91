// Whole imports, from another program's folder to what Halley's history shows.
#include <fstream>

#include "bouncer/cli/command_line.h"
#include "bouncer/cli/import_others.h"
#include "bouncer/cli/offline.h"
#include "bouncer/cli/progress_line.h"
#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/transfer/transfer_bench.h"

using namespace halley;
using namespace halley::cli;

namespace {

struct OthersBench {
  OthersBench() { config.data_dir = directory / "data"; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory / name).parent_path());
    std::ofstream(directory / name) << text;
  }
  CommandResult import(const std::string& line) const {
    const auto parsed = parse_command(*shell_words(line), {}, nullptr);
    REQUIRE(parsed);
    return run_foreign_import(config, *parsed);
  }
  CommandResult must_import(const std::string& line) const {
    const CommandResult result = import(line);
    INFO(result.error);
    REQUIRE(result.status == 0);
    return result;
  }
  // What `halley ...` answers on the files.
  CommandResult ask(const std::string& line) const {
    return run_offline(config, ControlRequest{.args = *shell_words(line), .input = {}});
  }
  std::string path(const char* name) const { return (directory / name).string(); }

  tests::Zone zone{"UTC0"};
  fakes::TempDirectory directory;
  Config config;
};

constexpr const char* kZncConfig = R"(<User kit>
  Nick = kit
  <Network Libera>
    Server = irc.libera.chat +6697
    <Chan #comet>
    </Chan>
  </Network>
  <Pass password>
    Hash = 2fcd04f343f9a587a0e611137300536d73582580ddfeaf19429a9a1b59a037f6
    Method = sha256
    Salt = salt!;1
  </Pass>
</User>
)";

}  // namespace

TEST_CASE("ZNC is taken over with its logs, and a second time nothing is added") {
  OthersBench bench;
  bench.write("znc/configs/znc.conf", kZncConfig);
  bench.write("znc/users/kit/moddata/log/libera/#comet/2024-01-31.log",
              "[12:34:56] <ann> a bright tail\n[12:34:56] <kit> where?\nnonsense\n");
  bench.write("znc/users/kit/networks/Libera/moddata/log/ann/2024-02-01.log", "[01:02:03] <ann> psst\n");
  const auto first = bench.must_import("import-znc " + bench.path("znc"));
  CHECK(first.json["users"] == 1);
  CHECK(first.json["networks"] == 1);
  CHECK(first.json["channels"] == 1);
  CHECK(first.json["lines"] == 3);
  CHECK(first.json["unreadable_lines"] == 1);
  CHECK_THAT(first.text, Catch::Contains("2024-01-31.log: 1 line was not understood"));
  const auto history = bench.ask("history kit libera '#comet'");
  CHECK(history.text == "--- 2024-01-31 ---\n12:34:56  <ann> a bright tail\n12:34:56  <kit> where?\n");
  CHECK(bench.ask("history kit libera ann").json["lines"][0]["text"] == "psst");
  CHECK(bench.ask("network show kit libera").json["url"] == "ircs://irc.libera.chat:6697");

  const auto again = bench.must_import("import-znc " + bench.path("znc/configs/znc.conf"));
  CHECK(again.json["users"] == 0);
  CHECK(again.json["lines"] == 0);
  CHECK(again.json["known_lines"] == 3);
  CHECK_THAT(again.text, Catch::Contains("user kit is there already"));
  CHECK(bench.import("import-znc " + bench.path("nowhere")).status == 1);
}

TEST_CASE("soju is taken over with the messages of its database and of its files") {
  OthersBench bench;
  {
    storage::prepare_sqlite();
    storage::Db db{bench.directory / "main.db", storage::Db::OpenMode::kReadWrite};
    db.exec(
        "CREATE TABLE User (id INTEGER PRIMARY KEY, username TEXT, password TEXT);"
        "CREATE TABLE Network (id INTEGER PRIMARY KEY, name TEXT, user INTEGER, addr TEXT, nick TEXT, "
        "username TEXT, "
        "realname TEXT, pass TEXT, sasl_mechanism TEXT, sasl_plain_username TEXT, sasl_plain_password TEXT);"
        "CREATE TABLE Channel (id INTEGER PRIMARY KEY, network INTEGER, name TEXT, key TEXT);"
        "CREATE TABLE MessageTarget (id INTEGER PRIMARY KEY, network INTEGER, target TEXT);"
        "CREATE TABLE Message (id INTEGER PRIMARY KEY, target INTEGER, raw TEXT, time TEXT, sender TEXT, "
        "text TEXT);"
        "INSERT INTO User VALUES (3, 'kit', '$2b$04$abcdefghijklmnopqrstuuP6/q0obcGuk6SuzN66aTZwHeRCLMzKO');"
        "INSERT INTO Network VALUES (5, 'libera', 3, 'irc.libera.chat', 'kit', NULL, NULL, NULL, NULL, NULL, "
        "NULL);"
        "INSERT INTO MessageTarget VALUES (1, 5, '#comet'), (2, 99, '#lost');"
        "INSERT INTO Message VALUES "
        "(1, 1, '@msgid=m1 :ann!a@h PRIVMSG #comet :of the database', '2024-01-31T12:34:56.789Z', 'ann', "
        "'x'),"
        "(2, 1, 'no message', '2024-01-31T12:34:57.000Z', 'ann', 'x'),"
        "(3, 1, ':ann!a@h JOIN #comet', 'never', 'ann', NULL);");
  }
  bench.write("logs/kit/libera/#comet/2024-01-30.log", "[11:11:11] <ann> of a file\n");
  const std::string line = "import-soju " + bench.path("main.db") + " --logs " + bench.path("logs");
  const auto first = bench.must_import(line);
  CHECK(first.json["lines"] == 2);
  CHECK(first.json["unreadable_lines"] == 2);
  CHECK_THAT(
      bench.ask("history kit libera '#comet'").text,
      Catch::Contains("11:11:11  <ann> of a file") && Catch::Contains("12:34:56  <ann> of the database"));
  CHECK(bench.must_import(line).json["lines"] == 0);
  CHECK(bench.import("import-soju " + bench.path("logs/kit/libera/#comet/2024-01-30.log")).status == 1);
}

TEST_CASE("The Lounge is taken over with its logs") {
  OthersBench bench;
  bench.write(
      "lounge/users/kit.json",
      R"({"password": "", "networks": [{"uuid": "u-1", "name": "libera", "host": "irc.libera.chat", "nick": "kit"}]})");
  std::filesystem::create_directories(bench.directory / "lounge/logs");
  {
    storage::prepare_sqlite();
    storage::Db db{bench.directory / "lounge/logs/kit.sqlite3", storage::Db::OpenMode::kReadWrite};
    db.exec(
        "CREATE TABLE messages (network TEXT, channel TEXT, time INTEGER, type TEXT, msg TEXT);"
        "INSERT INTO messages VALUES "
        "('u-1', '#comet', 1706704496789, 'message', "
        "'{\"from\":{\"nick\":\"ann\"},\"text\":\"hello\",\"hostmask\":\"a@h\"}'),"
        "('u-1', '#comet', 1706704496790, 'action', "
        "'{\"from\":{\"nick\":\"kit\"},\"text\":\"waves\",\"self\":true}'),"
        "('u-1', '#comet', 1706704496791, 'kick', "
        "'{\"from\":{\"nick\":\"ann\"},\"target\":{\"nick\":\"bob\"},\"text\":\"no\"}'),"
        "('u-1', '#comet', 1706704496792, 'whois', '{\"whois\":{}}'),"
        "('u-1', '#comet', 1706704496793, 'message', 'no json'),"
        "('u-2', '#comet', 1706704496793, 'message', "
        "'{\"from\":{\"nick\":\"ann\"},\"text\":\"elsewhere\"}');");
  }
  const auto first = bench.must_import("import-thelounge " + bench.path("lounge"));
  CHECK(first.json["lines"] == 3);
  CHECK(first.json["unreadable_lines"] == 1);
  CHECK(
      bench.ask("history kit libera '#comet'").text ==
      "--- 2024-01-31 ---\n12:34:56  <ann> hello\n12:34:56  * kit waves\n12:34:56  -- ann kicked bob (no)\n");
  CHECK(bench.must_import("import-thelounge " + bench.path("lounge")).json["lines"] == 0);
}

TEST_CASE("logs of a folder are added to a network that is there") {
  OthersBench bench;
  CHECK_THAT(bench.import("import-logs kit libera " + bench.path("logs")).error,
             Catch::Contains("no data of Halley's"));
  bench.write("znc/configs/znc.conf", kZncConfig);
  bench.must_import("import-znc " + bench.path("znc"));
  bench.write("logs/#comet.log", "--- Log opened Wed Jan 31 12:00:00 2024\n12:34 <@ann> of irssi\n");
  bench.write("logs/irc.libera.#comet.weechatlog", "2024-01-31 12:35:00\tann\tof WeeChat\n");
  CHECK(bench.must_import("import-logs kit libera " + bench.path("logs")).json["lines"] == 2);
  CHECK(bench.must_import("import-logs kit libera " + bench.path("logs")).json["known_lines"] == 2);
  CHECK(bench.ask("history kit libera '#comet'").json["lines"].size() == 2);
  CHECK(bench.import("import-logs kit nonet " + bench.path("logs")).status == 1);
  CHECK(bench.import("import-logs kit libera " + bench.path("nowhere")).status == 1);
}

TEST_CASE("how far long work has got is one line") {
  CHECK(ProgressLine::text({"lines read", 1234, 0}) == "lines read: 1234");
  CHECK(ProgressLine::text({"copied", 1, 2}) == "copied [###############...............]  50 %");
  CHECK(ProgressLine::text({"copied", 9, 2}) == "copied [##############################] 100 %");
  CHECK(ProgressLine::text({"copied", 0, 2}) == "copied [..............................]   0 %");
  CHECK(ProgressLine::text({"emptying the index", 0, 0}) == "emptying the index ...");
  // Shares of time are in microseconds, of decades.
  constexpr std::uint64_t kAge = 1'700'000'000'000'000'000;
  CHECK(ProgressLine::text({"copied", kAge / 2, kAge}) == "copied [###############...............]  50 %");
  CHECK(ProgressLine::text({"copied", kAge, kAge}) == "copied [##############################] 100 %");
  CHECK_FALSE(ProgressLine().shown());  // no terminal looks on
  CHECK_FALSE(ProgressLine().teller());
}
