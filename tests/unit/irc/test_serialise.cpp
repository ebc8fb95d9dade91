// The one serialiser: whatever it is given, one valid line comes out.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/message.h"

using namespace halley::irc;
using namespace std::string_view_literals;

namespace {

std::string line_of(std::string_view tags, std::string_view source, std::string_view command,
                    std::vector<std::string_view> params, bool colon = false) {
  std::string out;
  append_line(out, {.tags = tags, .source = source, .command = command, .params = params, .colon = colon});
  return out;
}

}  // namespace

TEST_CASE("lines are written as the protocol wants them") {
  CHECK(format_line("", "PING", {}) == "PING");
  CHECK(format_line("", "PING", {"token"}) == "PING token");
  CHECK(format_line("irc.x", "001", {"me", "Welcome to IRC"}) == ":irc.x 001 me :Welcome to IRC");
  CHECK(format_line("n!u@h", "PRIVMSG", {"#c", "hi"}) == ":n!u@h PRIVMSG #c hi");
  CHECK(format_line("n!u@h", "PRIVMSG", {"#c", ":-)"}) == ":n!u@h PRIVMSG #c ::-)");
  CHECK(format_line("n!u@h", "TOPIC", {"#c", ""}) == ":n!u@h TOPIC #c :");
  CHECK(line_of("time=x", "n", "PRIVMSG", {"#c", "hi"}, true) == "@time=x :n PRIVMSG #c :hi");
  CHECK(line_of("", "", "QUIT", {}, true) == "QUIT");
}

TEST_CASE("append_line only appends") {
  std::string out = "before\r\n";  // CR LF of the line before must not trouble it
  append_line(out, {.command = "PING", .params = std::vector<std::string_view>{"a b"}});
  CHECK(out == "before\r\nPING :a b");
}

TEST_CASE("CR, LF and NUL never leave, nor can a field break out of its place") {
  CHECK(line_of("", "", "PRIVMSG", {"#c", "a\r\nQUIT :b\0c"sv}) == "PRIVMSG #c :a  QUIT :b c");
  CHECK(line_of("", "", "PRIVMSG", {"#c", "\n"}) == "PRIVMSG #c : ");
  CHECK(line_of("", "", "PRIVMSG", {"#c\r\nQUIT", "x"}) == "PRIVMSG * x");
  CHECK(line_of("", "", "MODE", {"#c", "+k", ""}) == "MODE #c +k :");
  CHECK(line_of("", "", "MODE", {"", "a b", ":c", "d"}) == "MODE * * * d");
  CHECK(line_of("", "a b", "PING", {}) == ":* PING");
  CHECK(line_of("", "a\nb", "PING", {}) == ":* PING");
  CHECK(line_of("", "", "PING\r\nQUIT", {"x"}) == "* x");
  CHECK(line_of("", "", "", {"x"}) == "* x");
  CHECK(line_of("", "", "@t", {"x"}) == "* x");
  CHECK(line_of("a=b c", "s", "PING", {"x"}) == ":s PING x");
  CHECK(line_of("a=b\n", "s", "PING", {"x"}) == ":s PING x");
}

TEST_CASE("more than 15 parameters are cut, clean or not") {
  const std::vector<std::string_view> many(20, "p");
  CHECK(parse(line_of("", "", "C", many))->param_count == kMaxParams);
  CHECK(line_of("", "", "C", many).size() == 1 + 2 * kMaxParams);
  const std::vector<std::string_view> dirty(20, "\r");
  CHECK(parse(line_of("", "", "C", dirty))->param_count == kMaxParams);
}

TEST_CASE("what was parsed is written so that it parses to the same") {
  const auto line = GENERATE(as<std::string_view>{}, "PING", ":a PING  b",
                             "PRIVMSG #c :", "PRIVMSG #c ::", "PRIVMSG #c : x ",
                             "C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16  ", ":::x C :\xff\x01");
  CAPTURE(line);
  const auto first = parse(line);
  REQUIRE(first.has_value());
  std::string written;
  append_body(written, *first);
  const auto second = parse(written);
  REQUIRE(second.has_value());
  CHECK(second->source == first->source);
  CHECK(second->command == first->command);
  REQUIRE(second->param_count == first->param_count);
  for (std::size_t i = 0; i < first->param_count; ++i) CHECK(second->param(i) == first->param(i));
}

TEST_CASE("tags are left out of the body") {
  std::string out;
  append_body(out, *parse("@time=2026-01-01T00:00:00.000Z :n!u@h PRIVMSG #c :a b"));
  CHECK(out == ":n!u@h PRIVMSG #c :a b");
}
