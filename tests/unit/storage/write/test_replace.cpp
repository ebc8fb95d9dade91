// An event that turned out to be another takes its place everywhere: in the log, in histories, in the index.
#include <catch2/catch.hpp>
#include <string>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {

TEST_CASE("an event that is replaced is found as the other, and nowhere as what it was") {
  const fakes::TempDirectory directory;
  TestStore test{directory / "data"};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}}));
  Sample sample = said(kStart + 1, "hyperbolic comet");
  sample.msgid = "theirs";
  sample.tags = "+x=y";
  sample.time_ms += 60'000;
  test.journal().append(said(kStart, "before").view());
  test.journal().append(sample.view());
  test.journal().append(said(kStart + 2, "after").view());
  const auto search = [&](std::string text) {
    SearchQuery query;
    query.user = 1;
    query.text = std::move(text);
    return ids_of(*test.search(query));
  };
  if (GENERATE(true, false))
    CHECK(search("hyperbolic") == std::vector<EventId>{kStart + 1});  // indexed before
  const auto events = test.store().figures().events;
  ReplaceEvent change{
      .user = 1, .id = kStart + 1, .kind = 11, .buffer = 9, .line = ":srv NOTICE ann :refused"};
  change.text_at = 17;
  REQUIRE(test.commit({change}));
  if (GENERATE(false, true)) test.reopen();
  const auto log = samples_of(*test.log(log_of(1)));
  REQUIRE(log.size() == 3);
  CHECK(log[1].line == ":srv NOTICE ann :refused");
  CHECK(log[1].id == kStart + 1);
  CHECK(log[1].network == 3);
  CHECK(log[1].time_ms == sample.time_ms);
  CHECK(log[1].kind == 11);
  CHECK(log[1].buffers == std::vector<BufferId>{9});
  CHECK((log[1].msgid.empty() && log[1].tags.empty()));
  HistoryQuery history;
  history.user = 1;
  history.buffer = 7;
  CHECK(ids_of(*test.history(history)) == std::vector<EventId>{kStart, kStart + 2});
  history.buffer = 9;
  CHECK(ids_of(*test.history(history)) == std::vector<EventId>{kStart + 1});
  CHECK(search("hyperbolic").empty());
  CHECK(search("refused") == std::vector<EventId>{kStart + 1});
  CHECK(test.store().figures().events >= events);
  CHECK(test.store().figures().events == 3);
  // One that is not there stays away.
  change.id = kStart + 5;
  REQUIRE(test.commit({change}));
  CHECK(samples_of(*test.log(log_of(1))).size() == 3);
}

}  // namespace halley::storage
