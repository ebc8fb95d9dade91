#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/failing_disk.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

// Asks for the figures until the store has met (or left behind) its trouble. A failed write is tried again
// after a second.
std::string trouble_becomes(TestStore& test, bool expected) {
  std::string trouble;
  do {
    trouble = test.store().figures().trouble;
    std::this_thread::yield();
  } while (trouble.empty() == expected);
  return trouble;
}

}  // namespace

TEST_CASE("a full disk is said, costs no line, and is got over without help") {
  const fakes::TempDirectory directory;
  FailingDisk disk;
  TestStore test{directory.path()};
  test.journal().append(said(kStart, "before").view());
  REQUIRE(test.log(log_of(1)));

  disk.fill();
  test.journal().append(said(kStart + 1, "meanwhile").view());
  // A read does not wait for the disk: it gives what is in the database, and says up to where that goes.
  const auto page = test.log(log_of(1));
  REQUIRE(page);
  CHECK(ids_of(*page) == std::vector<EventId>{kStart});
  CHECK(page->applied < test.journal().head());
  CHECK_THAT(trouble_becomes(test, true), Catch::Contains("full"));
  CHECK(disk.refused() > 0);
  // The cursor goes on in the journal.
  std::vector<EventId> rest;
  CHECK(test.journal().scan(page->applied, [&rest](const Record& record) {
    rest.push_back(std::get<Event>(record).id);
    return true;
  }));
  CHECK(rest == std::vector<EventId>{kStart + 1});
  // A change is refused, with the reason.
  const auto refused = test.commit({PutUser{{1, "u", "", false, true, 0}}});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Catch::Contains("cannot be written") && Catch::Contains("full"));

  disk.mend();
  trouble_becomes(test, false);
  CHECK(ids_of(*test.log(log_of(1))) == std::vector<EventId>{kStart, kStart + 1});
  CHECK(test.commit({PutUser{{1, "u", "", false, true, 0}}}));
}

TEST_CASE("while the disk is away the journal fills, and the producer hears when there is room again") {
  const fakes::TempDirectory directory;
  FailingDisk disk;
  TestStore test{directory.path(), 1 << 20};
  bool room = false;
  test.store().on_room([&room] { room = true; });
  disk.break_down();
  EventId id = kStart;
  while (test.journal().has_room(kMaxRecord)) {
    test.journal().append(said(id++, std::string(300, 'x')).view());
    test.store().journal_grew();
  }
  CHECK_FALSE(test.store().figures().journal_used == 0);
  CHECK_FALSE(room);
  disk.mend();
  while (!room) test.queue().run_one();
  CHECK(test.journal().has_room(kMaxRecord));
  std::size_t rows = 0;
  for (LogQuery query = log_of(1);;) {
    const auto page = test.log(query);
    REQUIRE(page);
    rows += page->events.size();
    if (!page->more) break;
    query.after = page->events.back().id;
  }
  CHECK(rows == id - kStart);
}

TEST_CASE("what a broken disk kept out of the database at the end is there after the next start") {
  const fakes::TempDirectory directory;
  {
    FailingDisk disk;
    TestStore test{directory.path()};
    disk.break_down();
    for (EventId i = 0; i < 100; ++i) test.journal().append(said(kStart + i, "kept").view());
    test.close();
    disk.mend();
    TestStore again{directory.path()};
    CHECK(ids_of(*again.log(log_of(1))).size() == 100);
  }
}

}  // namespace halley::storage
