#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/text.h"
#include "tests/unit/irc/most_parts.h"

using namespace halley::irc;
using namespace std::string_view_literals;
using halley::tests::most_parts;

TEST_CASE("long texts are split between words") {
  using Parts = std::vector<std::string_view>;
  CHECK(split_text("short", 10) == Parts{"short"});
  CHECK(split_text("", 10) == Parts{""});
  CHECK(split_text("0123456789", 10) == Parts{"0123456789"});
  CHECK(split_text("one two three", 10) == Parts{"one two", "three"});
  CHECK(split_text("0123456789 abc", 10) == Parts{"0123456789", "abc"});
  CHECK(split_text("0123456789abc", 10) == Parts{"0123456789", "abc"});
  CHECK(split_text("a 23456789abcdef", 10) ==
        Parts{"a 23456789", "abcdef"});  // the space is too far from the end
  CHECK(split_text("0123456789 ", 10) == Parts{"0123456789"});
  CHECK(split_text("01234567  xyz", 10) == Parts{"01234567 ", "xyz"});
}

TEST_CASE("long texts are never split inside a character") {
  using Parts = std::vector<std::string_view>;
  CHECK(split_text("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8) ==
        Parts{"\xe2\x82\xac\xe2\x82\xac", "\xe2\x82\xac"});
  // A limit below one character counts as four, so that it always gets on.
  CHECK(split_text("\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 0) == Parts{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"});
  const std::string junk(100, '\x80');
  std::size_t total = 0;
  for (const std::string_view part : split_text(junk, 7)) {
    CHECK(part.size() <= 7);
    total += part.size();
  }
  CHECK(total == junk.size());
}

TEST_CASE("the room for a text is what others will receive") {
  const std::string source = "nick!user@host", target = "#channel";
  const std::size_t room = text_room(source.size(), "PRIVMSG", target);
  const std::string line = format_line(source, "PRIVMSG", {target, " " + std::string(room - 1, 'x')});
  CHECK(line.size() + 2 == kMaxBody);
  CHECK(room > kLeastRoom);
}

TEST_CASE("long names leave a text its room, and never splinter it") {
  CHECK(text_room(600, "PRIVMSG", "#channel") == kLeastRoom);
  CHECK(text_room(20, "PRIVMSG", std::string(460, 'x')) == kLeastRoom);
  CHECK(text_room(0, "PRIVMSG", std::string(100'000, 'x')) == kLeastRoom);
  // The longest target with the least room still is one line towards the network.
  CHECK(format_line({}, "PRIVMSG", {std::string(kMaxTarget, 'x'), std::string(kLeastRoom, ' ')}).size() <
        kMaxBody);
}

TEST_CASE("there are never more parts than told") {
  const auto limit = GENERATE(0U, 4U, 5U, 7U, 8U, 9U, 40U, 100U);
  const std::vector<std::string> texts{"",
                                       "x",
                                       std::string(1000, 'x'),
                                       std::string(1000, ' '),
                                       std::string(999, '\x80'),
                                       [&] {  // the worst: each part ends at a space in its middle
                                         std::string text;
                                         while (text.size() < 2000)
                                           (text += std::string(std::max(limit, 4U) / 2, 'x')) += ' ';
                                         return text;
                                       }()};
  for (const auto& text : texts) {
    CAPTURE(limit, text);
    CHECK(split_text(text, limit).size() <= most_parts(text.size(), limit));
  }
  CHECK(most_parts(8191, kLeastRoom) <= 161);
}

TEST_CASE("the parts of a prefix are cut to their bounds, between characters") {
  const Prefix whole = clip_prefix({"n", "u", "h"});
  CHECK(whole.nick == "n");
  CHECK(whole.user == "u");
  CHECK(whole.host == "h");
  const std::string euros = [] {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "\xe2\x82\xac";
    return text;
  }();
  const Prefix cut = clip_prefix({euros, euros, euros});
  CHECK(cut.nick.size() == kMaxNick - kMaxNick % 3);
  CHECK(cut.user.size() == kMaxUser - kMaxUser % 3);
  CHECK(cut.host.size() == kMaxHost - kMaxHost % 3);
  CHECK(cut.nick.size() + cut.user.size() + cut.host.size() + std::string_view("!@").size() <= kMaxSource);
}

TEST_CASE("targets") {
  for (const auto target : {"nick", "#c", "@#c", "nick%host@server", "*", "$*.example", "\xc3\xa9"}) {
    CAPTURE(target);
    CHECK(is_valid_target(target));
  }
  for (const auto target : {""sv, "a b"sv, "a,b"sv, ":a"sv, "a\0"sv, "a\r"sv, "a\n"sv}) {
    CAPTURE(target);
    CHECK_FALSE(is_valid_target(target));
  }
  CHECK(is_valid_target(std::string(kMaxTarget, 'a')));
  CHECK_FALSE(is_valid_target(std::string(kMaxTarget + 1, 'a')));
}

TEST_CASE("nicks") {
  for (const auto nick : {"a", "Nick", "[w]\\`_^{|}", "n-1", "\xc3\xa9mile", "_x_", "1a", "42", "-a"}) {
    CAPTURE(nick);
    CHECK(is_valid_nick(nick));
  }
  for (const auto nick : {""sv, "a b"sv, "a!b"sv, "a@b"sv, "#a"sv, ":a"sv, "a:"sv, "a,b"sv, "*"sv, "a*"sv,
                          "a.b"sv, "a\0"sv, "a\n"sv, "~a"sv, "+a"sv, "$a"sv}) {
    CAPTURE(nick);
    CHECK_FALSE(is_valid_nick(nick));
  }
  CHECK(is_valid_nick(std::string(64, 'a')));
  CHECK_FALSE(is_valid_nick(std::string(65, 'a')));
}

TEST_CASE("channels") {
  for (const auto channel : {"#c", "##c++", "&local", "#\xc3\xa9t\xc3\xa9", "#", "#a:b"}) {
    CAPTURE(channel);
    CHECK(is_valid_channel(channel));
  }
  for (const auto channel :
       {""sv, "c"sv, "#a b"sv, "#a,b"sv, "#a\a"sv, "#a\0"sv, "#a\r"sv, "#a\n"sv, "!x"sv}) {
    CAPTURE(channel);
    CHECK_FALSE(is_valid_channel(channel));
  }
  CHECK(is_valid_channel("!x", "!"));
  CHECK_FALSE(is_valid_channel("#x", "!"));
  CHECK(is_valid_channel("#" + std::string(199, 'a')));
  CHECK_FALSE(is_valid_channel("#" + std::string(200, 'a')));
}

TEST_CASE("CTCP") {
  const auto [text, command, params] = GENERATE(table<std::string_view, std::string_view, std::string_view>({
      {"\x01"
       "ACTION waves hello\x01",
       "ACTION", "waves hello"},
      {"\x01"
       "ACTION waves",
       "ACTION", "waves"},
      {"\x01VERSION\x01", "VERSION", ""},
      {"\x01VERSION", "VERSION", ""},
      {"\x01PING 1 2\x01", "PING", "1 2"},
      {"\x01"
       "ACTION \x01",
       "ACTION", ""},
      {"\x01"
       "ACTION  x\x01",
       "ACTION", " x"},
      {"\x01"
       "A\x01 x\x01",
       "A\x01", "x"},
  }));
  CAPTURE(text);
  const auto ctcp = parse_ctcp(text);
  REQUIRE(ctcp.has_value());
  CHECK(ctcp->command == command);
  CHECK(ctcp->params == params);
}

TEST_CASE("not CTCP") {
  for (const auto text : {"", "hello", "\x01", "\x01\x01", "\x01 x\x01",
                          "x\x01"
                          "ACTION\x01"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ctcp(text).has_value());
  }
}
