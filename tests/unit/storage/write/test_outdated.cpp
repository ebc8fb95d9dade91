#include <catch2/catch.hpp>

#include "tests/unit/storage/write/removal_bench.h"

namespace halley::storage {
namespace {

constexpr std::int64_t kStartMs = static_cast<std::int64_t>(kStart / 1000);

// User 1 with the buffers 7, 8 and 9. A line a second: in 7, in 8, in both, in none.
void fill(TestStore& test, EventId count) {
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}, PutNetwork{network_of(3, 1, "a")}}));
  for (const BufferId buffer : {7U, 8U, 9U})
    test.journal().append(BufferRecord{.id = buffer, .user = 1, .network = 3, .name = "#c"});
  const std::vector<BufferId> places[] = {{7}, {8}, {7, 8}, {}};
  for (EventId i = 0; i < count; ++i) {
    Sample sample = said(kStart + i * 1'000'000, "comet xyzzy" + std::to_string(i) + "y");
    sample.buffers = places[i % 4];
    test.journal().append(sample.view());
  }
}

std::vector<EventId> seconds_of(TestStore& test, BufferId buffer) {
  HistoryQuery query;
  query.user = 1;
  query.buffer = buffer;
  query.limit = 100'000;
  const auto page = test.history(query);
  REQUIRE(page);
  std::vector<EventId> out;
  for (const EventId id : ids_of(*page)) out.push_back((id - kStart) / 1'000'000);
  return out;
}

std::vector<EventId> seconds_of_log(TestStore& test) {
  const auto page = test.log(log_of(1));
  REQUIRE(page);
  std::vector<EventId> out;
  for (const EventId id : ids_of(*page)) out.push_back((id - kStart) / 1'000'000);
  return out;
}

}  // namespace

TEST_CASE("each buffer's lines go in their own time, and a line of two buffers from each in its") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  fill(test, 12);
  const bool restarted = GENERATE(false, true);
  REQUIRE(test.commit({RemoveEvents{1, kStartMs + 4000, {{7, kStartMs + 8000}, {9, 0}}}}));
  if (restarted) test.reopen();
  settle(test);
  CHECK(seconds_of(test, 7) == std::vector<EventId>{8, 10});
  CHECK(seconds_of(test, 8) == std::vector<EventId>{5, 6, 9, 10});
  CHECK(seconds_of_log(test) == std::vector<EventId>{5, 6, 7, 8, 9, 10, 11});
  CHECK(test.store().figures().events == 7);
  if (!restarted) CHECK(test.store().figures().removed == 5);
  CHECK(test.search(comets(1))->events.size() == 7);
  // For ever where the buffer says so, whatever its user does.
  REQUIRE(test.commit({RemoveEvents{1, kStartMs + 60'000, {{8, 0}}}}));
  settle(test);
  CHECK(seconds_of(test, 7).empty());
  CHECK(seconds_of(test, 8) == std::vector<EventId>{5, 6, 9, 10});
  CHECK(seconds_of_log(test) == std::vector<EventId>{5, 6, 9, 10});
  test.close();
  CHECK(count(directory, "SELECT count(*) FROM place") == 4);
  CHECK(count(directory, "SELECT count(*) FROM moment") == 4);
  CHECK(count(directory, "SELECT count(*) FROM outdated") == 0);
}

TEST_CASE("a newer rule takes the place of one that is not yet done") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  fill(test, 8);
  REQUIRE(test.commit({RemoveEvents{1, kStartMs + 60'000}, RemoveEvents{1, kStartMs + 60'000, {{8, 0}}}}));
  settle(test);
  CHECK(seconds_of_log(test) == std::vector<EventId>{1, 2, 5, 6});
}

TEST_CASE("many lines of many buffers go in slices") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), std::size_t{16} << 20};
  fill(test, 9000);
  REQUIRE(test.commit({RemoveEvents{1, kStartMs + 8'000'000, {{9, 0}}}}));
  settle(test);
  CHECK(test.store().figures().events == 1000);
  CHECK(seconds_of(test, 7).size() == 500);
}

TEST_CASE("a removed buffer goes with its settings and all that only it showed") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  fill(test, 12);
  REQUIRE(test.commit(
      {PutBufferSettings{{.id = 7, .user = 1, .network = 3, .name = "#c", .settings = {{"retention", "9"}}}},
       PutBufferSettings{
           {.id = 8, .user = 1, .network = 3, .name = "#c", .settings = {{"retention", "8"}}}}}));
  test.reopen();
  REQUIRE(test.loaded().buffers.size() == 3);
  CHECK(test.loaded().buffers[0].settings == std::vector<SettingRow>{{"retention", "9"}});
  REQUIRE(test.commit({RemoveBuffer{7}}));
  settle(test);
  test.reopen();
  REQUIRE(test.loaded().buffers.size() == 2);
  CHECK(test.loaded().buffers[0].settings == std::vector<SettingRow>{{"retention", "8"}});
  CHECK(seconds_of(test, 7).empty());
  CHECK(seconds_of(test, 8) == std::vector<EventId>{1, 2, 5, 6, 9, 10});
  CHECK(seconds_of_log(test) == std::vector<EventId>{1, 2, 3, 5, 6, 7, 9, 10, 11});
  CHECK(test.loaded().last_buffer == 9);
  REQUIRE(test.commit({RemoveNetwork{3}}));
  test.close();
  CHECK(count(directory, "SELECT count(*) FROM buffer_setting") == 0);
}

TEST_CASE("what is pruned is in no file afterwards") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 1 << 20};
  fill(test, 1000);
  REQUIRE(test.search(comets(1)));  // it is in the index, too
  REQUIRE(file_with(directory, "xyzzy17y") != "");
  const bool by_buffer = GENERATE(false, true);
  RemoveEvents removal{.user = 1, .before_ms = kStartMs + 900'000, .overwrite = true};
  if (by_buffer) removal.own.push_back({9, 0});
  REQUIRE(test.commit({removal}));
  settle(test);
  for (const char* gone : {"xyzzy0y", "xyzzy1y", "xyzzy2y", "xyzzy3y", "xyzzy17y", "xyzzy899y"})
    CHECK(file_with(directory, gone) == "");
  CHECK(test.store().figures().events == 100);
  CHECK(test.search(comets(1))->events.size() == 100);
}

}  // namespace halley::storage
