// The text of an event that was taken back goes from everywhere; the event stays.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

Sample tagged(EventId id, std::string_view text, std::string msgid) {
  Sample sample = said(id, text);
  sample.msgid = std::move(msgid);
  sample.tags = "+x=y";
  return sample;
}

EraseText erasing(std::string msgid) {
  return {.user = 1, .network = 3, .buffer = 7, .msgid = std::move(msgid), .kind = 14};
}

std::vector<EventId> found(TestStore& test, std::string text) {
  SearchQuery query;
  query.user = 1;
  query.text = std::move(text);
  return ids_of(*test.search(query));
}

bool in_files(const fakes::TempDirectory& directory, std::string_view bytes) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory.path()}) {
    std::ifstream stream{entry.path(), std::ios::binary};
    std::stringstream all;
    all << stream.rdbuf();
    if (all.str().find(bytes) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("what was taken back keeps its place, and loses its text") {
  const fakes::TempDirectory directory;
  TestStore test{directory / "data"};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}}));
  const Sample sample = tagged(kStart + 1, "hyperbolic comet", "theirs");
  test.journal().append(said(kStart, "before").view());
  test.journal().append(sample.view());
  test.journal().append(said(kStart + 2, "after").view());
  if (GENERATE(true, false)) CHECK(found(test, "hyperbolic") == std::vector<EventId>{kStart + 1});  // indexed
  REQUIRE(test.commit({erasing("theirs")}));
  if (GENERATE(false, true)) test.reopen();
  const auto log = samples_of(*test.log(log_of(1)));
  REQUIRE(log.size() == 3);
  Sample bare = sample;
  bare.kind = 14;
  bare.tags = "";
  bare.text_at = 0;
  bare.line = ":nick!user@host PRIVMSG #comet :";
  CHECK(log[1] == bare);
  CHECK(found(test, "hyperbolic").empty());
  CHECK(found(test, "comet").empty());
  CHECK(found(test, "after") == std::vector<EventId>{kStart + 2});
  HistoryQuery history;
  history.user = 1;
  history.buffer = 7;
  history.kinds = 1U << 2;
  CHECK(ids_of(*test.history(history)) == std::vector<EventId>{kStart, kStart + 2});
  history.what = HistoryQuery::What::kAfter;  // it is still a place that one may read on from
  history.a = {Bound::By::kMsgid, 0, 0, "theirs"};
  CHECK(ids_of(*test.history(history)) == std::vector<EventId>{kStart + 2});
  CHECK(test.store().figures().events == 3);
  REQUIRE(test.commit({erasing("theirs"), erasing("nobody's")}));  // once more: nothing changes
  CHECK(samples_of(*test.log(log_of(1)))[1] == bare);
}

TEST_CASE("nothing is erased of another user, network, buffer or kind") {
  const fakes::TempDirectory directory;
  TestStore test{directory / "data"};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}, PutUser{{.id = 2, .name = "two"}}}));
  Sample theirs = tagged(kStart, "of another user", "m"), elsewhere = tagged(kStart + 1, "elsewhere", "m"),
         there = tagged(kStart + 2, "of another buffer", "m"),
         other = tagged(kStart + 3, "of another kind", "m");
  theirs.user = 2;
  elsewhere.network = 4;
  there.buffers = {8, 9};
  other.kind = 3;
  for (const Sample* one : {&theirs, &elsewhere, &there, &other}) test.journal().append(one->view());
  EraseText change = erasing("m");
  change.kinds = 1U << 2;
  REQUIRE(test.commit({change}));
  CHECK(samples_of(*test.log(log_of(2))) == std::vector<Sample>{theirs});
  CHECK(samples_of(*test.log(log_of(1))) == std::vector<Sample>{elsewhere, there, other});
  // Of an event with several buffers any is meant.
  change.buffer = 9;
  REQUIRE(test.commit({change}));
  CHECK(found(test, "buffer").empty());
}

TEST_CASE("of what was taken back no file holds a word once that is to be forgotten") {
  const fakes::TempDirectory directory;
  TestStore test{directory / "data"};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}}));
  for (EventId i = 0; i < 2000; ++i) {
    const bool secret = i % 50 == 0;
    Sample sample =
        tagged(kStart + i, secret ? "xyzzy" + std::to_string(i) : "others", "m" + std::to_string(i));
    if (secret && i % 100 == 0) sample.line += " xyzzy" + std::string(9000, 'y');  // on pages of its own
    test.journal().append(sample.view());
    if (i % 500 == 0) REQUIRE_FALSE(found(test, "xyzzy0").empty());  // pieces of the index
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(1)));
  }
  REQUIRE_FALSE(found(test, "xyzzy1950").empty());
  REQUIRE(in_files(directory, "xyzzy"));
  std::vector<Change> changes;
  for (EventId i = 0; i < 2000; i += 50) changes.emplace_back(erasing("m" + std::to_string(i)));
  REQUIRE(test.commit(std::move(changes)));
  CHECK(found(test, "xyzzy*").empty());
  const bool restarted = GENERATE(false, true);
  if (restarted) test.reopen();
  REQUIRE(test.commit({ForgetErased{}}));
  const auto settle = [&] {
    while (test.store().figures().removing) {
      test.queue().run_what_is_there();
      std::this_thread::yield();
    }
  };
  settle();
  CHECK_FALSE(in_files(directory, "xyzzy"));
  CHECK(found(test, "others").size() == 50);
  // Nothing is done for nothing.
  REQUIRE(test.commit({ForgetErased{}}));
  CHECK_FALSE(test.store().figures().removing);
  test.reopen();
  CHECK_FALSE(in_files(directory, "xyzzy"));
}

}  // namespace halley::storage
