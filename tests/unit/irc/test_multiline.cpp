#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"

using namespace halley::irc;
using Added = MultilineText::Added;
using Lines = std::vector<std::string>;

namespace {

const std::string kBreakMark(kLineBreak), kJoinMark(kLineJoin);

Lines lines_of(std::string_view text) {
  Lines lines;
  for_each_line(text, [&](std::string_view line, bool joined) {
    lines.push_back((joined ? "+" : "") + std::string(line));
  });
  return lines;
}

}  // namespace

TEST_CASE("lines are put together and found again as they were") {
  MultilineText text(kSaidMultiline);
  CHECK((text.empty() && text.blank()));
  for (const char* line : {"hello", "", "how is "}) CHECK(text.add(line, false) == Added::kTaken);
  CHECK(text.add("everyone?", true) == Added::kTaken);
  CHECK_FALSE((text.empty() || text.blank()));
  CHECK(lines_of(text.text()) == Lines{"hello", "", "how is ", "+everyone?"});
  const MultilineLimits size = multiline_size(text.text());
  CHECK((size.bytes == 5 + 1 + 0 + 1 + 7 + 9 && size.lines == 4));
  CHECK(on_one_line(text.text()) == "hello /  / how is everyone?");
  CHECK(lines_of("") == Lines{""});
  CHECK(lines_of(kBreakMark) == Lines{"", ""});
  // Other characters begin with the same byte, and a text may end in the middle of one.
  CHECK(lines_of("a\xe2\x80\x99s\xe2") == Lines{"a\xe2\x80\x99s\xe2"});
}

TEST_CASE("a line cannot hold what stands between lines") {
  MultilineText text(kSaidMultiline);
  REQUIRE(text.add("a" + kBreakMark + "b" + kJoinMark + "c", false) == Added::kTaken);
  CHECK(text.text() == "a b c");
}

TEST_CASE("a message of several lines has the bytes and lines that were agreed upon") {
  MultilineText text({10, 3});
  CHECK(text.add("12345", false) == Added::kTaken);
  CHECK(text.add("12345", false) == Added::kTooManyBytes);  // the break is one
  CHECK(text.add("1234", false) == Added::kTaken);
  CHECK(text.add("", true) == Added::kTaken);
  CHECK(text.add("", true) == Added::kTooManyLines);
  CHECK(lines_of(text.text()).size() == 3);

  MultilineText blank(kSaidMultiline);
  for (std::size_t i = 0; i < kMostMultilineLines; ++i) CHECK(blank.add("", false) == Added::kTaken);
  CHECK(blank.add("", false) == Added::kTooManyLines);
  CHECK((blank.blank() && !blank.empty()));
  MultilineText full(kSaidMultiline);
  CHECK(full.add(std::string(kMostMultilineBytes + 1, 'x'), false) == Added::kTooManyBytes);
  CHECK(full.add(std::string(kMostMultilineBytes, 'x'), false) == Added::kTaken);
}

TEST_CASE("what a network takes is read from its capability, and never more than ours") {
  const auto limits = parse_multiline_limits("max-bytes=2000,max-lines=15");
  CHECK((limits.bytes == 2000 && limits.lines == 15));
  const auto more = parse_multiline_limits("other,max-lines=1000,max-bytes=40000,x=1");
  CHECK((more.bytes == kMostMultilineBytes && more.lines == kMostMultilineLines));
  CHECK(parse_multiline_limits("max-bytes=100").lines == kMostMultilineLines);
  for (const char* none : {"", "max-lines=15", "max-bytes", "max-bytes=", "max-bytes=x", "max-bytes=-1"})
    CHECK(parse_multiline_limits(none).bytes == 0);
}

TEST_CASE("single lines leave out blank ones, and cut long ones between words") {
  const std::string text = "one" + kBreakMark + kBreakMark + "two three" + kJoinMark + "four";
  std::vector<std::string> parts;
  for (const auto part : single_lines(text, 6)) parts.emplace_back(part);
  CHECK(parts == Lines{"one", "two", "three", "four"});
}

TEST_CASE("a batch holds the lines as they were, and cuts what is too long so that it can be joined again") {
  const std::string text = "one" + kBreakMark + kBreakMark + "two three four" + kJoinMark + "!";
  const Lines lines = multiline_batch({.tags = "+draft/reply=1",
                                       .source = "n!u@h",
                                       .command = "PRIVMSG",
                                       .target = "#c",
                                       .text = text,
                                       .reference = "r1",
                                       .room = 10});
  CHECK(lines == Lines{"@+draft/reply=1 :n!u@h BATCH +r1 draft/multiline #c",
                       "@batch=r1 :n!u@h PRIVMSG #c :one",
                       "@batch=r1 :n!u@h PRIVMSG #c :", "@batch=r1 :n!u@h PRIVMSG #c :two three ",
                       "@batch=r1;draft/multiline-concat :n!u@h PRIVMSG #c :four",
                       "@batch=r1;draft/multiline-concat :n!u@h PRIVMSG #c :!", ":n!u@h BATCH -r1"});
}
