// The full-text index built anew while the store is in use.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/sqlite.h"
#include "storage/search/tokenizer.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

std::expected<ErrandReport, std::string> ask(TestStore& test, Errand::What what, OnProgress told = {}) {
  std::optional<std::expected<ErrandReport, std::string>> answer;
  test.store().run_errand({.what = what, .on_progress = std::move(told)},
                          [&answer](auto result) { answer = std::move(result); });
  while (!answer) test.queue().run_one();
  return *answer;
}

std::size_t found(TestStore& test, const std::string& word) {
  SearchQuery query;
  query.user = 1;
  query.text = word;
  query.limit = 100'000;
  const auto page = test.search(query);
  return page ? page->events.size() : 0;
}

// A hundred thousand and more words of as many lines.
void fill(TestStore& test, EventId lines) {
  for (EventId i = 0; i < lines; ++i) {
    Sample sample = said(kStart + i, "comet word" + std::to_string(i));
    sample.msgid = "msgid" + std::to_string(i);
    while (!test.journal().has_room(kMaxRecord)) test.log(log_of(1));
    test.journal().append(sample.view());
  }
}

void damage_index(const std::filesystem::path& file) {
  Db db{file, Db::OpenMode::kReadWrite};
  const Tokenizer tokenizer{db};
  db.exec("PRAGMA wal_autocheckpoint = 0");
  db.exec("UPDATE search_data SET block = zeroblob(length(block)) WHERE id > 10");
}

}  // namespace

TEST_CASE("the index is built anew while lines come and are looked for") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  fill(test, 20'000);
  CHECK(found(test, "word4711") == 1);
  std::vector<WorkProgress> told;
  std::optional<std::expected<ErrandReport, std::string>> answer;
  test.store().run_errand({.what = Errand::What::kReindex,
                           .on_progress = [&told](const WorkProgress& news) { told.push_back(news); }},
                          [&answer](auto result) { answer = std::move(result); });
  for (EventId i = 0; !answer; ++i) {
    if (i < 100) test.journal().append(said(kStart + 30'000 + i, "meanwhile").view());
    test.store().journal_grew();
    test.queue().run_one();
  }
  REQUIRE(*answer);
  CHECK(found(test, "word4711") == 1);
  CHECK(found(test, "comet") == 20'000);
  CHECK(ask(test, Errand::What::kCheck)->index_problem.empty());
  // It is the index that was emptied: what is not in the log is not in it any more.
  Db{directory / "halley.db", Db::OpenMode::kReadWrite}.exec("UPDATE event SET line = ':a PRIVMSG #c :gone'");
  REQUIRE(ask(test, Errand::What::kReindex));
  Db db{directory / "halley.db", Db::OpenMode::kReadOnly};
  CHECK(db.number("SELECT value FROM meta WHERE key = 'indexed_events'") >= 20'000);
  CHECK(found(test, "word4711") == 0);
}

TEST_CASE("a damaged index is found, and mended while the store is in use or at a start") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  fill(test, 20'000);
  CHECK(found(test, "word4711") == 1);
  CHECK(ask(test, Errand::What::kCheck)->index_problem.empty());
  const bool stopped = GENERATE(false, true);
  if (stopped) test.close();
  damage_index(directory / "halley.db");
  if (stopped) test.open();
  const auto checked = ask(test, Errand::What::kCheck);
  REQUIRE(checked);
  CHECK(checked->problems.empty());  // the lines are all there
  CHECK_THAT(checked->index_problem, Catch::Contains("malformed"));
  REQUIRE(ask(test, Errand::What::kReindex));
  CHECK(ask(test, Errand::What::kCheck)->index_problem.empty());
  CHECK(found(test, "word4711") == 1);
  CHECK(found(test, "comet") == 20'000);
}

}  // namespace halley::storage
