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
  Db db{file, Db::Mode::kReadOnly};
  return db.text(
      "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE sql NOT NULL "
      "AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite_%' AND name <> 'late' ORDER BY name)");
}

}  // namespace

TEST_CASE("a database of version 1 is taken to the newest version with all that is in it") {
  const fakes::TempDirectory directory;
  const auto file = directory / "halley.db";
  const std::string frozen = text_of("frozen_version_1.sql");
  REQUIRE(frozen.size() > 1000);
  Db{file, Db::Mode::kReadWrite}.exec(frozen);
  REQUIRE(Db(file, Db::Mode::kReadOnly).number("PRAGMA user_version") == 1);

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
  REQUIRE(loaded.positions.size() == 1);
  REQUIRE(loaded.sessions.size() == 1);
  REQUIRE(loaded.commands.size() == 1);
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
  test.close();
  CHECK(Db(file, Db::Mode::kReadOnly).number("PRAGMA user_version") == newest_version());
}

TEST_CASE("an old database, upgraded, has the schema of a new one") {
  const fakes::TempDirectory fresh, old;
  Db{old / "halley.db", Db::Mode::kReadWrite}.exec(text_of("frozen_version_1.sql"));
  { TestStore test{fresh.path()}; }
  { TestStore test{old.path()}; }
  CHECK(schema_of(fresh / "halley.db") == schema_of(old / "halley.db"));
}

TEST_CASE("a migration that cannot be finished leaves the database as it was") {
  const fakes::TempDirectory directory;
  const auto file = directory / "halley.db";
  Db db{file, Db::Mode::kReadWrite};
  db.exec("PRAGMA application_id = 1214344313; CREATE TABLE meta (in_the_way)");
  CHECK_THROWS_AS(migrate(db, file), SqliteError);
  CHECK(db.number("PRAGMA user_version") == 0);
  CHECK(db.number("SELECT count(*) FROM sqlite_schema") == 1);
}

}  // namespace halley::storage
