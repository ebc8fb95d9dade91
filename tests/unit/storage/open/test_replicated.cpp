#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/sqlite.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {

TEST_CASE("a replicated store leaves its write-ahead log to the program that replicates it") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  test.replicate();
  const auto log_bytes = [&] { return std::filesystem::file_size(directory / "halley.db-wal"); };
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}, PutUser{{.id = 2, .name = "v"}}}));
  test.journal().append(said(kStart, "hello").view());
  REQUIRE(test.log(log_of(1)));
  const auto before = log_bytes();
  REQUIRE(before > 0);
  // What is removed is removed, but the log, which would be cut, is not ours to cut.
  REQUIRE(test.commit({RemoveUser{2}}));
  std::optional<bool> settled;
  test.store().run_errand({.what = Errand::What::kSettle},
                          [&settled](const auto& done) { settled = done.has_value(); });
  while (!settled) test.queue().run_one();
  CHECK(*settled);
  CHECK(log_bytes() >= before);
  test.close();
  CHECK(log_bytes() >= before);

  // The other program's turn, which finds nobody in its way; then Halley goes on.
  {
    Db replicator{directory / "halley.db", Db::OpenMode::kReadWrite};
    REQUIRE(replicator.number("PRAGMA user_version") > 0);  // SQLite looks for the log at the first question
    CHECK(replicator.empty_log());
    CHECK(log_bytes() == 0);
    test.open();
    test.journal().append(said(kStart + 1, "again").view());
    REQUIRE(test.log(log_of(1)));
    CHECK(log_bytes() > 0);
    CHECK(replicator.empty_log());
  }
  CHECK(ids_of(*test.log(log_of(1))) == std::vector<EventId>{kStart, kStart + 1});
}

}  // namespace halley::storage
