// What a page of history costs: what it gives, wherever it lies, however many lines share its moment.
#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/fakes/storage/read/reader_probe.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

using What = HistoryQuery::What;
using By = Bound::By;

constexpr std::size_t kPage = 100;
constexpr std::int64_t kBeginMs = static_cast<std::int64_t>(kStart / 1000);

// A burst of one second: so many lines, fifty microseconds from one to the next; each tenth says that it is
// of an hour earlier (it was fetched later), and ten in a row share a moment.
void burst(TestStore& test, EventId lines) {
  for (EventId i = 0; i < lines; ++i) {
    Sample sample = said(kStart + i * 50, "a comet");
    sample.time_ms = kBeginMs + static_cast<std::int64_t>(i / 10 * 10 * 50 / 1000);
    if (i % 10 == 0) sample.time_ms -= 3'600'000;
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(2)));
    test.journal().append(sample.view());
  }
  while (test.store().figures().events < lines) {
    REQUIRE(test.log(log_of(2)));
    std::this_thread::yield();
  }
}

// The most steps that one of nine pages, all over the burst, has cost.
int dearest(Reader& reader, By by, What what, EventId lines) {
  int most = 0;
  for (EventId tenth = 1; tenth < 10; ++tenth) {
    HistoryQuery query;
    query.user = 1;
    query.buffer = 7;
    query.limit = kPage;
    query.what = what;
    query.a.by = by;
    query.a.id = kStart + lines * tenth / 10 * 50;
    query.a.time_ms = kBeginMs + static_cast<std::int64_t>(lines * tenth / 10 * 50 / 1000);
    ReaderProbe::steps(reader);
    const auto page = reader.history(query);
    REQUIRE(page);
    REQUIRE(page->events.size() == kPage);
    most = std::max(most, ReaderProbe::steps(reader));
  }
  return most;
}

}  // namespace

TEST_CASE(
    "a page by time costs at most thrice one by id, wherever in a burst it lies and however long that is") {
  const What what = GENERATE(What::kBefore, What::kAfter);
  int before = 0;
  for (const EventId lines : {EventId{2'000}, EventId{20'000}}) {
    const fakes::TempDirectory directory;
    {
      TestStore test{directory.path()};
      burst(test, lines);
    }
    Reader reader{directory.path() / "halley.db"};
    const int by_id = dearest(reader, By::kId, what, lines),
              by_time = dearest(reader, By::kTime, what, lines);
    INFO(by_id << " steps by id, " << by_time << " by time, of " << lines << " lines");
    CHECK(by_time <= 3 * by_id);  // which is read along the log
    CHECK(by_time <= 40 * static_cast<int>(kPage));
    if (before != 0) CHECK(10 * by_time <= 11 * before);
    before = by_time;
  }
}

}  // namespace halley::storage
