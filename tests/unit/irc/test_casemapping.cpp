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
