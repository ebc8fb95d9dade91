#include <catch2/catch.hpp>
#include <string>

#include "bouncer/irc/casemapping.h"

using namespace halley::irc;

TEST_CASE("the mappings by their names") {
  CHECK(parse_casemapping("ascii") == CaseMapping::kAscii);
  CHECK(parse_casemapping("rfc1459") == CaseMapping::kRfc1459);
  CHECK(parse_casemapping("rfc1459-strict") == CaseMapping::kRfc1459Strict);
  CHECK(parse_casemapping("strict-rfc1459") == CaseMapping::kRfc1459Strict);
  CHECK(parse_casemapping("rfc7613") == CaseMapping::kAscii);
  CHECK(parse_casemapping("") == CaseMapping::kRfc1459);
  CHECK(parse_casemapping("klingon") == CaseMapping::kRfc1459);
}

TEST_CASE("each mapping folds its own letters") {
  constexpr std::string_view kName = "Nick[A]\\Z~^{|}\xc3\x89";
  CHECK(fold(CaseMapping::kAscii, kName) == "nick[a]\\z~^{|}\xc3\x89");
  CHECK(fold(CaseMapping::kRfc1459, kName) == "nick{a}|z^^{|}\xc3\x89");
  CHECK(fold(CaseMapping::kRfc1459Strict, kName) == "nick{a}|z~^{|}\xc3\x89");
}

TEST_CASE("equal() and hash() agree with fold()") {
  const auto mapping = GENERATE(CaseMapping::kAscii, CaseMapping::kRfc1459, CaseMapping::kRfc1459Strict);
  const auto [a, b] = GENERATE(table<std::string_view, std::string_view>({{"", ""},
                                                                          {"a", "A"},
                                                                          {"a", "b"},
                                                                          {"a[", "A{"},
                                                                          {"~", "^"},
                                                                          {"ab", "abc"},
                                                                          {"#Halley", "#hALLEY"},
                                                                          {"@", "`"},
                                                                          {"\xe9", "\xc9"}}));
  CAPTURE(a, b);
  const bool same = fold(mapping, a) == fold(mapping, b);
  CHECK(equal(mapping, a, b) == same);
  // Not so of every two names there are, but of these.
  CHECK((hash(mapping, a, 7) == hash(mapping, b, 7)) == same);
  CHECK(hash(mapping, a, 7) != hash(mapping, a, 8));
}

TEST_CASE("find() finds what equal() calls equal, from where it is told") {
  constexpr auto kMapping = CaseMapping::kRfc1459;
  CHECK(find(kMapping, "ada: Ada[m] ADA{M}", "aDa{m}") == 5);
  CHECK(find(kMapping, "ada: Ada[m] ADA{M}", "aDa{m}", 6) == 12);
  CHECK(find(kMapping, "ada: Ada[m] ADA{M}", "aDa{m}", 13) == std::string_view::npos);
  CHECK(find(CaseMapping::kAscii, "ada: Ada[m] ADA{M}", "aDa{m}") == 12);
  CHECK(find(kMapping, "aab", "AB") == 1);
  CHECK(find(kMapping, "b", "b", 1) == std::string_view::npos);
  CHECK(find(kMapping, "ab", "abc") == std::string_view::npos);
  CHECK(find(kMapping, "ab", "b", 7) == std::string_view::npos);
  CHECK(find(kMapping, "ab", "") == std::string_view::npos);
  CHECK(find(kMapping, "", "") == std::string_view::npos);
}

TEST_CASE("find() finds a name of any length at any place") {
  const auto mapping = GENERATE(CaseMapping::kAscii, CaseMapping::kRfc1459, CaseMapping::kRfc1459Strict);
  const auto name =
      GENERATE(std::string("n"), std::string("NeD"), std::string("[^x"), std::string("~"), std::string("`@"),
               std::string("\xc3\x89mile"), std::string("longer_than_eight"));
  CAPTURE(name);
  for (std::size_t before = 0; before < 20; ++before) {
    for (std::size_t behind = 0; behind < 20; ++behind) {
      const std::string text = std::string(before, '.') + fold(mapping, name) + std::string(behind, '.');
      CHECK(find(mapping, text, name) == before);
      CHECK(find(mapping, text, name, before) == before);
      CHECK(find(mapping, text, name, before + 1) == std::string_view::npos);
    }
  }
}

TEST_CASE("find() takes no byte for another that is one bit away") {
  for (const auto mapping : {CaseMapping::kAscii, CaseMapping::kRfc1459, CaseMapping::kRfc1459Strict}) {
    for (int wanted = 1; wanted < 256; ++wanted) {
      const std::string name(1, static_cast<char>(wanted));
      for (int other = 1; other < 256; ++other) {
        const std::string text(9, static_cast<char>(other));
        const bool found = find(mapping, text, name) == 0;
        if (found != equal(mapping, text.substr(0, 1), name)) FAIL(wanted << " in " << other);
      }
    }
  }
}

TEST_CASE("fold of a character touches nothing but letters and the four") {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool upper = i >= 'A' && i <= 'Z', bracket = i == '[' || i == ']' || i == '\\';
    CAPTURE(i);
    CHECK((fold(CaseMapping::kAscii, c) != c) == upper);
    CHECK((fold(CaseMapping::kRfc1459Strict, c) != c) == (upper || bracket));
    CHECK((fold(CaseMapping::kRfc1459, c) != c) == (upper || bracket || i == '~'));
  }
}
