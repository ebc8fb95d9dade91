#include <catch2/catch.hpp>

#include "storage/journal/mapped_journal.h"
#include "storage/journal/ring_shares.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"

namespace halley::storage {

TEST_CASE("a quarter of the ring is anybody's, and most of it is shared by those who use it") {
  constexpr std::size_t kRing = 64'000;
  RingShares shares{kRing};
  CHECK(shares.allows(1, 16'000, 0));
  CHECK(shares.add(1, 0, 15'000));
  CHECK(shares.allows(1, 1'000, 15'000));
  CHECK(shares.allows(1, 41'000, 15'000));  // alone: most of the ring
  CHECK_FALSE(shares.allows(1, 41'001, 15'000));
  CHECK(shares.allows(2, 2'000, 15'000));  // who has nothing there is not refused
  shares.add(2, 15'000, 2'000);
  CHECK(shares.allows(1, 13'000, 17'000));
  CHECK_FALSE(shares.allows(1, 13'001, 17'000));
  CHECK(shares.allows(2, 26'000, 17'000));
  shares.release(17'000);
  CHECK(shares.allows(1, 56'000, 17'000));
}

TEST_CASE("what is released counts no more, stretch by stretch, however far the offsets go") {
  RingShares shares{64'000};
  std::uint64_t offset = 0;
  for (int lap = 0; lap < 5; ++lap, offset += 640'000) {
    int begun = 0;
    for (std::uint64_t at = offset; at < offset + 30'000; at += 100) begun += shares.add(1, at, 100) ? 1 : 0;
    CHECK(begun == 30);
    CHECK_FALSE(shares.allows(1, 26'100, 30'000));
    shares.release(offset + 10'000);
    CHECK(shares.allows(1, 36'000, 20'000));
    CHECK_FALSE(shares.allows(1, 36'100, 20'000));
    shares.release(offset + 30'000);
    CHECK(shares.allows(1, 36'000, 20'000));
  }
}

TEST_CASE("one user's flood leaves room in the journal for another's line") {
  const fakes::TempDirectory directory;
  auto opened = Journal::open(directory / "journal", 0, 1 << 20);
  REQUIRE(opened);
  auto& journal = static_cast<MappedJournal&>(**opened);
  EventId id = kStart;
  const Sample line = said(id, std::string(300, 'x'));
  std::uint64_t flood = 0;
  for (; journal.has_room(1, 4 * kMaxRecord); ++flood) journal.append(said(++id, line.line, 1).view());
  CHECK(flood > 300);
  CHECK(journal.has_room(4 * kMaxRecord));
  CHECK(journal.has_room(2, 4 * kMaxRecord));
  journal.append(said(++id, "of another", 2).view());
  CHECK(journal.has_room(2, 4 * kMaxRecord));
  CHECK_FALSE(journal.has_room(1, 4 * kMaxRecord));
  const auto at = journal.consume(0, 1 << 20, [](const Record&) {});
  journal.release(at);
  CHECK(journal.room_again());
  CHECK(journal.has_room(1, 4 * kMaxRecord));
}

}  // namespace halley::storage
