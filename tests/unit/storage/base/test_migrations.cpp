#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "storage/base/migrations.h"
#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream stream{std::string{HALLEY_SOURCE_DIR} + "/tests/unit/storage/base/" + file};
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Tables and indices, but for the full-text index (derived, of no version) and SQLite's own.
std::string schema_of(const std::filesystem::path& file) {
  Db db{file, Db::OpenMode::kReadOnly};
  return db.text(
      "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql NOT NULL "
      "AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite_%' AND name <> 'late' ORDER BY name)");
}

// The only state of a kind: its place, key and value.
std::string state_of(const Loaded& loaded, std::uint16_t kind) {
  std::string found;
  for (const StateRow& row : loaded.states) {
    if (row.kind != kind) continue;
    found += std::to_string(row.user) + '/' + std::to_string(row.network) + '/' + std::to_string(row.device) +
             row.key + ' ' + row.value;
  }
  return found;
}

// A journal as format 1 wrote it: the frozen ring behind a header page.
void lay_frozen_journal(const std::filesystem::path& file) {
  constexpr std::size_t kHeaderPage = 4096, kRing = 128 * 1024;
  std::string bytes(kHeaderPage + kRing, '\0');
  const std::string header{"Halley\r\n\1\0\0\0\0\x10\0\0\0\0\2\0\0\0\0\0", 24};
  bytes.replace(0, header.size(), header);
  std::size_t at = kHeaderPage;
  std::stringstream lines{text_of("../journal/frozen_version_1.hex")};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    for (std::size_t digit = 0; digit + 1 < line.size(); digit += 2)
      bytes[at++] = static_cast<char>(std::stoi(line.substr(digit, 2), nullptr, 16));
  }
  std::ofstream{file, std::ios::binary} << bytes;
}

}  // namespace

TEST_CASE("a database of version 1 is taken to the newest version with all that is in it") {
  const fakes::TempDirectory directory;
  const auto file = directory / "halley.db";
  const std::string frozen = text_of("frozen_version_1.sql");
  REQUIRE(frozen.size() > 1000);
  Db{file, Db::OpenMode::kReadWrite}.exec(frozen);
  REQUIRE(Db(file, Db::OpenMode::kReadOnly).number("PRAGMA user_version") == 1);

  TestStore test{directory.path()};
  const Loaded& loaded = test.loaded();
  CHECK(loaded.epoch == "0123456789abcdef");
  REQUIRE(loaded.users.size() == 2);
  CHECK((loaded.users[0].name == "edmond" && loaded.users[0].admin));
  REQUIRE(loaded.networks.size() == 1);
  CHECK(loaded.networks[0].sealed_password == std::string{"\0sealed", 7});
  REQUIRE(loaded.channels.size() == 1);
  REQUIRE(loaded.devices.size() == 1);
  REQUIRE(loaded.buffers.size() == 2);
  REQUIRE(loaded.states.size() == 2);
  CHECK(state_of(loaded, 1) == "1/5/3 1700000000000000");
  CHECK(state_of(loaded, 2) == "1/0/0tab 4 ok");
  REQUIRE(loaded.sessions.size() == 1);
  CHECK((loaded.last_user == 2 && loaded.last_network == 5 && loaded.last_buffer == 12));
  CHECK(loaded.last_event == kStart + 2000);

  const auto page = test.log(log_of(1));
  REQUIRE(page);
  REQUIRE(page->events.size() == 3);
  CHECK(page->events[0].line == ":a!b@c PRIVMSG #comet :hello comet");
  CHECK(page->events[0].time_ms == static_cast<std::int64_t>(kStart / 1000) + 15);
  CHECK(std::vector<BufferId>(page->events[1].buffers.begin(), page->events[1].buffers.end()) ==
        std::vector<BufferId>{11, 12});
  CHECK(page->events[2].msgid == "netmsgid");
  SearchQuery search;
  search.user = 1;
  search.text = "comet";
  CHECK(test.search(search)->events.size() == 1);
  HistoryQuery history;
  history.user = 1;
  history.buffer = 12;
  history.what = HistoryQuery::What::kAfter;
  history.a.by = Bound::By::kTime;
  history.a.time_ms = static_cast<std::int64_t>(kStart / 1000) - 2;
  CHECK(ids_of(*test.history(history)) == std::vector<EventId>{kStart + 2000, kStart + 1000});
  test.close();
  CHECK(Db(file, Db::OpenMode::kReadOnly).number("PRAGMA user_version") == newest_version());
}

TEST_CASE("an old database, upgraded, has the schema of a new one") {
  const fakes::TempDirectory fresh, old;
  Db{old / "halley.db", Db::OpenMode::kReadWrite}.exec(text_of("frozen_version_1.sql"));
  { TestStore test{fresh.path()}; }
  { TestStore test{old.path()}; }
  CHECK(schema_of(fresh / "halley.db") == schema_of(old / "halley.db"));
}

TEST_CASE("a journal of format 1, with all that is in it, is taken over with its database") {
  const fakes::TempDirectory directory;
  Db{directory / "halley.db", Db::OpenMode::kReadWrite}.exec(text_of("frozen_version_1.sql"));
  lay_frozen_journal(directory / "halley.journal");
  TestStore test{directory.path()};
  const auto page = test.log(log_of(1));
  REQUIRE(page);
  REQUIRE(page->events.size() == 4);
  CHECK(page->events[3].line == ":a!b@c PRIVMSG #t :still in the journal");
  CHECK(page->events[3].msgid == "frozenmsgid");
  CHECK(test.loaded().buffers.size() == 3);
  CHECK(test.loaded().last_event == kStart + 6000);  // given to a device that is no more
  CHECK(state_of(test.loaded(), 1) == "1/5/3 1700000000005000");
  CHECK(state_of(test.loaded(), 2) == "1/0/0tab 4 ok1/0/0tab-2 1 1/0/0tab-1 9 ");
  // What is written from now on an older Halley would not understand: the file says so.
  std::ifstream stream{directory / "halley.journal", std::ios::binary};
  stream.seekg(8);
  CHECK(stream.get() == 2);
  test.journal().append(StateRecord{.user = 1, .kind = 2, .key = "tab-2", .value = "2 "});
  test.reopen();
  CHECK(state_of(test.loaded(), 2) == "1/0/0tab 4 ok1/0/0tab-1 9 1/0/0tab-2 2 ");
}

TEST_CASE("a step that cannot be finished leaves the version before it, whole") {
  const fakes::TempDirectory directory;
  const auto file = directory / "halley.db";
  Db db{file, Db::OpenMode::kReadWrite};
  db.exec(text_of("frozen_version_1.sql"));
  db.exec("DROP TABLE command; CREATE TABLE command (user, client, seq)");  // fails behind the positions
  CHECK_THROWS_AS(migrate(db, file), SqliteError);
  CHECK(db.number("PRAGMA user_version") == 1);
  CHECK(db.number("SELECT count(*) FROM position") == 1);
  CHECK(db.number("SELECT count(*) FROM sqlite_schema WHERE name = 'state'") == 0);
}

TEST_CASE("a migration that cannot be finished leaves the database as it was") {
  const fakes::TempDirectory directory;
  const auto file = directory / "halley.db";
  Db db{file, Db::OpenMode::kReadWrite};
  db.exec("PRAGMA application_id = 1214344313; CREATE TABLE meta (in_the_way)");
  CHECK_THROWS_AS(migrate(db, file), SqliteError);
  CHECK(db.number("PRAGMA user_version") == 0);
  CHECK(db.number("SELECT count(*) FROM sqlite_schema") == 1);
}

}  // namespace halley::storage
