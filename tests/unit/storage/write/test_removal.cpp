#include <catch2/catch.hpp>

#include "tests/unit/storage/write/removal_bench.h"

namespace halley::storage {

TEST_CASE("a removed network takes its log with it, from the first moment on, and leaves the others'") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  populate(test, 9000);
  REQUIRE(test.search(comets(1))->events.size() == 6000);
  REQUIRE(test.commit({RemoveNetwork{2}}));
  // However far the slices have come.
  CHECK(rows_of(test, 1) == 3000);
  CHECK(test.search(comets(1))->events.size() == 3000);
  wait_for_rows(test, 6000);
  CHECK(rows_of(test, 1) == 3000);
  CHECK(rows_of(test, 2) == 3000);
  CHECK(test.search(comets(1))->events.size() == 3000);
  CHECK(test.search(comets(2))->events.size() == 3000);
  test.close();
  CHECK(count(directory, "SELECT count(*) FROM event WHERE network = 2") == 0);
  CHECK(count(directory, "SELECT count(*) FROM place WHERE buffer IN (12, 52)") == 0);
  CHECK(count(directory, "SELECT count(*) FROM place") == 9000);
  CHECK(count(directory, "SELECT count(*) FROM moment") == 9000);
  CHECK(count(directory, "SELECT count(*) FROM doomed") == 0);
  test.open();
  CHECK(test.loaded().networks.size() == 2);
  CHECK(test.loaded().buffers.size() == 2);
  CHECK(test.loaded().states.size() == 4);
  CHECK(test.loaded().channels.size() == 1);
  CHECK(test.loaded().last_network == 3);
  CHECK(test.store().figures().indexed_behind == 0);
}

TEST_CASE("a removed user goes whole, also when the store is closed in the middle of it") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), std::size_t{16} << 20};
  populate(test, 12'000);
  const bool indexed = GENERATE(true, false);
  if (indexed) REQUIRE(test.search(comets(1))->events.size() == 8000);
  REQUIRE(test.commit({RemoveNetwork{1}, RemoveUser{1}}));
  CHECK(test.store().figures().events >= 4000);
  test.reopen();
  CHECK(test.loaded().users.size() == 1);
  CHECK(test.loaded().networks.size() == 1);
  CHECK(test.loaded().sessions.empty());
  CHECK(test.loaded().devices.size() == 1);
  CHECK(test.loaded().buffers.size() == 1);
  REQUIRE(test.loaded().states.size() == 2);
  CHECK((test.loaded().states[0].user == 2 && test.loaded().states[1].user == 2));
  CHECK(test.loaded().last_user == 2);
  wait_for_rows(test, 4000);
  CHECK(rows_of(test, 1) == 0);
  CHECK(test.search(comets(1))->events.empty());
  CHECK(test.search(comets(2))->events.size() == 4000);
  CHECK(rows_of(test, 2) == 4000);
  test.close();
  CHECK(count(directory, "SELECT count(*) FROM event") == 4000);
  CHECK(count(directory, "SELECT count(*) FROM place") == 6000);
  CHECK(words_in_index(directory) == 2 * 4000);
}

TEST_CASE("what is older than a time goes, of that user only, out of log, histories and index") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), std::size_t{16} << 20};
  populate(test, 9000);
  REQUIRE(test.search(comets(1))->events.size() == 6000);
  constexpr EventId kLater = kStart + 10'000'000;
  for (EventId i = 0; i < 10; ++i) test.journal().append(said(kLater + 1000 * i, "comet").view());
  const auto ms = static_cast<std::int64_t>(kLater / 1000) + 4;
  REQUIRE(test.commit({RemoveEvents{1, ms}, RemoveEvents{1, ms - 3}, RemoveEvents{1, 0}}));
  wait_for_rows(test, 3006);
  CHECK(rows_of(test, 1) == 6);
  CHECK(rows_of(test, 2) == 3000);
  CHECK(test.search(comets(1))->events.size() == 6);
  CHECK(test.search(comets(2))->events.size() == 3000);
  test.close();
  CHECK(count(directory, "SELECT count(*) FROM outdated") == 0);
  CHECK(count(directory, "SELECT count(*) FROM moment") == count(directory, "SELECT count(*) FROM place"));
  CHECK(words_in_index(directory) == 2 * 3000 + 6);
}

TEST_CASE("how far a log has got outlives its events: cursors that stand there stay good") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), std::size_t{16} << 20};
  const auto head_of = [&test](UserId user) {
    for (const auto& [id, head] : test.loaded().heads) {
      if (id == user) return head;
    }
    return EventId{0};
  };
  populate(test, 9000);
  SECTION("when all of it is too old") {
    REQUIRE(test.commit({RemoveEvents{1, static_cast<std::int64_t>(kStart / 1000) + 1000}}));
    wait_for_rows(test, 3000);
    test.reopen();
    CHECK(rows_of(test, 1) == 0);
    CHECK(head_of(1) == kStart + 8998);
    CHECK(head_of(2) == kStart + 8999);
    // It goes on from there, also over a removal of what is newer.
    test.journal().append(said(kStart + 10'000, "comet").view());
    test.reopen();
    CHECK(head_of(1) == kStart + 10'000);
    REQUIRE(test.commit({RemoveEvents{1, static_cast<std::int64_t>(kStart / 1000) + 2000}}));
    wait_for_rows(test, 3000);
    test.reopen();
    CHECK(head_of(1) == kStart + 10'000);
  }
  SECTION("when the newest was of a network that has been removed") {
    REQUIRE(test.commit({RemoveNetwork{2}}));
    wait_for_rows(test, 6000);
    test.reopen();
    CHECK(head_of(1) == kStart + 8998);
  }
  SECTION("but not the user") {
    REQUIRE(test.commit({RemoveNetwork{2}, RemoveUser{1}}));
    wait_for_rows(test, 3000);
    settle(test);
    test.close();
    CHECK(count(directory, "SELECT count(*) FROM meta WHERE key GLOB 'head.*'") == 0);
  }
}

TEST_CASE("of a removed user no file holds a word, neither while the store runs nor after a restart") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 1 << 20};
  populate(test, 3000);
  for (EventId i = 0; i < 3000; ++i) {
    const bool theirs = i % 2 == 0;
    Sample sample =
        said(kStart + 10'000 + i, theirs ? "xyzzy" + std::to_string(i) : "others", theirs ? 2 : 1);
    sample.network = theirs ? 3 : 1;
    test.journal().append(sample.view());
    if (i % 500 == 0) REQUIRE(test.search(comets(2)));  // pieces of the index, written and merged
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(1)));
  }
  REQUIRE(test.search(comets(2)));
  REQUIRE(file_with(directory, "xyzzy") != "");
  REQUIRE(test.commit({RemoveUser{2}}));
  const bool restarted = GENERATE(false, true);
  if (restarted) test.reopen();
  settle(test);
  CHECK(file_with(directory, "xyzzy") == "");
  CHECK(rows_of(test, 1) == 2000 + 1500);
  CHECK(test.search(comets(1))->events.size() == 2000);
  // The journal goes on behind what was wiped.
  test.journal().append(said(kStart + 100'000, "after that").view());
  CHECK(rows_of(test, 1) == 2000 + 1501);
  test.reopen();
  CHECK(file_with(directory, "xyzzy") == "");
  CHECK(rows_of(test, 1) == 2000 + 1501);
  CHECK_FALSE(test.store().figures().removing);
}

TEST_CASE("what was replaced by something sealed is in no file afterwards") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 1 << 20};
  populate(test, 100);
  NetworkRow network = network_of(1, 1, "a");
  network.on_connect = "PRIVMSG NickServ :IDENTIFY xyzzy" + std::string(9000, 'y');
  REQUIRE(test.commit({PutNetwork{network}}));
  REQUIRE(file_with(directory, "xyzzy") != "");
  network.on_connect.clear();
  REQUIRE(test.commit({PutNetwork{network}, ForgetReplaced{}}));
  settle(test);
  CHECK(file_with(directory, "xyzzy") == "");
  CHECK(rows_of(test, 1) == 67);
}

TEST_CASE("who waits for removals waits for those before, however much is changed meanwhile") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  populate(test, 9000);
  bool settled = false;
  std::size_t given = 0, done = 0;
  test.store().commit({RemoveNetwork{2}}, nullptr);
  test.store().run_errand({.what = Errand::What::kSettle}, [&](const auto& report) {
    CHECK(report);
    settled = true;
  });
  // There is always a change that waits.
  for (; !settled; test.queue().run_one()) {
    for (; given < done + 8; ++given) test.store().commit({DamageTold{}}, [&done](const Status&) { ++done; });
  }
  CHECK(rows_of(test, 1) == 3000);
  CHECK(test.store().figures().events == 6000);
}

TEST_CASE("state goes with its user, network or device, also what was written after that") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  populate(test, 0);
  REQUIRE(test.commit({RemoveDevice{1}}));
  test.journal().append(StateRecord{.user = 1, .network = 1, .device = 1, .kind = 1, .value = "late"});
  test.journal().append(StateRecord{.user = 1, .network = 2, .kind = 7, .key = "#c", .value = "kept"});
  test.reopen();
  REQUIRE(test.loaded().states.size() == 4);
  CHECK(test.loaded().states.back().value == "kept");
  REQUIRE(test.commit({RemoveNetwork{2}}));
  test.reopen();
  CHECK(test.loaded().states.size() == 3);
  REQUIRE(test.commit({RemoveUser{1}}));
  test.journal().append(StateRecord{.user = 1, .kind = 2, .key = "tab", .value = "late"});
  test.close();
  { TestStore again{directory.path()}; }
  CHECK(count(directory, "SELECT count(*) FROM state") == 2);
  CHECK(count(directory, "SELECT count(*) FROM state WHERE user = 2") == 2);
}

TEST_CASE("lines that are removed before the index has taken them never get there") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  populate(test, 300);
  REQUIRE(test.search(comets(1))->events.size() == 200);
  for (EventId i = 300; i < 400; ++i) test.journal().append(said(kStart + i, "comet").view());
  REQUIRE(rows_of(test, 1) == 300);
  REQUIRE(test.commit({RemoveUser{1}}));
  wait_for_rows(test, 100);
  CHECK(test.search(comets(2))->events.size() == 100);
  test.close();
  CHECK(words_in_index(directory) == 2 * 100);
}

}  // namespace halley::storage
