// Backups, exports and imports: what comes out is what went in.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/base/sqlite.h"
#include "storage/open/work_watch.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"
#include "tests/unit/storage/usage_check.h"

namespace halley::storage {
namespace {

std::expected<ErrandReport, std::string> errand(TestStore& test, Errand errand) {
  std::optional<std::expected<ErrandReport, std::string>> answer;
  test.store().run_errand(std::move(errand), [&answer](auto result) { answer = std::move(result); });
  while (!answer) test.queue().run_one();
  return *answer;
}

NetworkRow network_named(NetworkId id, UserId user, std::string name) {
  NetworkRow row;
  row.id = id;
  row.user = user;
  row.name = std::move(name);
  row.urls = "ircs://h";
  row.nick = "kit";
  row.settings = {{"on-connect", "v1:sealed"}};
  return row;
}

// Users 1 (one) and 2 (two) with networks 1 and 2, buffers 11 and 12, devices 1 and 2, and lines that
// alternate.
void fill(TestStore& test) {
  REQUIRE(test.commit(
      {PutUser{{.id = 1,
                .name = "one",
                .password_hash = "hash",
                .created_ms = 5,
                .settings = {{"retention-days", "9"}}}},
       PutUser{{.id = 2, .name = "two", .admin = true, .created_ms = 6}},
       PutNetwork{network_named(1, 1, "a")}, PutNetwork{network_named(2, 2, "b")},
       PutChannel{{1, "#c", "key"}}, PutChannel{{2, "#d", ""}},
       PutDevice{{.id = 1,
                  .user = 1,
                  .name = "phone",
                  .token_hash = "token",
                  .scram_keys = "keys",
                  .created_ms = 1,
                  .seen_ms = 2}},
       PutDevice{{.id = 2, .user = 2, .name = "phone", .token_hash = "other", .created_ms = 1, .seen_ms = 2}},
       PutSession{{.id = 1, .user = 2, .token_hash = "cookie"}}}));
  for (const UserId user : {1U, 2U}) {
    test.journal().append(BufferRecord{.id = 10 + user, .user = user, .network = user, .name = "#c"});
    test.journal().append(
        StateRecord{.user = user, .network = user, .device = user, .kind = 1, .value = "position"});
    test.journal().append(StateRecord{.user = user, .kind = 2, .key = "tab-b", .value = "4"});
    test.journal().append(StateRecord{.user = user, .kind = 2, .key = "tab-a", .value = "5"});
  }
  for (EventId i = 0; i < 1000; ++i) {
    const UserId user = i % 2 == 0 ? 1 : 2;
    Sample sample = said(kStart + i, "line " + std::to_string(i), user);
    sample.network = user;
    sample.buffers = {10 + user};
    if (i % 10 == 0) sample.buffers.push_back(100 + user);
    if (i % 100 == 0) sample.buffers.clear();
    if (i % 7 == 0) sample.msgid = "msgid" + std::to_string(i);
    if (i % 11 == 0) sample.time_ms -= 86'400'000;
    test.journal().append(sample.view());
  }
}

std::vector<Sample> log_of_user(TestStore& test, UserId user) {
  LogQuery query = log_of(user);
  query.max_rows = 100'000;
  query.max_bytes = 100'000'000;
  const auto page = test.log(query);
  REQUIRE(page);
  return samples_of(*page);
}

std::vector<EventId> by_time(TestStore& test, UserId user, BufferId buffer) {
  HistoryQuery query;
  query.user = user;
  query.buffer = buffer;
  query.what = HistoryQuery::What::kBefore;
  query.a.by = Bound::By::kTime;
  query.a.time_ms = static_cast<std::int64_t>(kStart / 1000) - 1000;
  query.limit = 1000;
  const auto page = test.history(query);
  REQUIRE(page);
  return ids_of(*page);
}

std::size_t found(TestStore& test, UserId user, const std::string& word) {
  SearchQuery query;
  query.user = user;
  query.text = word;
  query.limit = 10'000;
  const auto page = test.search(query);
  REQUIRE(page);
  return page->events.size();
}

}  // namespace

TEST_CASE("a backup is a database that Halley starts from, with all that was said before it") {
  const fakes::TempDirectory directory, elsewhere;
  TestStore test{directory.path()};
  fill(test);
  const std::string epoch = test.loaded().epoch;
  const auto made = errand(test, {Errand::What::kBackup, elsewhere / "halley.db", 0});
  REQUIRE(made);
  CHECK(made->events == 1000);
  CHECK(made->bytes == std::filesystem::file_size(elsewhere / "halley.db"));
  CHECK(std::distance(std::filesystem::directory_iterator(elsewhere.path()), {}) == 1);
  const std::vector<Sample> ours = log_of_user(test, 1);
  test.reopen();

  TestStore restored{elsewhere.path()};
  CHECK(restored.loaded().damage.empty());
  CHECK(restored.loaded().epoch != epoch);
  CHECK(restored.loaded().users.size() == 2);
  CHECK(restored.loaded().sessions.size() == 1);
  CHECK(restored.loaded().channels.size() == 2);
  CHECK(restored.loaded().last_event == test.loaded().last_event);
  CHECK(log_of_user(restored, 1) == ours);
  CHECK(found(restored, 1, "line") == 500);
  REQUIRE(restored.loaded().states.size() == 6);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(restored.loaded().states[i].value == test.loaded().states[i].value);
  // It goes on: what is written now is newer than what was restored.
  restored.journal().append(StateRecord{.user = 1, .kind = 2, .key = "tab-b", .value = "6"});
  restored.journal().append(said(kStart + 5000, "after that").view());
  restored.reopen();
  CHECK(log_of_user(restored, 1).size() == 501);
  CHECK(restored.loaded().states.back().value == "6");
  CHECK(restored.loaded().damage.empty());
}

TEST_CASE("what one user's export holds is there again when it is imported") {
  const fakes::TempDirectory directory, elsewhere;
  const std::filesystem::path file = elsewhere / "one.halley";
  TestStore test{directory.path()};
  fill(test);
  const auto made = errand(test, {Errand::What::kExport, file, 1});
  REQUIRE(made);
  CHECK(made->events == 500);
  CHECK(Db(file, Db::OpenMode::kReadOnly).number("SELECT count(*) FROM user") == 1);
  CHECK(Db(file, Db::OpenMode::kReadOnly).number("SELECT count(*) FROM session") == 0);
  const std::vector<Sample> before = log_of_user(test, 1);
  const std::vector<EventId> late = by_time(test, 1, 11);
  REQUIRE(!late.empty());

  const bool removed = GENERATE(true, false);  // in place of the old one, or beside it
  if (removed) REQUIRE(test.commit({RemoveUser{1}}));
  test.close();
  // The owner of a state adds to what it says of buffers.
  const MoveState mark = [](StateRow& row, BufferId added) {
    if (row.key.starts_with("tab-")) row.key += "+" + std::to_string(added);
  };
  if (!removed) CHECK_FALSE(import_user({.directory = directory.path()}, file, "ONE", {}));
  const auto imported = import_user({.directory = directory.path()}, file, removed ? "one" : "again", mark);
  if (!imported) FAIL(imported.error());
  CHECK(imported->events == 500);
  test.open();

  const Loaded& now = test.loaded();
  REQUIRE(now.users.size() == (removed ? 2 : 3));
  const UserRow& user = now.users.back();
  CHECK(user.id == 3);
  CHECK(user.name == (removed ? "one" : "again"));
  CHECK(user.password_hash == "hash");
  CHECK(user.settings == std::vector<SettingRow>{{"retention-days", "9"}});
  const NetworkRow& network = now.networks.back();
  CHECK((network.id == 3 && network.user == 3 && network.name == "a" && network.settings.size() == 1));
  CHECK((now.channels.back().network == 3 && now.channels.back().key == "key"));
  CHECK((now.devices.back().id == 3 && now.devices.back().user == 3 &&
         now.devices.back().token_hash == (removed ? "token" : "") &&
         now.devices.back().scram_keys == (removed ? "keys" : "")));
  std::vector<std::string> states;
  for (const StateRow& row : now.states) {
    if (row.user == 3)
      states.push_back(row.key + row.value + std::to_string(row.network) + std::to_string(row.device));
  }
  CHECK(states == std::vector<std::string>{"position33", "tab-b+12400", "tab-a+12500"});
  std::vector<Sample> moved = before;
  for (Sample& sample : moved) {
    sample.user = 3;
    sample.network = 3;
    for (BufferId& buffer : sample.buffers) buffer += 12;
  }
  CHECK(log_of_user(test, 3) == moved);
  CHECK(by_time(test, 3, 23) == late);
  CHECK(found(test, 3, "line") == 500);
  CHECK(found(test, 2, "line") == 500);
  CHECK(test.store().figures().events >= 1000);
  const auto usage = test.usage(3);
  CHECK((usage && usage->size() == 1 && usage->front().lines == 500));
  checked_usage(directory.path());
}

TEST_CASE("long work tells how far it has got, before it is answered") {
  const fakes::TempDirectory directory, elsewhere;
  TestStore test{directory.path()};
  fill(test);
  const auto told = [&test](Errand wanted) {
    std::vector<WorkProgress> news;
    bool done = false;
    wanted.on_progress = [&news, &done](const WorkProgress& progress) {
      CHECK_FALSE(done);
      news.push_back(progress);
    };
    test.store().run_errand(std::move(wanted), [&done](const auto& result) {
      CHECK(result);
      done = true;
    });
    while (!done) test.queue().run_one();
    REQUIRE_FALSE(news.empty());
    for (const WorkProgress& one : news) CHECK((one.of == 0 || one.done <= one.of));
    return news.front().what;
  };
  CHECK(told({.what = Errand::What::kBackup, .file = elsewhere / "all"}) == "pages copied");
  CHECK(told({.what = Errand::What::kExport, .file = elsewhere / "one", .user = 1}) ==
        "steps of the count of lines");
  CHECK(told({.what = Errand::What::kExportLines, .file = elsewhere / "lines", .user = 1}) ==
        "steps of the count of lines");
  CHECK(told({.what = Errand::What::kCheck}) == "steps of the database's check");
  test.close();
  std::vector<std::string> news;
  REQUIRE(import_user({.directory = directory.path()}, elsewhere / "lines", "again", {},
                      [&news](const WorkProgress& progress) { news.push_back(progress.what); }));
  REQUIRE(news.size() >= 2);
  CHECK(news.front() == "bytes read");
  CHECK(news.back() == "lines imported");
}

TEST_CASE("long work tells what begins at once, and then ten times a second") {
  const std::atomic<bool> never{false};
  std::vector<std::string> told;
  WorkWatch watch{never, [&told](const WorkProgress& progress) { told.push_back(progress.what); }};
  for (std::uint64_t i = 0; i < 1000; ++i) watch.at("a", i, 1000);
  CHECK(told == std::vector<std::string>{"a"});  // at once, and then ten times a second
  watch.at("b", 0);
  CHECK(told.back() == "b");
}

TEST_CASE("of a log whose rows a damaged page hides nothing is written that would pass for the whole") {
  const fakes::TempDirectory directory, elsewhere;
  TestStore test{directory.path()};
  fill(test);
  REQUIRE(errand(test, {Errand::What::kExport, elsewhere / "good", 1}));
  test.close();
  // As a flipped byte in the key of a row does it: a walk over the rows meets no error.
  for (const auto& file : {directory / "halley.db", elsewhere / "good"})
    Db(file, Db::OpenMode::kReadWrite)
        .exec(
            "UPDATE event SET user = 77 WHERE user = 1 AND id = (SELECT max(id) FROM event WHERE user = 1)");
  const auto imported = import_user({.directory = directory.path()}, elsewhere / "good", "again", {});
  REQUIRE_FALSE(imported);
  CHECK_THAT(imported.error(), Catch::Contains("of 500 lines 499 can be read"));
  std::filesystem::remove(elsewhere / "good");

  test.reopen();
  struct Taker final : LogTaker {
    Status take(const Page&) override { return {}; }
    Status finish() override { return {}; }
  };
  Errand text{.what = Errand::What::kLog, .user = 1};
  text.taker = std::make_unique<Taker>();
  for (const auto& made :
       {errand(test, {Errand::What::kExport, elsewhere / "x", 1}),
        errand(test, {Errand::What::kExportLines, elsewhere / "x", 1}), errand(test, std::move(text))}) {
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error(), Catch::Contains("of 500 lines 499 can be read; see doctor"));
  }
  CHECK(std::filesystem::is_empty(elsewhere.path()));
  CHECK(errand(test, {Errand::What::kExport, elsewhere / "other", 2}));
}

TEST_CASE("a copy that cannot be made leaves nothing behind, and what is no export is refused") {
  const fakes::TempDirectory directory, elsewhere;
  TestStore test{directory.path()};
  fill(test);
  CHECK_FALSE(errand(test, {Errand::What::kExport, elsewhere / "x", 77}));
  CHECK(std::filesystem::is_empty(elsewhere.path()));
  CHECK_THAT(errand(test, {Errand::What::kBackup, elsewhere.path() / "no" / "x", 0}).error(),
             Catch::Contains("folder"));
  const auto checked = errand(test, {});
  REQUIRE(checked);
  CHECK(checked->problems.empty());

  const auto refused = [&](const std::filesystem::path& file) {
    const auto imported = import_user({.directory = directory.path()}, file, "new", {});
    REQUIRE_FALSE(imported);
    return imported.error();
  };
  CHECK_THAT(refused(directory / "halley.db"), Catch::Contains("in use by process"));
  REQUIRE(errand(test, {Errand::What::kBackup, elsewhere / "all", 0}));
  test.close();
  CHECK_THAT(refused(elsewhere / "nothing"), Catch::Contains("no file"));
  CHECK_THAT(refused(elsewhere / "all"), Catch::Contains("more than one"));
  test.open();
  CHECK(test.loaded().users.size() == 2);
}

}  // namespace halley::storage
