// What starts found lost or damaged, and how long it is remembered.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/sqlite.h"
#include "storage/open/start_check.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDbPage = 4096;
constexpr std::size_t kWalHeader = 32, kWalFrame = 24 + kDbPage;

// Lines, four of them in each transaction of the database, and what a power cut would have left then.
class Torn {
 public:
  // `bytes` of text in each line.
  explicit Torn(std::size_t lines, std::size_t bytes = 10, std::size_t ring = kRing) {
    TestStore test{directory_.path() / "data", ring};
    for (EventId id = kStart; id < kStart + lines; ++id) {
      test.journal().append(said(id, std::string(bytes, 'x')).view());
      if (id % 4 == 3) REQUIRE(test.commit({PutUser{UserRow{.id = 1, .name = "ann" + std::to_string(id)}}}));
    }
    fs::copy(directory_.path() / "data", cut());
    wal_bytes = fs::file_size(wal());
  }

  fs::path cut() const { return directory_.path() / "cut"; }
  fs::path wal() const { return cut() / "halley.db-wal"; }
  fs::path db() const { return cut() / "halley.db"; }
  std::size_t wal_bytes = 0;

  static constexpr std::size_t kRing = 256 * 1024;

 private:
  const fakes::TempDirectory directory_;
};

void overwrite(const fs::path& file, std::size_t at, const std::string& bytes) {
  std::fstream out{file, std::ios::in | std::ios::out | std::ios::binary};
  out.seekp(static_cast<std::streamoff>(at)).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Tears the write-ahead log in one of the ways in which disks do.
void tear(const Torn& torn, int how) {
  const std::size_t middle = kWalHeader + (torn.wal_bytes - kWalHeader) / kWalFrame / 2 * kWalFrame;
  switch (how) {
    case 0:  // cut, in the middle of a frame
      return fs::resize_file(torn.wal(), middle + 100);
    case 1:  // a byte of a frame is another
      return overwrite(torn.wal(), middle + 1000, "\xA5");
    case 2:  // zeros
      return overwrite(torn.wal(), 0, std::string(torn.wal_bytes, '\0'));
    default:
      fs::remove(torn.wal());
  }
}

std::size_t lines_in(TestStore& test) {
  LogQuery query = log_of(1);
  query.max_bytes = std::size_t{16} << 20;
  const auto page = test.log(query);
  REQUIRE(page);
  return page->events.size();
}

// What a check of the file tells first.
std::string found_in(const fs::path& file, StartCheck::Limits limits = {}) {
  std::mutex mutex;
  std::condition_variable told;
  std::optional<std::string> found;
  const auto tell = [&](const std::string& what) {
    const std::lock_guard lock{mutex};
    found = what;
    told.notify_one();
  };
  const StartCheck check{file, limits, {.damage = tell, .unchecked = tell}};
  std::unique_lock lock{mutex};
  REQUIRE(told.wait_for(lock, std::chrono::seconds{60}, [&found] { return found.has_value(); }));
  return *found;
}

// A page of this table that has no others below it.
std::size_t leaf_of(const fs::path& file, const std::string& table) {
  Db db{file, Db::OpenMode::kReadOnly};
  const auto root = static_cast<std::size_t>(
      db.number(("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'").c_str()));
  std::ifstream in{file, std::ios::binary};
  std::string page(kDbPage, '\0');
  in.seekg(static_cast<std::streamoff>((root - 1) * kDbPage)).read(page.data(), kDbPage);
  const auto byte = [&page](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(page[at]));
  };
  REQUIRE(byte(0) == 2);  // an index's inner page: its rows' first cell names a leaf
  const std::size_t cell = byte(12) << 8 | byte(13);
  return (byte(cell) << 24 | byte(cell + 1) << 16 | byte(cell + 2) << 8 | byte(cell + 3)) - 1;
}

}  // namespace

TEST_CASE("of what starts found lost the last sixteen are remembered") {
  const fakes::TempDirectory directory;
  {
    TestStore test{directory.path()};
    test.journal().append(StateRecord{.user = 1,
                                      .network = 1,
                                      .device = 1,
                                      .kind = 1,
                                      .value = "what is lost with a journal is told where there was any"});
  }
  for (int i = 0; i < 18; ++i) {
    std::filesystem::remove(directory / "halley.journal");
    const TestStore test{directory.path()};
    CHECK(test.loaded().damage.size() == static_cast<std::size_t>(std::min(i + 1, 16)));
  }
}

TEST_CASE(
    "a torn write-ahead log: lines that the journal has are there, and what else it held is told once") {
  const Torn torn{20};
  REQUIRE(torn.wal_bytes > 8 * kWalFrame);
  tear(torn, GENERATE(0, 1, 2, 3));
  {
    TestStore test{torn.cut(), Torn::kRing};
    REQUIRE(test.notices().size() == 1);
    CHECK_THAT(test.notices()[0], Catch::Contains("has lost its newest changes"));
    CHECK(lines_in(test) == 20);
  }
  const TestStore again{torn.cut(), Torn::kRing};
  CHECK(again.notices().empty());
  CHECK(again.loaded().damage.size() == 1);
}

TEST_CASE("a torn write-ahead log whose lines the journal no longer has is told as lines lost") {
  // The small ring has gone round since, the large one has begun anew at its start.
  const std::size_t ring = GENERATE(as<std::size_t>{}, Torn::kRing, 1U << 20);
  const Torn torn{100, 4000, ring};
  tear(torn, GENERATE(2, 3));
  TestStore test{torn.cut(), ring};
  CHECK(lines_in(test) < 100);
  REQUIRE(test.notices().size() == 1);
  CHECK_THAT(test.notices()[0], Catch::Contains("older than the journal") && Catch::Contains("is lost"));
}

TEST_CASE("a write-ahead log that was cut behind its last commit, or is whole, has lost nothing") {
  const Torn torn{20};
  if (GENERATE(false, true))
    std::ofstream{torn.wal(), std::ios::app | std::ios::binary} << std::string(900, 'x');
  TestStore test{torn.cut(), Torn::kRing};
  CHECK(test.notices().empty());
  CHECK(lines_in(test) == 20);
}

TEST_CASE("a damaged database is told behind the start, though nobody reads there, and remembered") {
  const fakes::TempDirectory directory;
  const fs::path file = directory / "halley.db";
  {
    TestStore test{directory.path()};
    for (EventId id = kStart; id < kStart + 300; ++id)
      test.journal().append(said(id, std::string(200, 'x')).view());
  }
  std::string part = "a leaf of the log";
  SECTION("a page of zeros") {
    overwrite(file, leaf_of(file, "event") * kDbPage, std::string(kDbPage, '\0'));
  }
  SECTION("a flipped bit in a row's place") {
    overwrite(file, leaf_of(file, "event") * kDbPage + 8, "\xFF");
  }
  SECTION("noise") {
    overwrite(file, leaf_of(file, "event") * kDbPage, std::string(100, '\x5A'));
  }
  CHECK_THAT(found_in(file), Catch::StartsWith("the database is damaged (") && Catch::Contains("RESTORING"));

  std::vector<DamageRow> told;
  TestStore test{directory.path()};
  test.check([&told](const DamageRow& found) { told.push_back(found); });
  while (told.empty()) test.queue().run_one();
  CHECK(told.size() == 1);
  CHECK(told[0].found_ms > 0);
  REQUIRE(test.commit({}));
  test.check({});
  REQUIRE(test.loaded().damage.size() == 1);
  CHECK(test.loaded().damage[0].what == told[0].what);
  // The next start finds the same, which is not remembered twice.
  test.check([&told](const DamageRow& found) { told.push_back(found); });
  while (told.size() < 2) test.queue().run_one();
  REQUIRE(test.commit({}));
  test.check({});
  CHECK(test.loaded().damage.size() == 1);
}

TEST_CASE("what the check behind a start cannot look at is told, as no damage") {
  const fakes::TempDirectory directory;
  const fs::path file = directory / "halley.db";
  { const TestStore test{directory.path()}; }
  {
    Db db{file, Db::OpenMode::kReadWrite};
    const auto equal = [](void*, int, const void*, int, const void*) { return 0; };
    sqlite3_create_collation(db.handle(), "of_another_program", SQLITE_UTF8, nullptr, equal);
    db.exec("CREATE TABLE foreign_one (k TEXT COLLATE of_another_program PRIMARY KEY) WITHOUT ROWID");
  }
  const auto check_told = [](const std::string& told) {
    CHECK_THAT(told, Catch::StartsWith("table foreign_one of the database could not be looked through") &&
                         Catch::Contains("of_another_program"));
  };
  check_told(found_in(file, {.quick_check = GENERATE(0, StartCheck::kMostQuickCheck)}));

  std::string heard;
  TestStore test{directory.path()};
  test.check([](const DamageRow& found) { FAIL_CHECK(found.what); },
             [&heard](const std::string& what) { heard = what; });
  while (heard.empty()) test.queue().run_one();
  check_told(heard);
}

TEST_CASE("a large database is read in pieces, to its damaged row") {
  const fakes::TempDirectory directory;
  const fs::path file = directory / "halley.db";
  {
    TestStore test{directory.path()};
    for (EventId id = kStart; id < kStart + 300; ++id)
      test.journal().append(said(id, std::string(200, 'x')).view());
  }
  // Too large for the quick check: each table is read.
  const StartCheck::Limits large{.quick_check = 0, .piece_rows = 7};
  const std::size_t leaf = leaf_of(file, "event");
  overwrite(file, leaf * kDbPage, std::string(kDbPage, '\0'));
  CHECK_THAT(found_in(file, large), Catch::StartsWith("the database is damaged ("));
}

TEST_CASE("a database that cannot be opened says what is to be done") {
  const fakes::TempDirectory directory;
  { const TestStore test{directory.path()}; }
  overwrite(directory / "halley.db", 0, std::string(kDbPage, '\x5A'));
  const auto opened = open_store({.directory = directory.path()}, [](const auto&) {});
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error(), Catch::Contains("put the last backup in its place (halley(1), RESTORING)"));
}

TEST_CASE("damage that cost lines is told at the start") {
  const fakes::TempDirectory directory;
  const auto notices_now = [&directory] {
    const TestStore test{directory.path()};
    return std::vector<std::string>(test.notices());
  };
  {
    TestStore test{directory.path()};
    test.journal().append(said(kStart, "one").view());
    REQUIRE(test.log(log_of(1)));
  }
  CHECK(notices_now().empty());
  std::string said_of_it = "halley.journal was not there";
  SECTION("the journal is gone") {
    fs::remove(directory / "halley.journal");
  }
  SECTION("the journal was emptied") {
    fs::resize_file(directory / "halley.journal", 0);
    said_of_it = "halley.journal was empty";
  }
  SECTION("the journal is all zeros") {
    const auto size = fs::file_size(directory / "halley.journal");
    fs::resize_file(directory / "halley.journal", 0);
    fs::resize_file(directory / "halley.journal", size);
    said_of_it = "halley.journal was empty";
  }
  const auto notices = notices_now();
  REQUIRE(notices.size() == 1);
  CHECK_THAT(notices[0], Catch::Contains(said_of_it));
  CHECK(notices_now().empty());

  // Until it has been seen, each start has it.
  TestStore test{directory.path()};
  REQUIRE(test.loaded().damage.size() == 1);
  CHECK(test.loaded().damage[0].what == notices[0]);
  CHECK(test.loaded().damage[0].found_ms > 0);
  CHECK_FALSE(test.loaded().damage[0].told);
  REQUIRE(test.commit({DamageTold{}}));
  test.reopen();
  REQUIRE(test.loaded().damage.size() == 1);
  CHECK(test.loaded().damage[0].told);
  REQUIRE(test.commit({ForgetDamage{}}));
  test.reopen();
  CHECK(test.loaded().damage.empty());
}

}  // namespace halley::storage
