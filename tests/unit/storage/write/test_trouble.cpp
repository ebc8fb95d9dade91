#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "tests/fakes/storage/base/failing_disk.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

// Asks for the figures until the store has met (or left behind) its trouble. A failed write is tried again
// after a second.
std::string trouble_becomes(TestStore& test, bool expected) {
  std::string trouble;
  do {
    trouble = test.store().figures().trouble;
    std::this_thread::yield();
  } while (trouble.empty() == expected);
  return trouble;
}

}  // namespace

TEST_CASE("a full disk is said, costs no line, and is got over without help") {
  const fakes::TempDirectory directory;
  fakes::FailingDisk disk;
  TestStore test{directory.path()};
  test.journal().append(said(kStart, "before").view());
  REQUIRE(test.log(log_of(1)));

  disk.fill();
  test.journal().append(said(kStart + 1, "meanwhile").view());
  // A read does not wait for the disk: it gives what is in the database, and says up to where that goes.
  const auto page = test.log(log_of(1));
  REQUIRE(page);
  CHECK(ids_of(*page) == std::vector<EventId>{kStart});
  CHECK(page->applied < test.journal().head());
  CHECK_THAT(trouble_becomes(test, true), Catch::Contains("full"));
  CHECK(disk.refused() > 0);
  // The cursor goes on in the journal.
  std::vector<EventId> rest;
  CHECK(test.journal().scan(page->applied, [&rest](const Record& record) {
    rest.push_back(std::get<Event>(record).id);
    return true;
  }));
  CHECK(rest == std::vector<EventId>{kStart + 1});
  disk.mend();
  trouble_becomes(test, false);
  CHECK(ids_of(*test.log(log_of(1))) == std::vector<EventId>{kStart, kStart + 1});
  while (test.troubles.size() < 2) test.queue().run_one();
  CHECK_THAT(test.troubles[0], Catch::Contains("full"));
  CHECK(test.troubles[1].empty());
}

TEST_CASE("changes given while the disk is full are kept, in order, and answered when they are on it") {
  const fakes::TempDirectory directory;
  fakes::FailingDisk disk;
  TestStore test{directory.path()};
  std::vector<std::string> answers;
  const auto commit = [&](std::string name, std::vector<Change> changes) {
    test.store().commit(std::move(changes), [&answers, name](const Status& status) {
      answers.push_back(name + (status ? "" : ": " + status.error()));
    });
  };
  disk.fill();
  commit("first", {PutUser{{.id = 1, .name = "u"}}});
  trouble_becomes(test, true);
  commit("second", {PutUser{{.id = 1, .name = "v"}}, PutDevice{{.id = 1, .user = 1, .name = "d"}}});
  commit("refused", {PutUser{{.id = 2, .name = "v"}}});
  // As often as it is tried: nobody is told that it failed, and then finds it done.
  for (const int before = disk.refused(); disk.refused() < before + 2;) std::this_thread::yield();
  test.queue().run_what_is_there();
  CHECK(answers.empty());
  disk.mend();
  while (answers.size() < 3) test.queue().run_one();
  CHECK((answers[0] == "first" && answers[1] == "second"));
  CHECK_THAT(answers[2], Catch::Contains("refused the change"));
  test.reopen();
  REQUIRE(test.loaded().users.size() == 1);
  CHECK((test.loaded().users[0].name == "v" && test.loaded().devices.size() == 1));
}

TEST_CASE("changes that wait for the disk are bounded") {
  const fakes::TempDirectory directory;
  fakes::FailingDisk disk;
  TestStore test{directory.path()};
  disk.fill();
  test.store().commit({PutUser{{.id = 1, .name = "u"}}}, nullptr);
  trouble_becomes(test, true);
  for (int i = 0; i < 4000; ++i) test.store().commit({PutUser{{.id = 1, .name = "v"}}}, nullptr);
  CHECK(test.store().takes_commits());
  for (int i = 0; i < 96; ++i) test.store().commit({PutUser{{.id = 1, .name = "w"}}}, nullptr);
  CHECK_FALSE(test.store().takes_commits());
  // What comes by itself is taken all the same.
  test.store().commit({PutUser{{.id = 1, .name = "x"}}}, nullptr);
  disk.mend();
  trouble_becomes(test, false);
  CHECK(test.store().takes_commits());
  test.reopen();
  CHECK(test.loaded().users[0].name == "x");
}

TEST_CASE("a database that is deleted under the store is said, with what to do") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({}));
  CHECK(test.store().figures().trouble.empty());
  const std::string gone = GENERATE("halley.db", "halley.journal");
  std::filesystem::remove(directory / gone);
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}}));
  while (test.troubles.empty()) test.queue().run_one();
  CHECK_THAT(test.troubles[0], Catch::Contains(gone + " was deleted or replaced"));
  CHECK(test.store().figures().trouble == test.troubles[0]);
}

TEST_CASE("a journal that is cut short under the store is said") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  REQUIRE(test.commit({}));
  std::filesystem::resize_file(directory / "halley.journal", 0);
  test.journal().append(said(kStart, "into nothing").view());
  test.store().journal_grew();
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}}));
  while (test.troubles.empty()) test.queue().run_one();
  CHECK_THAT(test.troubles[0], Catch::Contains("the journal was cut short"));
  CHECK(test.store().figures().trouble == test.troubles[0]);
}

TEST_CASE("while the disk is away the journal fills, and the producer hears when there is room again") {
  const fakes::TempDirectory directory;
  fakes::FailingDisk disk;
  TestStore test{directory.path(), 1 << 20};
  bool room = false;
  test.store().on_room([&room] { room = true; });
  disk.break_down();
  EventId id = kStart;
  while (test.journal().has_room(kMaxRecord)) {
    test.journal().append(said(id++, std::string(300, 'x')).view());
    test.store().journal_grew();
  }
  CHECK_FALSE(test.store().figures().journal_used == 0);
  CHECK_FALSE(room);
  disk.mend();
  while (!room) test.queue().run_one();
  CHECK(test.journal().has_room(kMaxRecord));
  std::size_t rows = 0;
  for (LogQuery query = log_of(1);;) {
    const auto page = test.log(query);
    REQUIRE(page);
    rows += page->events.size();
    if (!page->more) break;
    query.after = page->events.back().id;
  }
  CHECK(rows == id - kStart);
}

TEST_CASE(
    "progress: a store rests when all is written, goes on trying on a full disk, and stands on a dead one") {
  const fakes::TempDirectory directory;
  fakes::FailingDisk disk;
  std::atomic<bool> dead{false}, reached{false};
  std::promise<void> revived;
  disk.before_sync([&, revival = revived.get_future().share()](const std::string&) {
    if (!dead) return;
    reached = true;
    revival.wait();
  });
  TestStore test{directory.path()};
  const auto rests = [&] {
    while (!test.store().progress().resting) std::this_thread::yield();
  };
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}}));
  rests();

  disk.fill();
  test.store().commit({PutUser{{.id = 1, .name = "v"}}}, {});
  trouble_becomes(test, true);
  const StoreProgress full = test.store().progress();
  CHECK_FALSE(full.resting);
  while (test.store().progress().rounds == full.rounds) std::this_thread::yield();
  disk.mend();
  rests();

  dead = true;
  test.store().commit({PutUser{{.id = 1, .name = "w"}}}, {});
  while (!reached) std::this_thread::yield();
  const StoreProgress stuck = test.store().progress();
  CHECK_FALSE(stuck.resting);
  test.journal().append(said(kStart, "meanwhile").view());
  test.store().journal_grew();
  CHECK(test.store().progress().rounds == stuck.rounds);
  dead = false;
  revived.set_value();
  rests();
  CHECK(test.store().progress().rounds > stuck.rounds);
}

TEST_CASE("what a broken disk kept out of the database at the end is there after the next start") {
  const fakes::TempDirectory directory;
  {
    fakes::FailingDisk disk;
    TestStore test{directory.path()};
    disk.break_down();
    for (EventId i = 0; i < 100; ++i) test.journal().append(said(kStart + i, "kept").view());
    test.close();
    disk.mend();
    TestStore again{directory.path()};
    CHECK(ids_of(*again.log(log_of(1))).size() == 100);
  }
}

}  // namespace halley::storage
