// Exports as JSON lines: what comes back is what an SQLite export brings back, or nothing.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "storage/base/base64.h"
#include "storage/base/migrations.h"
#include "storage/base/sqlite.h"
#include "storage/open/json_lines.h"
#include "storage/open/json_tables.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

std::expected<ErrandReport, std::string> exported(TestStore& test, Errand errand) {
  std::optional<std::expected<ErrandReport, std::string>> answer;
  test.store().run_errand(std::move(errand), [&answer](auto result) { answer = std::move(result); });
  while (!answer) test.queue().run_one();
  return *answer;
}

ErrandReport must_export(TestStore& test, Errand::What what, const fs::path& file) {
  const auto made = exported(test, {.what = what, .file = file, .user = 1});
  if (!made) FAIL(made.error());
  return *made;
}

void put_file(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << bytes;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void put_lines(const fs::path& file, const std::vector<std::string>& lines) {
  std::ofstream{file, std::ios::binary} << fmt::format("{}\n", fmt::join(lines, "\n"));
}

// All that a user can have, and another user beside.
void fill(TestStore& test, const fs::path& directory) {
  NetworkRow network;
  network.id = 1;
  network.user = 1;
  network.name = "a";
  network.urls = "ircs://h";
  network.sealed_password = std::string("\0\xff sealed", 9);
  network.settings = {{"on-connect", "v1:sealed"}};
  REQUIRE(test.commit({PutUser{{.id = 1,
                                .name = "one",
                                .password_hash = "hash \"quoted\"",
                                .created_ms = 5,
                                .settings = {{"rules", "[1]"}, {"retention-days", "9"}}}},
                       PutUser{{.id = 2, .name = "two", .created_ms = 6}}, PutNetwork{network},
                       PutChannel{{1, "#c", "key"}}, PutChannel{{1, "#caf\xe9", ""}},
                       PutDevice{{.id = 1, .user = 1, .name = "phone", .token_hash = "t", .seen_ms = 2}},
                       PutSession{{.id = 1, .user = 1, .token_hash = "cookie"}}}));
  test.journal().append(BufferRecord{.id = 11, .user = 1, .network = 1, .name = "#c"});
  test.journal().append(BufferRecord{.id = 12, .user = 1, .network = 1, .name = "#caf\xe9"});
  test.journal().append(BufferRecord{.id = 13, .user = 2, .network = 0, .name = "#theirs"});
  REQUIRE(test.commit({PutBufferSettings{
      {.id = 11, .user = 1, .network = 1, .name = "#c", .settings = {{"retention", "30"}}}}}));
  test.journal().append(StateRecord{.user = 1, .network = 1, .device = 1, .kind = 1, .value = "1700"});
  test.journal().append(
      StateRecord{.user = 1, .kind = 2, .key = std::string_view("b\0\xfe", 3), .value = "4"});
  test.journal().append(StateRecord{.user = 1, .kind = 2, .key = "a", .value = "5"});
  test.journal().append(StateRecord{.user = 2, .kind = 2, .key = "a", .value = "6"});
  for (EventId i = 0; i < 3000; ++i) {
    Sample sample = said(kStart + i, "line " + std::to_string(i), i % 10 == 9 ? 2 : 1);
    sample.network = 1;
    sample.buffers = {11};
    if (i % 3 == 0) sample.buffers.push_back(12);
    if (i % 100 == 0) sample.buffers.clear();
    if (i % 7 == 0) sample.msgid = "msgid" + std::to_string(i);
    if (i % 11 == 0) sample.time_ms -= 86'400'000;
    if (i % 13 == 0) sample.tags = "+a=\\:;account=kit";
    if (i % 17 == 0) sample.line += " caf\xe9 \x02 \xe2\x98\x83";
    test.journal().append(sample.view());
  }
  std::string picture(700'001, '\0');  // several pieces
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<char>(i * 31 + i / 251);
  put_file(directory / "uploads" / "1" / "AAAA.png", picture);
  put_file(directory / "uploads" / "1" / "BBBB.txt", "");
  put_file(directory / "uploads" / "2" / "CCCC.txt", "theirs");
}

// Each row of a table as SQL would write it.
std::vector<std::string> rows_of(Db& db, const std::string& table, const std::string& without = {}) {
  std::vector<std::string> quoted;
  for (const std::string& column : columns_of(db, table))
    if (column != without) quoted.push_back("quote(" + column + ")");
  std::vector<std::string> rows;
  Statement select{db, fmt::format("SELECT {} FROM {} ORDER BY 1", fmt::join(quoted, " || ' ' || "), table)};
  while (select.step()) rows.emplace_back(select.text(0));
  return rows;
}

// Into a store of its own, where ids stay as they are, and out again as SQLite.
fs::path imported_and_exported(const fs::path& file, const fs::path& directory) {
  const auto imported = import_user({.directory = directory / "data"}, file, "one", {});
  if (!imported) FAIL(imported.error());
  CHECK_FALSE(fs::exists(directory / "data" / "halley.import"));
  TestStore test{directory / "data"};
  must_export(test, Errand::What::kExport, directory / "out.db");
  return directory / "out.db";
}

struct LinesBench {
  LinesBench() {
    fill(test, directory.path());
    must_export(test, Errand::What::kExportLines, lines);
  }
  // In a store of nobody's.
  std::string refused(const std::vector<std::string>& changed) const {
    const fakes::TempDirectory other;
    { const TestStore empty{other.path()}; }
    put_lines(other / "changed", changed);
    const auto imported = import_user({.directory = other.path()}, other / "changed", "one", {});
    if (imported) return "it was imported";
    CHECK_FALSE(fs::exists(other / "halley.import"));
    CHECK_FALSE(fs::exists(other / "uploads"));
    const TestStore after{other.path()};
    CHECK(after.loaded().users.empty());
    return imported.error();
  }
  // The number of the first line, from 1, that holds it.
  static std::size_t number_of(const std::vector<std::string>& all, std::string_view text) {
    const auto at = std::ranges::find_if(all, [text](const auto& line) { return line.contains(text); });
    REQUIRE(at != all.end());
    return static_cast<std::size_t>(at - all.begin()) + 1;
  }

  fakes::TempDirectory directory, elsewhere;
  fs::path lines = elsewhere / "one.jsonl";
  TestStore test{directory.path()};
};

}  // namespace

TEST_CASE("what an export as JSON lines brings back is what an SQLite export brings back") {
  LinesBench bench;
  const fs::path whole = bench.elsewhere / "one.db";
  const ErrandReport made = must_export(bench.test, Errand::What::kExport, whole);
  CHECK(made.events == 2700);
  CHECK(made.files == 2);
  const fakes::TempDirectory by_lines, by_sqlite;
  for (const auto& at : {by_lines.path(), by_sqlite.path()}) const TestStore empty{at / "data"};
  Db original{whole, Db::OpenMode::kReadOnly};
  Db lines{imported_and_exported(bench.lines, by_lines.path()), Db::OpenMode::kReadOnly};
  Db sqlite{imported_and_exported(whole, by_sqlite.path()), Db::OpenMode::kReadOnly};
  for (const std::string table : {"user", "network", "setting", "channel", "device", "buffer",
                                  "buffer_setting", "state", "event", "carried_file", "place", "moment"}) {
    INFO(table);
    // States keep their order; what it is counted from is the journal's.
    const std::string without = table == "state" ? "written" : table == "carried_file" ? "id" : "";
    const auto rows = rows_of(original, table, without);
    CHECK_FALSE(rows.empty());
    CHECK(rows_of(lines, table, without) == rows);
    CHECK(rows_of(lines, table) == rows_of(sqlite, table));
  }
}

TEST_CASE("JSON lines are each an object that programs can read, and nobody else may") {
  LinesBench bench;
  struct stat info {};
  REQUIRE(::stat(bench.lines.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(std::distance(fs::directory_iterator(bench.elsewhere.path()), {}) == 1);
  const auto lines = lines_of(bench.lines);
  std::size_t events = 0, pieces = 0;
  for (const std::string& line : lines) {
    CHECK(line.size() < 400'000);
    const auto row = nlohmann::json::parse(line);
    events += row.value("table", "") == "event" ? 1 : 0;
    pieces += row.contains("piece") ? 1 : 0;
  }
  CHECK(nlohmann::json::parse(lines[0]) ==
        nlohmann::json{{"halley", "export"}, {"format", 1}, {"schema", newest_version()}});
  CHECK(events == 2700);
  CHECK(pieces == 3);
  const auto row = nlohmann::json::parse(lines[LinesBench::number_of(lines, "line 3\"") - 1]);
  CHECK(row["buffers"] == nlohmann::json{11, 12});
  CHECK(row["line"] == ":nick!user@host PRIVMSG #comet :line 3");
  CHECK_THAT(
      exported(bench.test, {.what = Errand::What::kExportLines, .file = bench.lines, .user = 1}).error(),
      Catch::Contains("there already"));
  CHECK_FALSE(
      exported(bench.test, {.what = Errand::What::kExportLines, .file = bench.elsewhere / "x", .user = 77}));
  CHECK(std::distance(fs::directory_iterator(bench.elsewhere.path()), {}) == 1);
}

TEST_CASE("a line that is broken, unknown or cut off is named, and nothing is imported") {
  LinesBench bench;
  const auto lines = lines_of(bench.lines);
  const std::size_t event = LinesBench::number_of(lines, "line 3\""),
                    piece = LinesBench::number_of(lines, "\"piece\"");
  struct Wrong {
    std::size_t line;
    std::string text;
    std::string why;
  };
  const std::string row = lines[event - 1];
  const auto with = [&row](std::string_view from, std::string_view to) {
    std::string out = row;
    out.replace(out.find(from), from.size(), to);
    return out;
  };
  const std::vector<Wrong> wrongs{
      {1, R"({"halley":"export","format":2,"schema":11})", "a newer Halley wrote it"},
      {1, R"({"halley":"export","format":1,"schema":99})", "a newer Halley wrote it"},
      {1, R"({"halley":"export","format":1,"schema":3})", "of which version"},
      {1, R"({"hello":"world"})", "does not say that this is an export"},
      {event, row.substr(0, 40), "no JSON object"},
      {event, "", "no JSON object"},
      {event, "[1]", "no JSON object"},
      {event, R"({"x":1})", "neither a row"},
      {event, R"({"table":"session","id":1})", "no table \"session\""},
      {event, with("\"kind\"", "\"sort\""), "no \"sort\""},
      {event, with("\"kind\":2,", ""), "\"kind\" is missing"},
      {event, with("[11,12]", "[]"), "\"buffers\" has a value"},
      {event, with("[11,12]", "[11,-1]"), "\"buffers\" has a value"},
      {event, with("[11,12]", "[-1]"), "\"buffers\" has a value"},
      {event, with("[11,12]", "[4294967297]"), "\"buffers\" has a value"},
      {event, with("\"kind\":2", "\"kind\":[1]"), "\"kind\" has a value"},
      {event, with("\"kind\":2", "\"kind\":2.5"), "\"kind\" has a value"},
      {event, with("\"kind\":2", "\"kind\":28446744073709551615"), "\"kind\" has a value"},
      {event, with("\"kind\":2", "\"kind\":null"), "database refuses it"},
      {event, with("\"tags\":null", R"("tags":{"text64":"==="})"), "\"tags\" has a value"},
      {event + 1, row, "database refuses it"},  // the same again
      {piece, R"({"piece":"A"})", "no piece"},
      {piece, R"({"piece":"AAAA","x":1})", "no piece"},
      {event, R"({"piece":"AAAA"})", "a piece of no file"},
      {piece + 1, lines.back(), "is not whole"},
      {lines.size(), R"({"end":{"rows":1}})", "rows should stand before it"},
      {lines.size(), R"({"end":1})", "no end"},
  };
  for (const Wrong& wrong : wrongs) {
    auto changed = lines;
    changed[wrong.line - 1] = wrong.text;
    INFO(wrong.text.substr(0, 200));
    CHECK_THAT(bench.refused(changed), Catch::Contains(fmt::format("line {}: ", wrong.line)) &&
                                           Catch::Contains(wrong.why) &&
                                           Catch::Contains("nothing was imported"));
  }
  auto cut = lines;
  cut.pop_back();
  CHECK_THAT(bench.refused(cut),
             Catch::Contains(fmt::format("line {}: ", cut.size())) && Catch::Contains("cut off"));
  auto more = lines;
  more.push_back(row);
  CHECK_THAT(bench.refused(more),
             Catch::Contains(fmt::format("line {}: ", more.size())) && Catch::Contains("behind the end"));
  CHECK_THAT(bench.refused({"hello"}), Catch::Contains("no export of Halley's"));
}

TEST_CASE("a line of JSON has four MiB at most") {
  LinesBench bench;
  auto lines = lines_of(bench.lines);
  const std::string end = lines.back();
  lines.resize(2);
  lines[1].insert(1, std::string(kMostJsonLine + 1, ' '));
  CHECK_THAT(bench.refused(lines), Catch::Contains("line 2: it has more than 4194304 bytes"));
  // In the place of a whole one: the blanks alone are no fault.
  lines[1].erase(1, 100'000);
  CHECK_THAT(bench.refused(lines), Catch::Contains("line 2: ") && Catch::Contains("cut off"));

  Db db{bench.elsewhere / "large", Db::OpenMode::kReadWrite};
  db.exec("CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)");
  db.exec(fmt::format("INSERT INTO user VALUES (1, hex(zeroblob({})))", kMostJsonLine / 2));
  const std::atomic<bool> never{false};
  WorkWatch watch{never};
  put_file(bench.elsewhere / "out", "");
  const auto written = write_json_lines(db, bench.elsewhere / "out", watch);
  REQUIRE_FALSE(written);
  CHECK_THAT(written.error(), Catch::Contains("more than a line holds"));
}

TEST_CASE("each table is in an export as JSON lines, or known to be left out") {
  const fakes::TempDirectory directory;
  { const TestStore test{directory.path()}; }
  // Of the database itself, of all users, of logins, or following from the others.
  const std::vector<std::string> left_out{"meta",     "damage", "session", "ticket", "passkey",
                                          "place",    "usage",  "moment",  "late",   "doomed",
                                          "outdated", "scrub",  "search"};
  Db db{directory / "halley.db", Db::OpenMode::kReadOnly};
  Statement tables{db,
                   "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                   "AND name NOT LIKE 'search_%'"};
  while (tables.step()) {
    const std::string name{tables.text(0)};
    INFO(name);
    const bool written = std::ranges::find(kJsonTables, name) != kJsonTables.end();
    const bool known = std::ranges::find(left_out, name) != left_out.end();
    CHECK(written != known);
  }
}

TEST_CASE("base64 is what others write, and nothing else is read") {
  const std::vector<std::pair<std::string, std::string>> known{
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {std::string("\0\xff\xfe", 3), "AP/+"}};
  for (const auto& [bytes, text] : known) {
    std::string out;
    append_base64(bytes, out);
    CHECK(out == text);
    CHECK(bytes_of_base64(text) == bytes);
  }
  for (const char* none : {"A", "AA", "AAA", "A===", "AA=A", "AA==AAAA", "A-AA", "AAAA\n"}) {
    INFO(none);
    CHECK_FALSE(bytes_of_base64(none));
  }
}

}  // namespace halley::storage
