#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "storage/api/plain_text.h"
#include "storage/base/sqlite.h"
#include "storage/read/reader.h"
#include "storage/search/search_text.h"
#include "tests/fakes/storage/read/reader_probe.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::storage {
namespace {

SearchQuery words(std::string text) {
  SearchQuery query;
  query.user = 1;
  query.text = std::move(text);
  return query;
}

// What search finds, turned to the order of the ids.
std::vector<EventId> found(TestStore& test, const SearchQuery& query) {
  const auto page = test.search(query);
  if (!page) FAIL(page.error());
  auto ids = ids_of(*page);
  REQUIRE(std::ranges::is_sorted(ids, std::greater{}));
  std::ranges::reverse(ids);
  return ids;
}

std::string plain(std::string_view text) {
  std::string out;
  append_plain(text, out);
  return out;
}

}  // namespace

TEST_CASE("a search between times goes by those that are shown, also of lines that came late") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  constexpr EventId kHour = 3'600'000'000;
  constexpr auto kBegin = static_cast<std::int64_t>(kStart / 1000);
  const auto put = [&](EventId id, std::int64_t time_ms) {
    Sample sample = said(id, "a comet");
    sample.time_ms = time_ms;
    test.journal().append(sample.view());
  };
  put(kStart, kBegin);
  put(kStart + kHour, kBegin + 3'600'000);
  put(kStart + 2 * kHour, kBegin + 1'000);                    // late
  put(kStart + 3 * kHour, kBegin + 3 * 3'600'000 + 240'000);  // by a clock that is ahead
  SearchQuery query = words("comet");
  query.to_ms = kBegin + 5'000;
  CHECK(found(test, query) == std::vector<EventId>{kStart, kStart + 2 * kHour});
  query.from_ms = kBegin + 1'000;
  CHECK(found(test, query) == std::vector<EventId>{kStart + 2 * kHour});
  query.to_ms = kBegin + 1'000;
  CHECK(found(test, query).empty());
  query = words("comet");
  query.from_ms = kBegin + 5'000;
  CHECK(found(test, query) == std::vector<EventId>{kStart + kHour, kStart + 3 * kHour});
  query.from_ms = kBegin + 3 * 3'600'000 + 240'000;
  CHECK(found(test, query) == std::vector<EventId>{kStart + 3 * kHour});
}

TEST_CASE("formatting is no text, and numbers that are not a colour's stay") {
  CHECK(plain("\x02"
              "bold\x0F and \x1Ditalic\x1D") == "bold and italic");
  CHECK(plain("\x03"
              "04red\x03 \x03"
              "4,12both\x03 \x03,5 \x03"
              "123") == "red both ,5 3");
  CHECK(plain("\x04"
              "FF0000hex\x04 \x04"
              "ff0000,00FF00two \x04zz") == "hex two zz");
  CHECK(plain("tab\there") == "tab here");
  CHECK(plain("\x03") == "");
}

TEST_CASE("what is asked for is split as people write it") {
  const auto phrases = parse_search("  one two* \"a phrase\" \"open ended\"* \"unclosed");
  REQUIRE(phrases.size() == 5);
  CHECK((phrases[0].text == "one" && !phrases[0].prefix));
  CHECK((phrases[1].text == "two" && phrases[1].prefix));
  CHECK((phrases[2].text == "a phrase" && !phrases[2].prefix));
  CHECK((phrases[3].text == "open ended" && phrases[3].prefix));
  CHECK(phrases[4].text == "unclosed");
  CHECK(parse_search(" \"\" ").empty());
}

TEST_CASE("search finds all the words, newest first, and nobody else's lines") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  EventId id = kStart;
  const auto say = [&test, &id](std::string_view text, UserId user = 1) {
    test.journal().append(said(++id, text, user).view());
    return id;
  };
  const EventId comet = say("The comet comes back in 2061, said Halley");
  const EventId colours =
      say("\x02"
          "bo\x02"
          "ld \x03"
          "04crimson\x03 text");
  const EventId cafe = say("Caf\xC3\xA9 na\xC3\xAFve");
  const EventId both = say("a comet, a crimson comet");
  const EventId dashed = say("self-made foo.bar:baz");
  say("the comet of another user", 2);
  Sample join = said(++id, "comet");
  join.text_at = 0;  // nothing to search
  test.journal().append(join.view());

  CHECK(found(test, words("comet")) == std::vector<EventId>{comet, both});
  CHECK(found(test, words("COMET halley")) == std::vector<EventId>{comet});
  CHECK(found(test, words("crimson")) == std::vector<EventId>{colours, both});
  CHECK(found(test, words("bold")) == std::vector<EventId>{colours});
  CHECK(found(test, words("cafe naive")) == std::vector<EventId>{cafe});
  CHECK(found(test, words("hal*")) == std::vector<EventId>{comet});
  CHECK(found(test, words("hal")).empty());
  CHECK(found(test, words("\"comet comes back\"")) == std::vector<EventId>{comet});
  CHECK(found(test, words("\"comes comet\"")).empty());
  CHECK(found(test, words("\"back comes\"")).empty());
  CHECK(found(test, words("\"crimson com\"*")) == std::vector<EventId>{both});
  CHECK(found(test, words("self-made")) == std::vector<EventId>{dashed});
  CHECK(found(test, words("made-self")).empty());
  CHECK(found(test, words("foo.bar")) == std::vector<EventId>{dashed});
  CHECK(found(test, words("nick")).empty());  // the sender is not the text
  // What is special to FTS5 is nothing special here.
  CHECK(found(test, words("comet OR cafe")).empty());
  CHECK(found(test, words("text:comet")).empty());
  CHECK(found(test, words("(comet)")) == std::vector<EventId>{comet, both});
  // Whatever can be typed is an answer: at a time, what is being typed next may make a word of it.
  for (const char* nothing :
       {"", "   ", "\"", "\"\"", "*", "**", "\"*", "\"\"*", "-", "\x02", "\xFF", "c*", "\xE5\xA4"})
    CHECK(found(test, words(nothing)).empty());
  CHECK(found(test, words("a*")) == std::vector<EventId>{both});  // one letter is no beginning, but a word
  CHECK(found(test, words("crimson \" * -")) == std::vector<EventId>{colours, both});
}

TEST_CASE("words are found inside scripts that have no spaces, alone and among others") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  EventId id = kStart;
  const auto say = [&test, &id](std::string_view text) {
    test.journal().append(said(++id, text).view());
    return std::vector<EventId>{id};
  };
  const auto find = [&test](std::string_view text) { return found(test, words(std::string{text})); };
  const auto chinese = say("今天天气很好。");
  const auto japanese = say("ラーメンを食べる");
  const auto korean = say("고양이가 밥을 먹는다");
  const auto thai = say("ฉันรักแมวดำ");
  const auto mixed = say("iPhone手机 costs 5元");
  const auto single = say("猫");
  const auto two = say("黒猫 dog");
  const auto rare = say("\xF0\xA0\x80\x8B\xF0\xA0\x80\x8C");  // beyond the first 65,536 characters

  for (const char* word : {"今天", "天气", "很好", "今天天气很好", "今天天气很好。", "天天"})
    CHECK(find(word) == chinese);
  CHECK(find("天很").empty());
  CHECK(find("今天 很好") == chinese);
  for (const char* word : {"ラーメン", "メン", "食べ", "食", "を食べる"}) CHECK(find(word) == japanese);
  for (const char* word : {"고양이", "양이가", "밥", "먹는"}) CHECK(find(word) == korean);
  for (const char* word : {"แมว", "รัก", "ดำ", "ฉันรักแมวดำ"}) CHECK(find(word) == thai);
  for (const char* word : {"iphone", "手机", "IPHONE手机", "5元", "\"手机 costs\"", "元", "\"手机 cost\"*"})
    CHECK(find(word) == mixed);
  CHECK(find("phone手机").empty());  // where there are spaces words are whole
  CHECK(find("\"手 costs\"").empty());
  CHECK(find("猫") == std::vector<EventId>{single[0], two[0]});
  CHECK(find("黒猫") == two);
  CHECK(find("\"黒猫 dog\"") == two);
  CHECK(find("\"猫 dog\"") == two);
  CHECK(find("\"黒 dog\"").empty());
  CHECK(find("\xF0\xA0\x80\x8C") == rare);
  CHECK(find("猫*") == std::vector<EventId>{single[0], two[0]});
}

TEST_CASE("a search that finds little among very many candidates goes on where it stopped") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 16 << 20};
  constexpr EventId kMany = 100'500;
  for (EventId i = 0; i < kMany; ++i) {
    Sample sample = said(kStart + i, "comet");
    sample.buffers = {i < 2 ? 9U : 7U};
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(2)));
    test.journal().append(sample.view());
  }
  SearchQuery query = words("comet");
  query.buffers = {9};
  while (test.store().figures().indexed_behind > 0 || test.store().figures().events < kMany) {
    REQUIRE(test.search(query));
    std::this_thread::yield();
  }
  std::vector<EventId> ids;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    REQUIRE(pages < 5);
    const auto page = test.search(query);
    REQUIRE(page);
    for (const EventId one : ids_of(*page)) ids.push_back(one);
    more = page->more;
    if (more) REQUIRE(page->go_on_before < query.before);
    query.before = page->go_on_before;
  }
  CHECK(ids == std::vector<EventId>{kStart + 1, kStart});
  CHECK(pages == 2);
  // The same where the limit ends it.
  query = words("comet");
  query.limit = 10;
  const auto page = test.search(query);
  CHECK((page->more && page->go_on_before == kStart + kMany - 10));
}

TEST_CASE("a search before a time begins there, and looks besides at what came late") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 16 << 20};
  constexpr EventId kSecond = 1'000'000, kNewer = 20'000, kHour = 3'600;
  constexpr auto kBegin = static_cast<std::int64_t>(kStart / 1000);
  const auto put = [&](EventId second, std::int64_t shown_ms) {
    Sample sample = said(kStart + second * kSecond, "a comet");
    sample.time_ms = shown_ms;
    if (!test.journal().has_room(kMaxRecord)) REQUIRE(test.log(log_of(2)));
    test.journal().append(sample.view());
  };
  const auto at = [&](EventId second) { return kBegin + static_cast<std::int64_t>(second) * 1'000; };
  for (EventId second = 0; second < 3; ++second) put(second, at(second));
  // From an hour later on a line a second; three of them were said at the beginning, and one not much earlier
  // than it came.
  const auto came_late = [](EventId i) { return i == 0 || i == 5'000 || i == kNewer - 1; };
  for (EventId i = 0; i < kNewer; ++i)
    put(kHour + i, came_late(i) ? kBegin + 500 : at(kHour + i) - (i == 9'000 ? 599'000 : 0));
  while (test.store().figures().indexed_behind > 0 || test.store().figures().events < kNewer + 3) {
    REQUIRE(test.search(words("comet")));
    std::this_thread::yield();
  }

  Reader reader{directory / "halley.db"};
  SearchQuery query = words("comet");
  query.to_ms = kBegin + 5'000;
  const auto id = [](EventId second) { return kStart + second * kSecond; };
  const std::vector<EventId> all{id(kHour + kNewer - 1), id(kHour + 5'000), id(kHour), id(2), id(1), id(0)};
  CHECK(ids_of(*reader.search(query)) == all);
  CHECK(ReaderProbe::candidates(reader) < 150);

  // Page by page it is the same.
  query.limit = 1;
  std::vector<EventId> found;
  for (bool more = true; more;) {
    REQUIRE(found.size() < 10);
    const auto page = reader.search(query);
    for (const EventId one : ids_of(*page)) found.push_back(one);
    more = page->more;
    query.before = page->go_on_before;
  }
  CHECK(found == all);
  CHECK(ReaderProbe::candidates(reader) < 500);

  // A time in the middle, where clocks that differ and what came late stand side by side.
  query = words("comet");
  query.limit = 3;
  query.to_ms = at(kHour + 8'402);
  CHECK(ids_of(*reader.search(query)) ==
        std::vector<EventId>{id(kHour + kNewer - 1), id(kHour + 9'000), id(kHour + 8'401)});
}

TEST_CASE("search keeps to the places, the range and the limit that are asked for") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  for (EventId i = 0; i < 300; ++i) {
    Sample sample = said(kStart + i, "comet number " + std::to_string(i));
    sample.network = 1 + static_cast<NetworkId>(i % 2);
    sample.buffers = {static_cast<BufferId>(i % 10)};
    if (i % 10 == 3) sample.buffers = {3, 77};
    test.journal().append(sample.view());
  }
  SearchQuery query = words("comet");
  query.limit = 5;
  const auto page = test.search(query);
  REQUIRE(page);
  CHECK(page->more);
  CHECK(ids_of(*page) ==
        std::vector<EventId>{kStart + 299, kStart + 298, kStart + 297, kStart + 296, kStart + 295});
  query.before = kStart + 10;
  query.after = kStart + 5;
  CHECK(found(test, query) == std::vector<EventId>{kStart + 6, kStart + 7, kStart + 8, kStart + 9});
  query.network = 2;
  CHECK(found(test, query) == std::vector<EventId>{kStart + 7, kStart + 9});
  query = words("comet");
  query.buffers = {77, 5};
  query.before = kStart + 20;
  CHECK(found(test, query) == std::vector<EventId>{kStart + 3, kStart + 5, kStart + 13, kStart + 15});
}

TEST_CASE("what the index had not taken when the store closed is found after a restart") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  constexpr EventId kCount = 10'000;
  for (EventId i = 0; i < kCount; ++i)
    test.journal().append(
        said(kStart + i, "word" + std::to_string(i), static_cast<UserId>(1 + i % 7)).view());
  test.reopen();
  for (const EventId i : {EventId{0}, EventId{4095}, EventId{4096}, EventId{9999}}) {
    SearchQuery query = words("word" + std::to_string(i));
    query.user = 1 + static_cast<UserId>(i % 7);
    CHECK(found(test, query) == std::vector<EventId>{kStart + i});
  }
  CHECK(test.store().figures().indexed_behind == 0);
}

TEST_CASE("the index has every event, whether it came slowly or in a flood, and after a removal in between") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 8 << 20};
  REQUIRE(test.commit({PutUser{{.id = 1, .name = "u"}}, PutUser{{.id = 2, .name = "v"}}}));
  std::map<std::string, std::vector<EventId>> expected;
  EventId id = kStart;
  const auto burst = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, ++id) {
      const std::string word = "word" + std::to_string(id % 97);
      test.journal().append(said(id, "the " + word, id % 3 == 0 ? 2 : 1).view());
      if (id % 3 != 0) expected[word].push_back(id);
    }
    test.store().journal_grew();
    for (const auto& [word, ids] : expected) {
      SearchQuery query = words(word);
      query.limit = 100'000;
      REQUIRE(found(test, query) == ids);
    }
  };
  // Few: kept in memory until they are indexed. Many: read back from the log. Then few again.
  for (const std::size_t count : {200UL, 300UL, 3000UL, 25'000UL, 200UL, 5000UL}) burst(count);
  for (EventId last = id + 50; id < last; ++id) test.journal().append(said(id, "gone word0", 2).view());
  REQUIRE(test.commit({RemoveUser{2}}));
  burst(300);
  test.reopen();
  burst(300);
}

TEST_CASE("who searches without pause has the newest lines written and indexed once in a while") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path(), 1 << 20, std::chrono::hours{100'000}};  // longer than any machine is up
  test.journal().append(said(kStart, "comet").view());
  CHECK(found(test, words("comet")) == std::vector<EventId>{kStart});
  test.journal().append(said(kStart + 1, "comet").view());
  CHECK(found(test, words("comet")) == std::vector<EventId>{kStart});
  REQUIRE(test.log(log_of(1))->events.size() == 2);
  test.reopen();
  CHECK(found(test, words("comet")) == std::vector<EventId>{kStart, kStart + 1});
}

TEST_CASE("an event from the past, imported after the index has passed it, is found too") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  test.journal().append(said(kStart + 1'000'000, "recent comet").view());
  CHECK(found(test, words("comet")).size() == 1);
  test.journal().append(said(kStart, "ancient comet").view());
  test.journal().append(said(kStart + 5, "ancient too").view());
  CHECK(found(test, words("ancient")) == std::vector<EventId>{kStart, kStart + 5});
  CHECK(found(test, words("comet")) == std::vector<EventId>{kStart, kStart + 1'000'000});
  CHECK(ids_of(*test.log(log_of(1))) == std::vector<EventId>{kStart, kStart + 5, kStart + 1'000'000});
}

TEST_CASE("an index of another make is built anew") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  for (EventId i = 0; i < 5000; ++i)
    test.journal().append(said(kStart + i, "comet " + std::to_string(i)).view());
  CHECK(found(test, words("4711")).size() == 1);
  test.close();
  Db{directory / "halley.db", Db::OpenMode::kReadWrite}.exec(
      "UPDATE meta SET value = 0 WHERE key = 'index_make'");
  test.open();
  CHECK(found(test, words("4711")).size() == 1);
  SearchQuery query = words("comet");
  query.limit = 10'000;
  CHECK(found(test, query).size() == 5000);
}

TEST_CASE("of a word 64 bytes are known") {
  const fakes::TempDirectory directory;
  TestStore test{directory.path()};
  const std::string word(70, 'w');
  test.journal().append(said(kStart, word).view());
  REQUIRE(test.log(log_of(1)));
  CHECK(found(test, words(word)) == std::vector<EventId>{kStart});
  CHECK(found(test, words(word.substr(0, 64) + "other")) == std::vector<EventId>{kStart});
  CHECK(found(test, words(word.substr(0, 63))).empty());
}

}  // namespace halley::storage
