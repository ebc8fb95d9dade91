#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

// A busy network 1 and a quiet network 2 that says something now and then, in bursts and far apart.
struct Quiet {
  Quiet() : test(directory.path()) {
    for (const BufferId buffer : {1U, 2U, 3U})
      test.journal().append(
          BufferRecord{.id = buffer, .user = 1, .network = buffer == 1 ? 1U : 2U, .name = "b"});
    for (EventId i = 0; i < 6000; ++i) {
      Sample sample = said(kStart + i, "x");
      const bool quiet = i % 700 == 699 || (i > 3000 && i < 3005) || i == 5999;
      sample.network = quiet ? 2 : 1;
      sample.buffers = {quiet ? 2 + static_cast<BufferId>(i % 2) : 1};
      if (i == 2099) sample.buffers.clear();  // shown nowhere
      if (quiet) expected.push_back(sample.id);
      test.journal().append(sample.view());
    }
  }
  LogQuery query(bool newest) const {
    LogQuery query = log_of(1);
    query.network = 2;
    query.newest = newest;
    return query;
  }
  fakes::TempDirectory directory;
  TestStore test;
  std::vector<EventId> expected;
};

}  // namespace

TEST_CASE("a quiet network's events are found between a busy one's, with the events before them") {
  Quiet quiet;
  const bool newest = GENERATE(false, true);
  const auto page = quiet.test.log(quiet.query(newest));
  REQUIRE(page);
  CHECK(ids_of(*page) == quiet.expected);
  CHECK_FALSE(page->more);
  std::vector<EventId> before;
  for (const EventId id : quiet.expected) before.push_back(id - 1);
  CHECK(page->prev == before);
}

TEST_CASE("parts of a quiet network's log, and where its newest events begin") {
  Quiet quiet;
  const auto& expected = quiet.expected;
  for (std::size_t first = 0; first + 3 < expected.size(); ++first) {
    LogQuery query = quiet.query(false);
    query.after = expected[first];
    query.until = expected.back() - 1;
    query.max_rows = 2;
    auto page = quiet.test.log(query);
    REQUIRE(ids_of(*page) == std::vector<EventId>{expected[first + 1], expected[first + 2]});
    CHECK(page->more == (first + 4 < expected.size()));
    const auto skip = quiet.test.skip(query);
    CHECK(skip->after == expected[expected.size() - 4 < first ? first : expected.size() - 4]);
    CHECK(skip->left_out == (expected.size() - 4 < first ? 0 : expected.size() - 4 - first));
  }
  LogQuery nothing = quiet.query(false);
  nothing.after = expected.back();
  CHECK(ids_of(*quiet.test.log(nothing)).empty());
  nothing.network = 77;
  nothing.after = 0;
  CHECK(ids_of(*quiet.test.log(nothing)).empty());
}

TEST_CASE("of what is left out a hundred thousand lines are counted") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), std::size_t{16} << 20};
  constexpr EventId kLines = 100'105;
  for (EventId i = 0; i < kLines; ++i) {
    while (!test.journal().has_room(kMaxRecord)) std::this_thread::yield();
    test.journal().append(said(kStart + i, "x").view());
    if (i % 1000 == 0) test.store().journal_grew();
  }
  LogQuery query = log_of(1);
  query.max_rows = 20;
  const auto skip = test.skip(query);
  REQUIRE(skip);
  CHECK(skip->left_out == 100'000);
  CHECK(skip->after == kStart + kLines - 21);
}

}  // namespace halley::storage
