#include <catch2/catch.hpp>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

// Events of networks 1 and 2 in turn.
struct TwoNetworks {
  explicit TwoNetworks(EventId events) : test(directory.path(), std::size_t{8} << 20) {
    for (EventId i = 0; i < events; ++i) {
      Sample sample = said(kStart + i, "x");
      sample.network = i % 2 == 0 ? 1 : 2;
      test.journal().append(sample.view());
    }
  }
  std::vector<Lag> lags(std::vector<LagMark> marks) {
    auto found = test.lags({.user = 1, .marks = std::move(marks)});
    REQUIRE(found);
    return *found;
  }
  fakes::TempDirectory directory;
  TestStore test;
};

}  // namespace

TEST_CASE("how far each mark is behind its network's newest event, what the journal holds counted") {
  TwoNetworks log(100);
  const auto lags = log.lags({{.network = 1, .at = kStart + 98},
                              {.network = 1, .at = kStart + 90},
                              {.network = 2, .at = kStart + 90},
                              {.network = 2, .at = kStart + 200},
                              {.network = 3, .at = 0}});
  REQUIRE(lags.size() == 5);
  CHECK(lags[0].events == 0);
  CHECK(lags[1].events == 4);
  CHECK(lags[2].events == 5);
  CHECK(lags[3].events == 0);
  CHECK(lags[4].events == 0);
  for (const Lag& lag : lags) CHECK_FALSE(lag.more);
  CHECK(log.lags({}).empty());
}

TEST_CASE("lags are counted over ten thousand rows at most, and say that there are more") {
  TwoNetworks log(kMostLagRows + 10);
  const auto lags = log.lags({{.network = 1, .at = 1}, {.network = 2, .at = kStart + kMostLagRows}});
  CHECK(lags[0].events == kMostLagRows / 2);
  CHECK(lags[0].more);
  CHECK(lags[1].events == 5);
  CHECK_FALSE(lags[1].more);
}

TEST_CASE("a mark of a quiet network is not behind, however much came on others") {
  TwoNetworks log(4);
  for (EventId i = 4; i < kMostLagRows + 14; ++i) {
    Sample sample = said(kStart + i, "x");
    sample.network = 1;
    log.test.journal().append(sample.view());
  }
  const auto lags = log.lags({{.network = 2, .at = kStart + 3}, {.network = 2, .at = kStart + 2}});
  CHECK(lags[0].events == 0);
  CHECK_FALSE(lags[0].more);
  CHECK(lags[1].events == 0);
  CHECK(lags[1].more);  // one, too old to be counted
}

}  // namespace halley::storage
