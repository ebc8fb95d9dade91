// Questions about history, held against a plain model: a list of events that is filtered as the words of
// store.h say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/msgid.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

constexpr std::int64_t kMostSkewMs = 5 * 60 * 1000;

using What = HistoryQuery::What;
using By = Bound::By;

class Dice {
 public:
  std::uint64_t roll(std::uint64_t sides) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33) % sides;
  }

 private:
  std::uint64_t state_ = 7;
};

// Does the event lie after (before) the bound? By id, or by time where the bound is one.
bool is_after(const Sample& event, const Bound& bound) {
  if (bound.by == By::kNone) return true;
  return bound.by == By::kTime ? event.time_ms > bound.time_ms : event.id > bound.id;
}
bool is_before(const Sample& event, const Bound& bound) {
  if (bound.by == By::kNone) return true;
  return bound.by == By::kTime ? event.time_ms < bound.time_ms : event.id < bound.id;
}

struct Expected {
  std::vector<EventId> ids;
  bool more = false;
};

Expected take(std::vector<EventId> ids, std::size_t limit, bool newest) {
  const bool more = ids.size() > limit;
  if (more && newest) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(limit));
  if (more && !newest) ids.resize(limit);
  return {ids, more};
}

Expected model(const std::vector<Sample>& log, const HistoryQuery& query) {
  const bool backwards =
      query.what == What::kBetween &&
      (query.a.by == By::kTime ? query.a.time_ms > query.b.time_ms : query.a.id > query.b.id);
  const bool by_time = query.a.by == By::kTime || query.b.by == By::kTime;
  std::vector<Sample> order = log;
  if (by_time) std::ranges::stable_sort(order, {}, &Sample::time_ms);
  std::vector<EventId> old, rest;
  for (const Sample& event : order) {
    const bool here = std::ranges::find(event.buffers, query.buffer) != event.buffers.end();
    if (event.user != query.user || !here || ((query.kinds >> event.kind) & 1U) == 0) continue;
    switch (query.what) {
      case What::kBefore:
        if (is_before(event, query.a)) rest.push_back(event.id);
        break;
      case What::kAfter:
      case What::kLatest:
        if (is_after(event, query.a)) rest.push_back(event.id);
        break;
      case What::kFrom:
        if (!is_before(event, query.a)) rest.push_back(event.id);
        break;
      case What::kAround:
        (is_before(event, query.a) ? old : rest).push_back(event.id);
        break;
      case What::kBetween:
        if (backwards ? is_after(event, query.b) && is_before(event, query.a)
                      : is_after(event, query.a) && is_before(event, query.b))
          rest.push_back(event.id);
        break;
    }
  }
  if (query.what == What::kAround) {
    const Expected before = take(old, query.limit / 2, true),
                   after = take(rest, query.limit - before.ids.size(), false);
    Expected both{before.ids, before.more || after.more};
    both.ids.insert(both.ids.end(), after.ids.begin(), after.ids.end());
    return both;
  }
  return take(rest, query.limit, query.what == What::kBefore || query.what == What::kLatest || backwards);
}

// Two users, a few buffers each, one of them seldom used, times that run ahead of and behind the ids by
// up to five minutes, lines that come years late, and ties.
std::vector<Sample> random_log(Dice& dice, std::size_t count) {
  std::vector<Sample> log;
  EventId id = kStart;
  for (std::size_t i = 0; i < count; ++i) {
    id += 1 + dice.roll(dice.roll(10) == 0 ? 200'000'000 : 3000);
    Sample sample = said(id, "text", static_cast<UserId>(1 + dice.roll(2)));
    sample.buffers.clear();
    for (BufferId buffer = 1; buffer <= 3; ++buffer)
      if (dice.roll(2) == 0) sample.buffers.push_back(sample.user * 10 + buffer);
    // At times nearly all is said there, at others nearly nothing.
    if (dice.roll(i / 100 % 2 == 0 ? 20 : 2) == 0) sample.buffers.push_back(sample.user * 10 + 4);
    const auto skew = static_cast<std::int64_t>(dice.roll(2 * kMostSkewMs + 1)) - kMostSkewMs;
    sample.time_ms += dice.roll(2) == 0 ? 0 : skew;
    if (dice.roll(4) == 0) sample.time_ms = sample.time_ms / 60'000 * 60'000;
    if (dice.roll(8) == 0) sample.time_ms -= static_cast<std::int64_t>(dice.roll(1'000'000'000));
    sample.kind = static_cast<std::uint8_t>(dice.roll(4));
    if (dice.roll(3) == 0) sample.msgid = "net" + std::to_string(id);
    log.push_back(std::move(sample));
  }
  return log;
}

Bound random_bound(Dice& dice, const std::vector<Sample>& log, bool by_time) {
  const Sample& near = log[dice.roll(log.size())];
  Bound bound;
  if (by_time) {
    bound.by = By::kTime;
    bound.time_ms = near.time_ms + static_cast<std::int64_t>(dice.roll(3)) - 1;
  } else {
    bound.by = By::kId;
    bound.id = near.id + dice.roll(3) - 1;
  }
  return bound;
}

std::string text_of(const HistoryQuery& query) {
  const auto bound = [](const Bound& one) {
    return std::to_string(static_cast<int>(one.by)) + ":" + std::to_string(one.id) + "/" +
           std::to_string(one.time_ms);
  };
  return "what " + std::to_string(static_cast<int>(query.what)) + " a " + bound(query.a) + " b " +
         bound(query.b) + " limit " + std::to_string(query.limit) + " kinds " + std::to_string(query.kinds);
}

}  // namespace

TEST_CASE("history answers as the model does, for a thousand random questions") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  Dice dice;
  const auto log = random_log(dice, 800);
  for (const Sample& sample : log) test.journal().append(sample.view());
  for (int round = 0; round < 1000; ++round) {
    HistoryQuery query;
    query.user = static_cast<UserId>(1 + dice.roll(2));
    query.buffer = static_cast<BufferId>(query.user * 10 + 1 + dice.roll(4));
    query.what = static_cast<What>(dice.roll(5));
    query.limit = 1 + dice.roll(dice.roll(2) == 0 ? 10 : 1000);
    if (dice.roll(2) == 0) query.kinds = static_cast<std::uint32_t>(dice.roll(16));
    const bool by_time = dice.roll(2) == 0;
    if (query.what != What::kLatest || dice.roll(2) == 0) query.a = random_bound(dice, log, by_time);
    if (query.what == What::kBetween) query.b = random_bound(dice, log, by_time);
    INFO(text_of(query));
    const auto expected = model(log, query);
    const auto page = test.history(query);
    REQUIRE(page);
    REQUIRE(ids_of(*page) == expected.ids);
    REQUIRE(page->more == expected.more);
  }
}

TEST_CASE("between a msgid and a time history is in the order of times") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  const auto put = [&test](EventId id, std::int64_t ms) {
    Sample sample = said(kStart + id, "x");
    sample.time_ms = static_cast<std::int64_t>(kStart / 1000) + ms;
    test.journal().append(sample.view());
  };
  put(0, 0);
  put(1'000'000, 900);
  put(1'100'000, 800);
  put(2'000'000, 2000);
  put(9'000'000, 850);  // came late
  HistoryQuery query;
  query.user = 1;
  query.buffer = 7;
  query.what = What::kBetween;
  query.a.by = By::kMsgid;
  query.a.msgid = msgid_of(kStart + 1'100'000);
  query.b.by = By::kTime;
  query.b.time_ms = static_cast<std::int64_t>(kStart / 1000) + 2000;
  CHECK(ids_of(*test.history(query)) == std::vector<EventId>{kStart + 9'000'000, kStart + 1'000'000});
  std::swap(query.a, query.b);
  query.limit = 1;
  CHECK(ids_of(*test.history(query)) == std::vector<EventId>{kStart + 1'000'000});
}

TEST_CASE("a msgid stands for its event, the network's own or ours") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  Sample first = said(kStart, "first"), second = said(kStart + 1000, "second"),
         third = said(kStart + 2000, "third");
  Sample elsewhere = said(kStart + 500, "the same msgid on another network");
  second.msgid = elsewhere.msgid = "abc123";
  elsewhere.buffers = {99};
  Sample foreign = said(kStart + 3000, "another user's", 2);
  foreign.msgid = "secret";
  for (const Sample* sample : {&first, &elsewhere, &second, &third, &foreign})
    test.journal().append(sample->view());

  // Whether the index has taken them or not.
  if (GENERATE(false, true)) {
    SearchQuery search;
    search.user = 1;
    search.text = "first";
    REQUIRE(test.search(search)->events.size() == 1);
    REQUIRE(test.store().figures().indexed_behind == 0);
  }
  HistoryQuery query;
  query.user = 1;
  query.buffer = 7;
  query.what = What::kAfter;
  query.a.by = By::kMsgid;
  query.a.msgid = "abc123";
  if (const auto page = test.history(query); !page) FAIL(page.error());
  CHECK(ids_of(*test.history(query)) == std::vector<EventId>{third.id});
  query.a.msgid = msgid_of(first.id);
  CHECK(ids_of(*test.history(query)) == std::vector<EventId>{second.id, third.id});
  query.what = What::kAround;
  query.limit = 2;
  CHECK(ids_of(*test.history(query)) == std::vector<EventId>{first.id, second.id});
  for (const std::string& unknown : {std::string{"nobody"}, std::string{}, msgid_of(kStart + 7),
                                     std::string{"secret"}, msgid_of(foreign.id), std::string{"h"}}) {
    query.a.msgid = unknown;
    const auto page = test.history(query);
    REQUIRE_FALSE(page);
    CHECK(page.error() == "unknown msgid");
  }
}

TEST_CASE("another user's buffer shows nothing") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  test.journal().append(said(kStart, "private").view());
  HistoryQuery query;
  query.user = 2;
  query.buffer = 7;
  CHECK(ids_of(*test.history(query)).empty());
  query.user = 1;
  CHECK(ids_of(*test.history(query)).size() == 1);
}

TEST_CASE("bounds at the ends of time are as good as any") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  test.journal().append(said(kStart, "only").view());
  HistoryQuery query;
  query.user = 1;
  query.buffer = 7;
  query.a.by = By::kTime;
  for (const std::int64_t far : {std::numeric_limits<std::int64_t>::max(), std::int64_t{253402300799999}}) {
    query.a.time_ms = far;
    query.what = What::kBefore;
    CHECK(ids_of(*test.history(query)).size() == 1);
    query.what = What::kAfter;
    CHECK(ids_of(*test.history(query)).empty());
    query.what = What::kAround;
    CHECK(ids_of(*test.history(query)).size() == 1);
  }
  for (const std::int64_t far :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{0}, std::int64_t{-1}}) {
    query.a.time_ms = far;
    query.what = What::kBefore;
    CHECK(ids_of(*test.history(query)).empty());
    query.what = What::kAfter;
    CHECK(ids_of(*test.history(query)).size() == 1);
  }
}

TEST_CASE("targets are the buffers whose newest event lies in the range, in order of it") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  const auto put = [&test](BufferId buffer, NetworkId network, EventId id, std::uint8_t kind) {
    Sample sample = said(id, "x");
    sample.buffers = {buffer};
    sample.network = network;
    sample.kind = kind;
    test.journal().append(sample.view());
  };
  for (const BufferId buffer : {1U, 2U, 3U, 4U})
    test.journal().append(
        BufferRecord{.id = buffer, .user = 1, .network = buffer == 4 ? 2U : 1U, .name = "b"});
  test.journal().append(BufferRecord{.id = 5, .user = 2, .network = 1, .name = "another user's"});
  put(3, 1, kStart + 1'000'000, 2);
  put(1, 1, kStart + 2'000'000, 2);
  put(1, 1, kStart + 5'000'000, 2);
  put(2, 1, kStart + 3'000'000, 2);
  put(2, 1, kStart + 9'000'000, 5);  // not a kind that is asked for
  put(4, 2, kStart + 4'000'000, 2);
  TargetsQuery query;
  query.user = 1;
  query.from_ms = kStart / 1000;
  query.to_ms = kStart / 1000 + 10'000;
  query.kinds = 1U << 2;
  const auto buffers = [&] {
    std::vector<BufferId> ids;
    const auto targets = test.targets(query);
    REQUIRE(targets);
    for (const TargetRow& row : *targets) ids.push_back(row.buffer);
    return ids;
  };
  CHECK(buffers() == std::vector<BufferId>{3, 2, 4, 1});
  query.network = 1;
  CHECK(buffers() == std::vector<BufferId>{3, 2, 1});
  query.limit = 2;
  CHECK(buffers() == std::vector<BufferId>{3, 2});
  std::swap(query.from_ms, query.to_ms);
  CHECK(buffers() == std::vector<BufferId>{2, 1});
  // One that was spoken in at the time of the last is not cut off.
  put(6, 1, kStart + 3'000'001, 2);
  test.journal().append(BufferRecord{.id = 6, .user = 1, .network = 1, .name = "b"});
  CHECK(buffers() == std::vector<BufferId>{2, 6, 1});
  std::swap(query.from_ms, query.to_ms);
  CHECK(buffers() == std::vector<BufferId>{3, 2, 6});
  query = {.user = 1,
           .from_ms = kStart / 1000 + 1000,
           .to_ms = kStart / 1000 + 4000,
           .kinds = 1U << 2};  // both ends excluded
  CHECK(buffers() == std::vector<BufferId>{2, 6});
  const auto targets = test.targets(query);
  CHECK((targets->at(0).latest_id == kStart + 3'000'000 && targets->at(0).latest_ms == kStart / 1000 + 3000));
}

TEST_CASE("a target's latest line is the one with the newest time, though another came late") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  constexpr auto kBegin = static_cast<std::int64_t>(kStart / 1000);
  test.journal().append(BufferRecord{.id = 7, .user = 1, .network = 3, .name = "#c"});
  test.journal().append(said(kStart + 2'000'000, "now").view());
  Sample late = said(kStart + 9'000'000, "long ago");
  late.time_ms = kBegin + 100;
  test.journal().append(late.view());
  TargetsQuery query{.user = 1, .from_ms = kBegin, .to_ms = kBegin + 1'000, .limit = 10};
  CHECK(test.targets(query)->empty());
  query.to_ms = kBegin + 5'000;
  const auto found = test.targets(query);
  REQUIRE(found->size() == 1);
  CHECK(found->front().latest_ms == kBegin + 2'000);
  CHECK(found->front().latest_id == kStart + 2'000'000);
}

TEST_CASE("targets of many buffers, and of one where nobody has spoken for long, are found in pieces") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), std::size_t{16} << 20};
  constexpr BufferId kBuffers = 2500, kCrowd = 1201;
  EventId id = kStart;
  const auto put = [&](BufferId buffer, std::uint8_t kind) {
    Sample sample = said(id += 1000, "x");
    sample.buffers = {buffer};
    sample.kind = kind;
    test.journal().append(sample.view());
  };
  for (BufferId buffer = 1; buffer <= kBuffers; ++buffer) {
    test.journal().append(
        BufferRecord{.id = buffer, .user = 1, .network = 3, .name = "b" + std::to_string(buffer)});
    put(buffer, 2);
  }
  const EventId spoken = id;
  for (int i = 0; i < 5000; ++i) put(kCrowd, 5);
  TargetsQuery query;
  query.user = 1;
  query.from_ms = kStart / 1000 - 1;
  query.to_ms = static_cast<std::int64_t>(id) / 1000 + 1;
  query.kinds = 1U << 2;
  query.limit = 5000;
  const auto all = test.targets(query);
  REQUIRE(all);
  REQUIRE(all->size() == kBuffers);
  CHECK(std::ranges::is_sorted(*all, {}, &TargetRow::latest_id));
  // Looked for so far: its place is among what came later.
  CHECK(all->back().buffer == kCrowd);
  CHECK(all->back().latest_id > spoken);
  query.limit = 10;
  const auto some = test.targets(query);
  REQUIRE(some->size() == 10);
  CHECK(some->front().buffer == 1);
  CHECK(some->back().buffer == 10);
  std::swap(query.from_ms, query.to_ms);
  const auto latest = test.targets(query);
  CHECK(std::prev(latest->end(), 2)->buffer == kBuffers);
  // Another's question is not behind all of it: each piece waits for its turn.
  bool targets_done = false, log_first = false;
  test.store().read_targets(query, [&](const auto&) { targets_done = true; });
  bool log_done = false;
  LogQuery log = log_of(2);
  log.as_it_is = true;
  test.store().read_log(log, [&](const auto&) {
    log_done = true;
    log_first = !targets_done;
  });
  while (!targets_done || !log_done) test.queue().run_one();
  CHECK(log_first);
}

TEST_CASE("our msgids are made from ids and lead back to them") {
  for (const EventId id : {EventId{0}, EventId{1}, kStart, EventId{0x7FFFFFFFFFFFFFFF}}) {
    CHECK(id_of_msgid(msgid_of(id)) == id);
    CHECK(msgid_of(id).size() <= 14);
  }
  CHECK(msgid_of(kStart) != msgid_of(kStart + 1));
  for (const char* foreign : {"", "h", "x12", "h-1", "hA", "h01", "h1 ", "hzzzzzzzzzzzzzz", "h1y2p0ij32e8e8"})
    CHECK_FALSE(id_of_msgid(foreign));
}

}  // namespace halley::storage
