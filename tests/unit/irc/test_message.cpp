// irc::parse and what hangs on it. Lines from RFC 1459, https://modern.ircdocs.horse and the IRCv3 texts.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/message.h"

using namespace halley::irc;

namespace {

struct Good {
  std::string_view line, tags, source, command;
  std::vector<std::string_view> params;
};

std::vector<std::string_view> params_of(const Message& message) {
  return {message.parameters().begin(), message.parameters().end()};
}

}  // namespace

TEST_CASE("lines that are valid") {
  const auto good = GENERATE(values<Good>({
      {"PING", "", "", "PING", {}},
      {"PING :tolsun.oulu.fi", "", "", "PING", {"tolsun.oulu.fi"}},
      {":syrk!kalt@millennium.stealth.net QUIT :Gone to have lunch",
       "",
       "syrk!kalt@millennium.stealth.net",
       "QUIT",
       {"Gone to have lunch"}},
      {"@id=234AB;+draft/react=x :dan!d@localhost PRIVMSG #chan :Hey what's up!",
       "id=234AB;+draft/react=x",
       "dan!d@localhost",
       "PRIVMSG",
       {"#chan", "Hey what's up!"}},
      {"CAP REQ :sasl", "", "", "CAP", {"REQ", "sasl"}},
      {":irc.example.com 001 nick :Welcome", "", "irc.example.com", "001", {"nick", "Welcome"}},
      {"PRIVMSG #c :", "", "", "PRIVMSG", {"#c", ""}},
      {"PRIVMSG #c ::)", "", "", "PRIVMSG", {"#c", ":)"}},
      {"PRIVMSG #c : spaced  out ", "", "", "PRIVMSG", {"#c", " spaced  out "}},
      {"USER a:b 0 * :x", "", "", "USER", {"a:b", "0", "*", "x"}},
      {"  PING   a    b   ", "", "", "PING", {"a", "b"}},
      {"@a  :s   PING  x", "a", "s", "PING", {"x"}},
      {"privmsg \xff\xfe :caf\xc3\xa9 \xff", "", "", "privmsg", {"\xff\xfe", "caf\xc3\xa9 \xff"}},
      {"C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 is last",
       "",
       "",
       "C",
       {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 is last"}},
      {"C 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
       "",
       "",
       "C",
       {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15 16 17"}},
  }));
  CAPTURE(good.line);
  const auto parsed = parse(good.line);
  REQUIRE(parsed.has_value());
  CHECK(parsed->tags == good.tags);
  CHECK(parsed->source == good.source);
  CHECK(parsed->command == good.command);
  CHECK(params_of(*parsed) == good.params);
}

TEST_CASE("lines that are not valid") {
  using namespace std::string_view_literals;
  const auto [line, error] = GENERATE(table<std::string_view, ParseError>({
      {"", ParseError::kEmpty},
      {"   ", ParseError::kEmpty},
      {"@", ParseError::kBadTags},
      {"@ PING", ParseError::kBadTags},
      {"@a=b", ParseError::kBadTags},
      {"@a=b ", ParseError::kBadTags},
      {":", ParseError::kBadSource},
      {": PING", ParseError::kBadSource},
      {":irc.example.com", ParseError::kBadSource},
      {":irc.example.com  ", ParseError::kBadSource},
      {"@a :", ParseError::kBadSource},
      {"PRIV-MSG x", ParseError::kBadCommand},
      {":a :b", ParseError::kBadCommand},
      {":a @b c", ParseError::kBadCommand},
      {"\xc3\xa9t\xc3\xa9", ParseError::kBadCommand},
      {"PING a\0b"sv, ParseError::kForbiddenByte},
      {"PING a\rb", ParseError::kForbiddenByte},
      {"PING a\nQUIT", ParseError::kForbiddenByte},
      {"PING a\r", ParseError::kForbiddenByte},
  }));
  CAPTURE(line);
  const auto parsed = parse(line);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error() == error);
  CHECK_FALSE(describe(error).empty());
}

TEST_CASE("a line has a length limit, and so have its tags") {
  const std::string body = "PRIVMSG #c :" + std::string(kMaxLine - 12, 'x');
  CHECK(parse(body).has_value());
  CHECK(parse(body + "x").error() == ParseError::kTooLong);
  // '@' and the space count.
  const std::string tags(kMaxServerTags - 2, 't');
  CHECK(parse("@" + tags + " PING").has_value());
  CHECK(parse("@" + tags + "t PING").error() == ParseError::kTooLong);
}

TEST_CASE("param() and last() never read past the end") {
  const auto none = parse("PING");
  CHECK(none->param(0).empty());
  CHECK(none->last().empty());
  const auto two = parse("MODE #c +o");
  CHECK(two->param(1) == "+o");
  CHECK(two->param(2).empty());
  CHECK(two->param(99).empty());
  CHECK(two->last() == "+o");
}

TEST_CASE("a source is a server or nick!user@host") {
  const auto [source, nick, user, host] =
      GENERATE(table<std::string_view, std::string_view, std::string_view, std::string_view>({
          {"irc.example.com", "irc.example.com", "", ""},
          {"nick", "nick", "", ""},
          {"nick!user@host", "nick", "user", "host"},
          {"nick!~user@2001:db8::1", "nick", "~user", "2001:db8::1"},
          {"nick@host", "nick", "", "host"},
          {"nick!user", "nick", "user", ""},
          {"coolguy!ag@net\x03"
           "5w\x03ork.admin",
           "coolguy", "ag",
           "net\x03"
           "5w\x03ork.admin"},
          {"a@b!c", "a", "", "b!c"},
          {"a@b!c@d", "a", "", "b!c@d"},
          {"!u@h", "", "u", "h"},
          {"n!@", "n", "", ""},
          {"", "", "", ""},
      }));
  CAPTURE(source);
  const Prefix prefix = parse_prefix(source);
  CHECK(prefix.nick == nick);
  CHECK(prefix.user == user);
  CHECK(prefix.host == host);
}

TEST_CASE("commands compare without case") {
  CHECK(same_command("PRIVMSG", "privmsg"));
  CHECK(same_command("001", "001"));
  CHECK_FALSE(same_command("PRIVMSG", "PRIVMS"));
  CHECK_FALSE(same_command("JOIN", "PART"));
  CHECK_FALSE(same_command("[", "{"));  // not IRC's casemapping
}

TEST_CASE("UTF-8 is never cut inside a sequence") {
  const auto [text, limit, clipped] = GENERATE(table<std::string_view, std::size_t, std::string_view>({
      {"abc", 5, "abc"},
      {"abc", 3, "abc"},
      {"abc", 2, "ab"},
      {"abc", 0, ""},
      {"", 0, ""},
      {"a\xc3\xa9", 3, "a\xc3\xa9"},
      {"a\xc3\xa9", 2, "a"},
      {"\xe2\x82\xac", 2, ""},
      {"\xe2\x82\xac", 1, ""},
      {"x\xf0\x9f\x98\x80y", 5, "x\xf0\x9f\x98\x80"},
      {"x\xf0\x9f\x98\x80y", 4, "x"},
      {"\x80\x80\x80\x80\x80\x80", 5, "\x80\x80\x80\x80\x80"},  // not UTF-8: cut anywhere
  }));
  CAPTURE(text, limit);
  CHECK(clip_utf8(text, limit) == clipped);
}

TEST_CASE("a tag goes before the others, as many of which stay as fit") {
  CHECK(halley::irc::with_tag("label=x", "PING y") == "@label=x PING y");
  CHECK(halley::irc::with_tag("label=x", "@a=b;c :s PING y") == "@label=x;a=b;c :s PING y");
  const std::string longest(halley::irc::kMaxServerTags - std::string_view("@;b=c ").size(), 'a');
  const std::string tagged = halley::irc::with_tag("label=x", "@" + longest.substr(1) + ";b=c PING y");
  CHECK(tagged == "@label=x PING y");
  const std::string most = longest.substr(0, longest.size() - std::string_view("label=x").size());
  CHECK(halley::irc::with_tag("label=x", "@" + most + ";b=c PING y") == "@label=x;" + most + " PING y");
}

TEST_CASE("a source is bounded") {
  const std::string longest = "n!u@" + std::string(kMaxSource - 4, 'h');
  CHECK(parse(":" + longest + " NICK x")->source == longest);
  CHECK(parse("@a=b :" + longest + "h NICK x").error() == ParseError::kLongSource);
  CHECK(parse(":" + std::string(8000, 'n') + " NICK x").error() == ParseError::kLongSource);
  CHECK_FALSE(describe(ParseError::kLongSource).empty());
}
