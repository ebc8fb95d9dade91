#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "storage/api/log_import.h"
#include "storage/base/sqlite.h"
#include "tests/unit/storage/write/removal_bench.h"

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

TEST_CASE("so do imports and a rebuilt index, which open the files of a replicated store by themselves") {
  const fakes::TempDirectory directory, elsewhere;
  const std::filesystem::path file = elsewhere / "one.db";
  TestStore test{directory.path()};
  test.replicate();
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}, PutNetwork{network_of(3, 1, "a")}}));
  test.journal().append(BufferRecord{.id = 7, .user = 1, .network = 3, .name = "#comet"});
  test.journal().append(said(kStart, "hello").view());
  REQUIRE(test.log(log_of(1)));
  std::optional<bool> exported;
  test.store().run_errand({Errand::What::kExport, file, 1},
                          [&exported](const auto& done) { exported = done.has_value(); });
  while (!exported) test.queue().run_one();
  REQUIRE(*exported);
  test.close();

  const StoreOptions options{.directory = directory.path(), .replicated = true};
  auto before = std::filesystem::file_size(directory / "halley.db-wal");
  // Each leaves more in the log than there was, and the database as it was.
  const auto database = std::filesystem::last_write_time(directory / "halley.db");
  const auto check_left = [&] {
    const auto now = std::filesystem::file_size(directory / "halley.db-wal");
    CHECK(now > before);
    CHECK(std::filesystem::last_write_time(directory / "halley.db") == database);
    before = now;
  };
  REQUIRE(import_user(options, file, "two", {}));
  check_left();
  {
    const auto import = LogImport::open(options, static_cast<std::int64_t>(kStart / 1000));
    REQUIRE(import);
    Sample sample = said(1, "long ago");
    sample.time_ms = 1'500'000'000'000;
    REQUIRE((*import)->add(sample.view()));
    REQUIRE((*import)->finish());
  }
  check_left();
  test.open();
  CHECK(test.loaded().users.size() == 2);
}

}  // namespace halley::storage
