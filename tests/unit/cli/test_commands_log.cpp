#include <fmt/format.h>
#include <sys/stat.h>

#include "bouncer/cli/import_others.h"
#include "bouncer/cli/log_lines.h"
#include "bouncer/cli/offline.h"
#include "storage/base/sqlite.h"
#include "tests/unit/cli/log_bench.h"

using namespace halley;
using namespace halley::cli;
using tests::LogBench;

namespace {

std::string said_as(const std::string& line) {
  storage::Event event;
  event.line = line;
  return said_text(event);
}

}  // namespace

TEST_CASE("a line of the log is shown as people say it, and cannot change the terminal") {
  CHECK(said_as(":kit!k@h PRIVMSG #c :hello there") == "<kit> hello there");
  CHECK(said_as(":kit!k@h NOTICE #c :hello") == "-kit- hello");
  CHECK(said_as(":kit!k@h PRIVMSG #c :\x01"
                "ACTION waves\x01") == "* kit waves");
  CHECK(said_as(":ann!a@h JOIN #c") == "-- ann joined");
  CHECK(said_as(":ann!a@h PART #c :bye") == "-- ann left (bye)");
  CHECK(said_as(":ann!a@h QUIT :gone") == "-- ann quit (gone)");
  CHECK(said_as(":ann!a@h KICK #c bob :no") == "-- ann kicked bob (no)");
  CHECK(said_as(":ann!a@h NICK anna") == "-- ann is anna now");
  CHECK(said_as(":ann!a@h TOPIC #c :new") == "-- ann set the topic: new");
  CHECK(said_as(":srv MODE #c +o ann") == "-- srv MODE #c +o ann");
  CHECK(said_as(":kit!k@h PRIVMSG #c :\x02"
                "bold\x0f \x03"
                "4,12red\x03 \x04"
                "FF0000hex\x1b]0;title\x07 \xc2\x9b"
                "2J") == "<kit> bold red hex]0;title 2J");
  CHECK(said_as(":kit!k@h PRIVMSG #c :\xc2\x02\x9b"
                "2J") == "<kit> 2J");
}

TEST_CASE("history and search read well, and take bounds") {
  LogBench bench;
  bench.log(1, 1, ":ann!a@h PRIVMSG #comet :a bright tail");
  bench.log(2, 3, ":bob!b@h PRIVMSG #comet :no tail here");
  bench.log(90'000, 1, ":bob!b@h PRIVMSG #comet :the tail is gone");
  bench.log(90'001, 2, ":srv NOTICE kit :tail of the network");

  const auto all = bench.must("history kit libera '#COMET'");
  CHECK(all.text ==
        "--- 2023-11-14 ---\n22:13:21  <ann> a bright tail\n\n--- 2023-11-15 ---\n23:13:20  <bob> the tail "
        "is gone\n");
  CHECK(all.json["lines"].size() == 2);
  CHECK(all.json["lines"][0]["nick"] == "ann");
  CHECK(all.json["more"] == false);
  CHECK(bench.must("history kit libera '*'").json["lines"].size() == 1);
  CHECK(bench.must("history kit libera '#other'").text == "nothing was ever said in #other there");
  CHECK(bench.must("history kit libera '#comet' --before 2023-11-14").text ==
        "nothing was said there before that");
  const auto one = bench.must("history kit libera '#comet' --limit 1");
  CHECK(one.json["lines"][0]["text"] == "the tail is gone");
  const auto older = bench.must("history kit libera '#comet' --before 2023-11-15T23:13:20Z");
  CHECK(older.json["lines"].size() == 1);
  CHECK(bench.must("history kit libera '#comet' --after 2023-11-15T23:13:20Z").json["lines"].size() == 1);
  CHECK(bench.run("history kit libera '#comet' --after 2023-11-15 --before 2023-11-16").status == 2);
  CHECK(bench.run("history kit libera '#comet' --before yesterday").status == 2);
  CHECK(bench.run("history kit libera '#comet' --limit 1001").status == 2);
  CHECK(bench.run("history kit nowhere '#comet'").status == 1);
  CHECK(bench.run("history nobody libera '#comet'").status == 1);

  const auto found = bench.must("search kit tail");
  CHECK(found.json["lines"].size() == 4);
  CHECK(found.json["lines"][0]["text"] == "tail of the network");  // the newest first, for programs
  CHECK_THAT(found.text, Catch::StartsWith("2023-11-14 22:13:21Z  libera #comet  <ann> a bright tail\n"));
  CHECK(bench.must("search kit tail --network oftc").json["lines"].size() == 1);
  CHECK(bench.must("search kit tail --target '#comet'").json["lines"].size() == 3);
  CHECK(bench.must("search kit tail --from BOB").json["lines"].size() == 2);
  CHECK(bench.must("search kit tail --after 2023-11-15 --target '#comet'").json["lines"].size() == 1);
  CHECK(bench.must("search kit tail --before 2023-11-15").json["lines"].size() == 2);
  CHECK(bench.must("search kit tail --limit 1").json["more"] == true);
  CHECK(bench.must("search kit tail --target '#other'").text == "nothing was found");
  CHECK(bench.run("search kit ''").status == 2);

  // In band: one's own, and less at once.
  const Caller kit{1, false};
  CHECK(bench.must("history libera '#comet'", kit).json["lines"].size() == 2);
  CHECK(bench.must("search 'bright tail'", kit).json["lines"].size() == 1);
  CHECK(bench.run("search tail --limit 101", kit).status == 2);
  CHECK(bench.run("batch", kit).status == 1);
}

TEST_CASE("what history and search say of how to go on leads to exactly the next lines") {
  LogBench bench;
  // Of one second, of one millisecond, and one that came late: its id is behind, its time before all.
  for (int i = 1; i <= 9; ++i) bench.log(5, 1, fmt::format(":ann!a@h PRIVMSG #comet :tail {}", i), i * 400);
  bench.log(5, 1, ":ann!a@h PRIVMSG #comet :tail 0", 4000, -10);
  const auto texts_of = [](const nlohmann::json& lines) {
    std::vector<std::string> texts;
    for (const auto& line : lines) texts.push_back(line["text"]);
    return texts;
  };
  // The words behind the command that the answer names, until it names none.
  const auto walk = [&](const std::string& command, std::string more) {
    std::vector<std::string> all;
    for (int page = 0; page < 20; ++page) {
      const auto answer = bench.must(command + " " + more);
      const auto texts = texts_of(answer.json["lines"]);
      all.insert(more.starts_with("--after") ? all.end() : all.begin(), texts.begin(), texts.end());
      const std::size_t at = answer.text.find("\nThere is more: ");
      CHECK(answer.json["more"] == (at != std::string::npos));
      if (at == std::string::npos) break;
      more = answer.text.substr(at + 16);
      CHECK_THAT(more,
                 Catch::Contains(std::string(answer.json[more.starts_with("--after") ? "after" : "before"])));
    }
    return all;
  };
  std::vector<std::string> whole;
  for (int i = 0; i <= 9; ++i) whole.push_back(fmt::format("tail {}", i));
  const std::string limit = GENERATE("1", "2", "3");
  const std::string history = "history kit libera '#comet' --limit " + limit;
  CHECK(walk(history, "") == whole);
  CHECK(walk(history, "--before 2023-11-16") == whole);
  CHECK(walk(history, "--before timestamp=2023-11-16T00:00:00.000Z") == whole);
  CHECK(walk(history, "--after 2023-11-14") == whole);
  const std::string first =
      bench.must("history kit libera '#comet' --after 2023-11-14 --limit 1").json["after"];
  CHECK(walk(history, "--after msgid=" + first) == std::vector(whole.begin() + 1, whole.end()));
  CHECK(bench.run(history + " --before msgid=nobodys").status == 1);
  CHECK(bench.run(history + " --before nobodys").status == 2);
  // Searches find what came late first: the newest id. Pages have the newest line first.
  const auto found = [&](std::string more) {
    std::vector<std::string> all;
    for (int page = 0; page < 20; ++page) {
      const auto answer = bench.must("search kit tail --limit " + limit + " " + more);
      for (const std::string& text : texts_of(answer.json["lines"])) all.push_back(text);
      const std::size_t at = answer.text.find("\nThere is more: ");
      if (at == std::string::npos) break;
      more = answer.text.substr(at + 16);
    }
    std::ranges::sort(all);
    return all;
  };
  CHECK(found("") == whole);
  CHECK(found("--before 2023-11-14T22:13:25.002Z").size() == 5);
  CHECK(bench.run("search kit tail --before msgid=nobodys").status == 2);
}

TEST_CASE("a backup and an export are made by the operator, and never over another file") {
  LogBench bench;
  bench.log(1, 1, ":ann!a@h PRIVMSG #comet :a bright tail");
  const std::string file = (bench.directory / "copy").string();
  const auto made = bench.must("backup " + file);
  CHECK(made.json["lines"] == 1);
  CHECK_THAT(made.text, Catch::Contains("halley.key"));
  CHECK_THAT(bench.run("backup " + file).error, Catch::Contains("there already"));
  CHECK_THAT(bench.run("backup /nowhere/at/all").error, Catch::Contains("/nowhere/at/all"));
  const std::string own = (bench.directory / "kit.halley").string();
  CHECK(bench.must("export kit " + own).json["lines"] == 1);
  CHECK(bench.run("export nobody " + own + "2").status == 1);
  struct stat info {};
  REQUIRE(::stat(own.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(bench.run("backup /tmp/x", {1, true}).status == 1);
  CHECK(bench.run("export kit /tmp/x", {1, true}).status == 1);
}

TEST_CASE("an export is SQLite, JSON lines or a folder of text, each made by its own name") {
  LogBench bench;
  bench.log(1, 1, ":ann!a@h PRIVMSG #comet :a bright tail");
  bench.log(2, 3, ":bob!b@h PRIVMSG #Comet :no tail here");
  const std::string lines = (bench.directory / "kit.jsonl").string(),
                    text = (bench.directory / "kit-logs").string();
  CHECK(bench.must("export kit " + lines + " --format jsonl").json["lines"] == 2);
  CHECK(bench.run("export kit " + lines + " --format jsonl").status == 1);
  CHECK_THAT(bench.must("export kit " + text + " format=text").text,
             Catch::Contains("for reading") && Catch::Contains("import-logs"));
  CHECK_THAT(bench.run("export kit " + text + " --format text").error, Catch::Contains("there already"));
  const auto unknown = bench.run("export kit /tmp/x --format xml");
  CHECK(unknown.status == 2);
  CHECK_THAT(unknown.error, Catch::Contains("sqlite, jsonl and text"));
  std::vector<std::string> below;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(text)) {
    if (entry.is_directory()) continue;
    below.push_back(std::filesystem::relative(entry.path().parent_path(), text).string());
  }
  std::ranges::sort(below);
  CHECK(below == std::vector<std::string>{"libera/#comet", "oftc/#comet"});
  CHECK_FALSE(std::filesystem::exists(text + ".part"));
}

TEST_CASE("JSON lines are imported as an export is, known by what is in them; text as logs") {
  LogBench bench;
  bench.log(1, 1, ":ann!a@h PRIVMSG #comet :a bright tail");
  bench.log(2, 1,
            ":ann!a@h PRIVMSG #comet :\x01"
            "ACTION waves\x01");
  const std::string lines = (bench.directory / "an odd name.db").string(),
                    text = (bench.directory / "kit-logs").string();
  bench.must("export kit '" + lines + "' --format jsonl");
  bench.must("export kit " + text + " --format text");
  const fakes::TempDirectory elsewhere;
  Config config;
  config.data_dir = elsewhere / "data";
  const auto imported = run_import(config, "kitty", lines);
  INFO(imported.error);
  REQUIRE(imported.status == 0);
  CHECK(imported.json["lines"] == 2);
  CHECK(imported.json["networks"] == 2);
  CHECK_THAT(run_offline(config, {{"history", "kitty", "libera", "#comet"}, ""}).text,
             Catch::Contains("<ann> a bright tail"));
  CHECK_THAT(run_import(config, "kitten", text + "/libera/#comet").error, Catch::Contains("no file"));
  CHECK(run_offline(config, {{"network", "add", "kitty", "old", "ircs://h"}, ""}).status == 0);
  const auto parsed = parse_command({"import-logs", "kitty", "old", text + "/libera"}, {}, nullptr);
  REQUIRE(parsed);
  CHECK(run_foreign_import(config, *parsed).json["lines"] == 2);
  CHECK_THAT(run_offline(config, {{"history", "kitty", "old", "#comet"}, ""}).text,
             Catch::Contains("<ann> a bright tail") && Catch::Contains("* ann waves"));

  // A broken one leaves no store where there was none.
  std::filesystem::resize_file(lines, std::filesystem::file_size(lines) - 5);
  config.data_dir = elsewhere / "none";
  CHECK_THAT(run_import(config, "kitty", lines).error,
             Catch::Contains("line ") && Catch::Contains("nothing was imported"));
  CHECK_FALSE(std::filesystem::exists(config.data_dir));
}

TEST_CASE("what an export as text has is known when it is imported where it came from") {
  LogBench bench;
  // Hosts and milliseconds, which text leaves out; the same twice in a second; a line of two networks.
  bench.log(1, 1, ":ann!a@h PRIVMSG #comet :a bright tail", 7);
  bench.log(1, 1, ":ann!a@h PRIVMSG #comet :a bright tail", 8);
  bench.log(1, 1, ":bob!b@h NOTICE #comet :mind it", 400'000);
  bench.log(2, 1,
            ":bob!b@h PRIVMSG #comet :\x01"
            "ACTION waves\x01");
  bench.log(3, 3, ":bob!b@h PRIVMSG #comet :elsewhere");
  bench.log(4, 1,
            ":bob!b@h PRIVMSG #comet :\x01"
            "VERSION\x01");  // which text logs do not have
  const std::string lines = (bench.directory / "kit.jsonl").string(),
                    text = (bench.directory / "logs").string();
  bench.must("export kit " + lines + " --format jsonl");
  const auto exported = bench.must("export kit " + text + " --format text");
  CHECK(exported.json["lines"] == 5);
  CHECK_THAT(exported.text, Catch::Contains(": 5 lines, for reading"));
  const fakes::TempDirectory elsewhere;
  Config config;
  config.data_dir = elsewhere / "data";
  REQUIRE(run_import(config, "kitty", lines).status == 0);
  const auto import_from = [&](const std::string& folder) {
    const auto parsed = parse_command({"import-logs", "kitty", "libera", folder}, {}, nullptr);
    REQUIRE(parsed);
    return run_foreign_import(config, *parsed);
  };
  const auto second = import_from(text + "/libera");
  CHECK(second.json["lines"] == 0);
  CHECK(second.json["known_lines"] == 4);
  CHECK(run_offline(config, {{"history", "kitty", "libera", "#comet"}, ""}).json["lines"].size() == 5);
  // What is there once less often is taken once.
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(text + "/libera"))
    if (entry.is_regular_file()) files.push_back(entry.path());
  REQUIRE(files.size() == 1);
  std::string all;
  {
    std::ifstream in(files[0]);
    all.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::ofstream(files[0]) << all.substr(0, all.find('\n') + 1) << all;
  const auto third = import_from(text + "/libera");
  CHECK(third.json["lines"] == 1);
  CHECK(third.json["known_lines"] == 4);
  CHECK(import_from(text + "/libera").json["lines"] == 0);
}

TEST_CASE("an import says whose tokens and certificates it could not give") {
  LogBench bench;
  const std::string token = bench.must("device add kit phone").json["token"];
  bench.must("device add kit laptop --certificate " + std::string(64, 'a'));
  bench.must("device add kit tablet");
  const std::string lines = (bench.directory / "kit.jsonl").string();
  bench.must("export kit " + lines + " --format jsonl");
  const fakes::TempDirectory elsewhere;
  Config config;
  config.data_dir = elsewhere / "data";
  const auto first = run_import(config, "kit", lines);
  REQUIRE(first.status == 0);
  CHECK(first.json["devices_lost"].empty());
  REQUIRE(run_offline(config, {{"device", "revoke", "kit", "tablet"}, ""}).status == 0);
  const auto second = run_import(config, "kit2", lines);
  REQUIRE(second.status == 0);
  CHECK(second.json["devices_lost"] ==
        nlohmann::json::array(
            {{{"device", "phone"}, {"lost", "token"}}, {{"device", "laptop"}, {"lost", "certificate"}}}));
  CHECK_THAT(second.text, Catch::Contains("device phone has no token here") &&
                              Catch::Contains("halley device add kit2 phone gives it one") &&
                              Catch::Contains("device laptop has no certificate here") &&
                              !Catch::Contains("tablet"));
}

TEST_CASE("a damaged index is what doctor says, and reindex mends") {
  LogBench bench;
  // In one segment of it, or in several.
  const int apart = GENERATE(300, 100);
  for (int i = 1; i < 300; ++i) {
    bench.log(i, 1, ":ann!a@h PRIVMSG #comet :tail number" + std::to_string(i));
    if (i % apart == 0) bench.must("search kit number7");
  }
  CHECK(bench.must("search kit number7").json["lines"].size() == 1);
  CHECK_THAT(bench.must("doctor").text, Catch::Contains("ok    index: whole"));
  storage::Db{bench.directory / "halley.db", storage::Db::OpenMode::kReadWrite}.exec(
      "UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10");
  const auto ill = bench.run("doctor");
  CHECK(ill.status == 1);
  CHECK_THAT(ill.text, Catch::Contains("BAD   index: damaged") &&
                           Catch::Contains("-> have it built anew from the log: halley reindex") &&
                           Catch::Contains("ok    database: whole"));
  CHECK(bench.run("reindex", {1, false}).status != 0);  // administrators' alone
  CHECK(bench.must("reindex").json["lines"] == 299);
  CHECK_THAT(bench.must("doctor").text, Catch::Contains("ok    index: whole"));
  CHECK(bench.must("search kit number7").json["lines"].size() == 1);
}

TEST_CASE("doctor finds what is wrong, and says how to mend it") {
  LogBench bench;
  const auto well = bench.must("doctor");
  INFO(well.text);
  CHECK(well.json["well"] == true);
  CHECK_THAT(well.text, Catch::Contains("database: whole") && Catch::Contains("secrets: 0 can be opened"));

  ::chmod((bench.directory / "halley.db").c_str(), 0666);
  std::ofstream(bench.directory / "tls-cert.pem") << "nonsense";
  storage::NetworkRow row = *bench.accounts->find_network(1, "oftc");
  Sealer::Key other{9};
  bench.accounts.reset();
  bench.open.loaded.users.push_back({.id = 1, .name = "kit"});
  row.sealed_password = Sealer(other, bench.random).seal(seal_purpose::kPassword, "hunter2");
  bench.open.loaded.networks.push_back(row);
  bench.accounts.emplace(Accounts::Parts{.store = *bench.open.store,
                                         .clock = bench.clock,
                                         .random = bench.random,
                                         .sealer = bench.sealer,
                                         .config = bench.config},
                         bench.open.loaded);
  const auto ill = bench.run("doctor");
  CHECK(ill.status == 1);
  CHECK_THAT(ill.error, Catch::Contains("3 things are to be put right"));
  CHECK_THAT(ill.text, Catch::Contains("chmod 600") && Catch::Contains("no certificate") &&
                           Catch::Contains("halley network set kit oftc with pass again"));
}

TEST_CASE("a search has 500 bytes at most, and looks for a nick as far back as it must") {
  LogBench bench;
  bench.log(1, 1, ":carl!c@h PRIVMSG #comet :tail");
  for (int i = 2; i < 50; ++i) bench.log(i, 1, ":bob!b@h PRIVMSG #comet :tail");
  CHECK(bench.run("search kit " + std::string(501, 'x')).status == 2);
  CHECK(bench.must("search kit " + std::string(500, 'x')).text == "nothing was found");
  CHECK(bench.must("search kit tail --from carl --limit 1").json["lines"].size() == 1);
  for (int i = 50; i < 60; ++i) bench.log(i, 1, ":bob!b@h PRIVMSG #comet :tail");
  const auto late = bench.must("search kit tail --from carl --limit 1");
  CHECK(late.json["lines"].size() == 1);
  CHECK(late.json["more"] == false);
}

TEST_CASE("what a start found lost is in status until an administrator has seen it") {
  LogBench bench;
  bench.damage.emplace(*bench.open.store,
                       std::vector<storage::DamageRow>{
                           {.id = 1, .found_ms = 1'700'000'000'000, .what = "a torn end", .told = true}});
  CHECK_THAT(bench.must("status").text, Catch::StartsWith("DAMAGE, as the start of 2023-11-14") &&
                                            Catch::Contains("a torn end") &&
                                            Catch::Contains("status --acknowledge"));
  CHECK(bench.must("status").json["damage"].size() == 1);
  const Caller kit{1, false};
  CHECK_FALSE(bench.must("status", kit).json.contains("damage"));
  CHECK(bench.run("status --acknowledge", kit).status == 1);
  CHECK_THAT(bench.must("status --acknowledge").text,
             Catch::Contains("a torn end") && Catch::Contains("not shown again"));
  CHECK_THAT(bench.must("status").text, !Catch::Contains("DAMAGE"));
  CHECK(bench.must("status --acknowledge").json["damage"].empty());
}
