// Lines of other programs' logs take their place in the log of a user who is there.
#include <fmt/format.h>

#include "storage/api/log_import.h"
#include "tests/unit/storage/usage_check.h"
#include "tests/unit/storage/write/removal_bench.h"

namespace halley::storage {
namespace {

constexpr std::int64_t kNowMs = static_cast<std::int64_t>(kStart / 1000) + 86'400'000;
using Added = LogImport::Added;

struct ImportBench {
  ImportBench() {
    TestStore test{directory.path()};
    REQUIRE(test.commit({PutUser{{.id = 1, .name = "one"}}, PutUser{{.id = 2, .name = "two"}},
                         PutNetwork{network_of(3, 1, "a")}}));
    test.journal().append(BufferRecord{.id = 7, .user = 1, .network = 3, .name = "#comet"});
    // Said through Halley itself, later than all that is imported.
    test.journal().append(said(kStart + 1'000'000, "comet now").view());
    REQUIRE(test.search(comets(1))->events.size() == 1);
  }
  std::unique_ptr<LogImport> open() const {
    auto import = LogImport::open({.directory = directory.path()}, kNowMs);
    REQUIRE(import);
    return std::move(*import);
  }
  static Added add(LogImport& import, std::int64_t time_ms, std::string_view text, BufferId buffer = 7) {
    Sample sample = said(1, text);
    sample.time_ms = time_ms;
    sample.buffers = {buffer};
    const auto taken = import.add(sample.view());
    REQUIRE(taken);
    return *taken;
  }
  std::vector<std::string> texts(const std::expected<Page, std::string>& page) const {
    REQUIRE(page);
    std::vector<std::string> out;
    for (const Event& event : page->events) out.emplace_back(event.line.substr(event.text_at));
    return out;
  }
  fakes::TempDirectory directory;
};

constexpr std::int64_t kThen = 1'500'000'000'000;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("imported lines stand where their times are, in log, history and search") {
  ImportBench bench;
  {
    const auto import = bench.open();
    const auto buffers = import->buffers(1);
    REQUIRE(buffers);
    REQUIRE(buffers->size() == 1);
    const auto query = import->make_buffer(1, 3, "ann");
    REQUIRE(query);
    CHECK(*query == 8);
    CHECK(bench.add(*import, kThen, "comet first") == Added::kNew);
    CHECK(bench.add(*import, kThen, "comet again") == Added::kNew);
    CHECK(bench.add(*import, kThen + 1000, "comet later") == Added::kNew);
    CHECK(bench.add(*import, kThen, "comet in a query", *query) == Added::kNew);
    CHECK(bench.add(*import, kNowMs + 1, "comet of tomorrow") == Added::kBadTime);
    CHECK(bench.add(*import, 0, "comet of no time") == Added::kBadTime);
    REQUIRE(import->finish());
  }
  TestStore test{bench.directory.path()};
  CHECK(test.loaded().buffers.size() == 2);
  CHECK(test.loaded().heads == std::vector<std::pair<UserId, EventId>>{{1, kStart + 1'000'000}});
  HistoryQuery query;
  query.user = 1;
  query.buffer = 7;
  CHECK(bench.texts(test.history(query)) == Texts{"comet first", "comet again", "comet later", "comet now"});
  query.what = HistoryQuery::What::kBefore;
  query.a.by = Bound::By::kTime;
  query.a.time_ms = kThen + 500;
  CHECK(bench.texts(test.history(query)) == Texts{"comet first", "comet again"});
  query.buffer = 8;
  CHECK(bench.texts(test.history(query)) == Texts{"comet in a query"});
  // A client that has what was said through Halley is given none of it.
  LogQuery news = log_of(1);
  news.after = kStart + 1'000'000;
  CHECK(test.log(news)->events.empty());
  CHECK(test.log(log_of(1))->events.size() == 5);
  while (test.search(comets(1))->events.size() != 5) std::this_thread::yield();
  // They go as any other line does.
  REQUIRE(test.commit({RemoveEvents{1, kThen + 500}}));
  settle(test);
  CHECK(test.log(log_of(1))->events.size() == 2);
}

TEST_CASE("a second import adds nothing but what is new") {
  ImportBench bench;
  const auto run = [&](bool more) {
    const auto import = bench.open();
    BufferId query = 8;
    if (import->buffers(1)->size() == 1) query = *import->make_buffer(1, 3, "ann");
    std::size_t fresh = 0;
    const auto add = [&](std::int64_t time, std::string_view text, BufferId buffer = 7) {
      fresh += bench.add(*import, time, text, buffer) == Added::kNew ? 1 : 0;
    };
    for (int second = 0; second < 100; ++second) {
      for (int i = 0; i < 300; ++i)
        add(kThen + second * 1000, i % 3 == 0 ? "the same" : "text " + std::to_string(i));
    }
    for (int second = 0; second < 100; ++second) {
      for (int i = 0; i < 300; ++i) add(kThen + second * 1000, "the same", query);
    }
    if (more) add(kThen + 99'000, "the same");
    REQUIRE(import->finish());
    return fresh;
  };
  CHECK(run(false) == 60'000);
  CHECK(run(false) == 0);
  CHECK(run(true) == 1);
  CHECK(run(true) == 0);
  CHECK(count(bench.directory, "SELECT count(*) FROM event") == 60'002);
  CHECK(count(bench.directory, "SELECT value FROM meta WHERE key = 'events'") == 60'002);
  CHECK(count(bench.directory, "SELECT count(*) FROM moment") == 60'002);
  CHECK(checked_usage(bench.directory.path()).starts_with("1 60002 "));
}

TEST_CASE("what an import has in memory is bounded") {
  ImportBench bench;
  const auto import = bench.open();
  const std::string text(8000, 'x');
  for (int i = 0; i < 1100; ++i) bench.add(*import, kThen + i, text);
  CHECK(count(bench.directory, "SELECT count(*) FROM event") > 1000);
  CHECK(count(bench.directory, "SELECT count(*) FROM event") < 1101);
  REQUIRE(import->finish());
  CHECK(count(bench.directory, "SELECT count(*) FROM event") == 1101);
}

TEST_CASE("two users' lines of the same moment may have the same ids, and are each user's own") {
  ImportBench bench;
  {
    const auto import = bench.open();
    const auto other = import->make_buffer(2, 4, "#comet");
    REQUIRE(other);
    for (int i = 0; i < 1000; ++i) bench.add(*import, kThen, "comet of one " + std::to_string(i));
    for (int i = 0; i < 1000; ++i) {
      Sample sample = said(1, "comet of two " + std::to_string(i), 2);
      sample.time_ms = kThen;
      sample.network = 4;
      sample.buffers = {*other};
      REQUIRE(import->add(sample.view()) == Added::kNew);
    }
    REQUIRE(import->finish());
  }
  CHECK(count(bench.directory,
              "SELECT count(*) FROM event e JOIN event f ON f.id = e.id AND f.user > e.user") > 0);
  TestStore test{bench.directory.path()};
  const auto found = [&](UserId user) { return test.search(comets(user))->events.size(); };
  while (found(1) != 1001 || found(2) != 1000) std::this_thread::yield();
  CHECK(test.log(log_of(2))->events.size() == 1000);
  REQUIRE(test.commit({RemoveUser{2}}));
  settle(test);
  CHECK(found(1) == 1001);
  CHECK(found(2) == 0);
}

TEST_CASE("lines whose times go to and fro cost no more than such as come in order") {
  ImportBench bench;
  constexpr int kLines = 3'000;
  const auto import_all = [&](LogImport& import) {
    int fresh = 0;
    for (int i = 0; i < kLines; ++i)
      fresh +=
          bench.add(import, i % 2 == 0 ? kThen : kThen + 60'000, fmt::format("comet {}", i)) == Added::kNew;
    CHECK(import.looked_at() < 2 * kLines);
    return fresh;
  };
  {
    const auto import = bench.open();
    CHECK(import_all(*import) == kLines);
    REQUIRE(import->finish());
  }
  const auto again = bench.open();
  CHECK(import_all(*again) == 0);
  REQUIRE(again->finish());
}

TEST_CASE("an import waits for nobody: a store that is in use is refused") {
  ImportBench bench;
  const TestStore test{bench.directory.path()};
  CHECK_FALSE(LogImport::open({.directory = bench.directory.path()}, kNowMs));
}

}  // namespace halley::storage
