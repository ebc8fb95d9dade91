// Pages of which few events are asked for, among very many others.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string_view>
#include <vector>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

using What = HistoryQuery::What;
using By = Bound::By;

}  // namespace

TEST_CASE("a page that is thinned out looks at ten thousand rows, and says where to go on") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  constexpr EventId kMany = 10'050;
  for (EventId i = 0; i < kMany; ++i) {
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(2)));
    test.journal().append(said(kStart + i * 1000, i < 2 ? "a needle" : "hay").view());
  }
  const LineFilter needles = [](std::uint8_t kind, std::string_view line) {
    return kind == 2 && line.ends_with("needle");
  };
  const std::vector<EventId> both{kStart, kStart + 1000};
  LogQuery log = log_of(1);
  log.newest = true;
  log.only = needles;
  auto page = test.log(log);
  REQUIRE(page);
  CHECK((page->events.empty() && page->prev.empty() && page->more));
  CHECK(page->passed == kStart + (kMany - 10'000) * 1000);
  log.until = page->passed - 1;
  page = test.log(log);
  CHECK((ids_of(*page) == both && !page->more && page->passed == kStart));
  CHECK(page->prev == std::vector<EventId>{0, kStart});

  HistoryQuery history;
  history.user = 1;
  history.buffer = 7;
  history.only = needles;
  history.what = What::kBetween;
  history.a.by = history.b.by = By::kTime;
  history.a.time_ms = static_cast<std::int64_t>(kStart / 1000 + kMany);
  page = test.history(history);
  REQUIRE(page);
  CHECK((page->events.empty() && page->more));
  CHECK(page->passed == kStart + (kMany - 10'000) * 1000);
  history.a.by = By::kId;
  history.a.id = page->passed;
  page = test.history(history);
  CHECK((ids_of(*page) == both && !page->more));
  // The limit ends a page, too; and without a filter all is given.
  history.limit = 1;
  page = test.history(history);
  CHECK(
      (ids_of(*page) == std::vector<EventId>{kStart + 1000} && page->more && page->passed == kStart + 1000));
  history.only = nullptr;
  history.limit = 40;
  page = test.history(history);
  CHECK((page->events.size() == 40 && page->more && page->passed == page->events.front().id));

  SearchQuery search;
  search.user = 1;
  search.text = "hay";
  search.only = needles;
  CHECK(test.search(search)->events.empty());
  search.text = "needle";
  CHECK(test.search(search)->events.size() == 2);
}

TEST_CASE("between two lines of a history there may be very many others, which are passed over in turns") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  constexpr EventId kMany = 25'000;
  const std::vector<EventId> talk{kStart, kStart + 11'000'000, kStart + (kMany - 1) * 1000};
  for (EventId i = 0; i < kMany; ++i) {
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(2)));
    Sample sample = said(kStart + i * 1000, "words");
    if (std::ranges::find(talk, sample.id) == talk.end()) sample.kind = 3;
    test.journal().append(sample.view());
  }
  HistoryQuery history;
  history.user = 1;
  history.buffer = 7;
  history.kinds = 1U << said(kStart, {}).kind;
  const auto ids = [&](std::size_t limit) {
    history.limit = limit;
    const auto page = test.history(history);
    REQUIRE(page);
    CHECK(page->more == (limit < 3));
    for (const Event& event : page->events) CHECK(event.line.ends_with("words"));
    return ids_of(*page);
  };
  const auto check_all = [&](bool newest) {
    CHECK(ids(3) == talk);
    CHECK(ids(2) == (newest ? std::vector{talk[1], talk[2]} : std::vector{talk[0], talk[1]}));
    CHECK(ids(1) == std::vector{newest ? talk[2] : talk[0]});
  };
  check_all(true);
  history.what = What::kBefore;
  history.a = {.by = By::kId, .id = talk[2] + 1, .time_ms = 0, .msgid = {}};
  check_all(true);
  history.what = What::kAfter;
  history.a.id = talk[0] - 1;
  check_all(false);
  history.a = {
      .by = By::kTime, .id = 0, .time_ms = static_cast<std::int64_t>(talk[0] / 1000) - 1, .msgid = {}};
  check_all(false);
  history.what = What::kBetween;
  history.b = {
      .by = By::kTime, .id = 0, .time_ms = static_cast<std::int64_t>(talk[2] / 1000) + 1, .msgid = {}};
  check_all(false);
  std::swap(history.a, history.b);
  check_all(true);
  history.what = What::kAround;
  history.a = {.by = By::kId, .id = talk[1], .time_ms = 0, .msgid = {}};
  history.b = {};
  CHECK(ids(4) == talk);
  // Who asks twice is answered in that order, though the first answer takes three turns.
  history.what = What::kLatest;
  history.a = {};
  bool first_answered = false;
  test.store().read_history(history, [&](const std::expected<Page, std::string>& first) {
    first_answered = first.has_value() && ids_of(*first) == talk;
  });
  CHECK(ids(1) == std::vector{talk[2]});
  CHECK(first_answered);
}

}  // namespace halley::storage
