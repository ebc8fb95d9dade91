// Message tags. Source: https://ircv3.net/specs/extensions/message-tags
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/irc/message.h"

using namespace halley::irc;
using namespace std::string_view_literals;

TEST_CASE("a tag is found by its whole key") {
  constexpr std::string_view kTags = "aaa=bbb;ccc;example.com/ddd=eee;+x=;e=a=b";
  CHECK(find_tag(kTags, "aaa") == "bbb");
  CHECK(find_tag(kTags, "ccc") == "");
  CHECK(find_tag(kTags, "example.com/ddd") == "eee");
  CHECK(find_tag(kTags, "+x") == "");
  CHECK(find_tag(kTags, "e") == "a=b");
  CHECK(find_tag(kTags, "aa") == std::nullopt);
  CHECK(find_tag(kTags, "ddd") == std::nullopt);
  CHECK(find_tag(kTags, "") == std::nullopt);
  CHECK(find_tag("", "aaa") == std::nullopt);
  CHECK(find_tag("a=1;b=2;a=3", "a") == "3");  // the last of equal keys counts
  CHECK(find_tag(";;a;", "a") == "");
}

TEST_CASE("tags are visited in order") {
  std::vector<std::pair<std::string_view, std::string_view>> seen;
  for_each_tag(";b=1;a;;c==",
               [&](std::string_view key, std::string_view value) { seen.emplace_back(key, value); });
  CHECK(seen == decltype(seen){{"b", "1"}, {"a", ""}, {"c", "="}});
}

TEST_CASE("tag values are escaped and unescaped") {
  const auto [raw, value] = GENERATE(table<std::string_view, std::string_view>({
      {"", ""},
      {"plain", "plain"},
      {"\\:", ";"},
      {"\\s", " "},
      {"\\\\", "\\"},
      {"\\r\\n", "\r\n"},
      {"a\\\\sb", "a\\sb"},
      {"caf\xc3\xa9", "caf\xc3\xa9"},
  }));
  CAPTURE(raw);
  CHECK(unescape_tag_value(raw) == value);
  std::string escaped;
  append_escaped_tag_value(escaped, value);
  CHECK(escaped == raw);
}

TEST_CASE("odd escapes are read as the specification says") {
  CHECK(unescape_tag_value("\\b") == "b");        // an unknown escape is its letter
  CHECK(unescape_tag_value("test\\") == "test");  // a backslash at the end is nothing
  CHECK(unescape_tag_value("\\") == "");
}

TEST_CASE("a NUL, which has no escape, becomes a space") {
  std::string escaped;
  append_escaped_tag_value(escaped, "a\0b"sv);
  CHECK(escaped == "a\\sb");
}
