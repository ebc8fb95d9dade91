#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/fit.h"
#include "bouncer/irc/text.h"
#include "tests/fakes/net/fake_random.h"

using namespace halley::irc;

namespace {

// Empty: it cannot be told.
std::string fitted(std::string line) {
  std::string out = "before ";
  const std::size_t at = out.size();
  out += line;
  const bool told = fit_line(out, at);
  CHECK(out.starts_with("before "));
  CHECK(told == (out.size() > at));
  return out.substr(at);
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("what fits stays as it is") {
  const std::string line = ":n!u@h PRIVMSG #c :" + std::string(kClientFits - 19, 'x');
  REQUIRE(line.size() == kClientFits);
  CHECK(fitted(line) == line);
  CHECK(fitted(line + "y") == line);
  CHECK(fitted("PING") == "PING");
}

TEST_CASE("texts are cut between characters, lists between words, names not at all") {
  CHECK(fitted(":n!u@h PRIVMSG #c :" + times(200, "äö漢🎈")).ends_with("漢"));
  const std::string action = fitted(
      ":n!u@h PRIVMSG #c :\x01"
      "ACTION " +
      std::string(900, 'x') + "\x01");
  CHECK(action.size() == kClientFits);
  CHECK(action.ends_with("xx\x01"));
  CHECK(fitted(":n!u@h NOTICE #c " + std::string(900, 'x')).size() == kClientFits);
  CHECK(fitted(":s 353 me = #c :" + times(100, "@somebody ")).ends_with("@somebody"));
  CHECK(fitted(":s 731 me :" + times(100, "somebody,")).ends_with("somebody"));
  CHECK(fitted("BOUNCER NETWORK 1 " + times(100, "key=value;")).ends_with("key=value"));
  CHECK(fitted(":s CAP me LS :" + times(100, "capability ")).ends_with("capability"));
  for (const char* command : {"JOIN", "NICK", "INVITE bob", "MODE #c +k", "CHGHOST u"})
    CHECK(fitted(":n!u@h " + std::string(command) + " " + std::string(900, 'x')).empty());
}

TEST_CASE("a long source gives way before the text becomes short") {
  const std::string host(250, 'h'), channel = "#" + std::string(199, 'c');
  CHECK(fitted(":nick!user@" + host + " PRIVMSG " + channel + " :" + std::string(300, 'x')) ==
        ":nick PRIVMSG " + channel + " :" + std::string(kClientFits - 14 - channel.size() - 2, 'x'));
  CHECK(fitted(":" + std::string(120, 'n') + "!user@" + host + " KICK " + channel + " somebody :bye") ==
        ":" + std::string(120, 'n') + " KICK " + channel + " somebody :bye");
  CHECK(fitted(":n!u@" + std::string(480, 'h') + " JOIN #channel-of-some-length") ==
        ":n JOIN #channel-of-some-length");
}

TEST_CASE("whatever the line, it fits, says the same of the same, and stays UTF-8") {
  halley::fakes::FakeRandom random(GENERATE(1U, 2U, 3U));
  const char* const commands[] = {
      "PRIVMSG", "NOTICE", "JOIN", "PART", "QUIT", "NICK",  "MODE", "TOPIC", "KICK",    "INVITE", "AWAY",
      "CHGHOST", "001",    "004",  "005",  "311",  "319",   "324",  "332",   "333",     "352",    "353",
      "367",     "731",    "900",  "FAIL", "CAP",  "BATCH", "PONG", "ERROR", "WALLOPS", "SETNAME"};
  const std::vector<std::string> letters{"a", "Z", "#", "ä", "漢", "🎈", "@", ",", "!", ";"};
  const auto word = [&](std::size_t most) {
    std::string text = "x";
    for (std::size_t left = random.next() % most; left > 0; --left)
      text += letters[random.next() % letters.size()];
    return text;
  };
  for (int round = 0; round < 4000; ++round) {
    const std::size_t most = round % 2 == 0 ? 60 : 900;
    std::string line = ":" + word(40) + "!" + word(most / 8 + 1) + "@" + word(most / 8 + 1);
    line += std::string(" ") + commands[random.next() % std::size(commands)];
    const std::size_t params = 1 + random.next() % 6;
    for (std::size_t i = 0; i + 1 < params; ++i) line += " " + word(i == 0 ? 60 : most / 8 + 1);
    if (random.next() % 3 == 0) {
      line += " " + word(most);
    } else {
      line += " :";
      for (std::size_t words = random.next() % 8; words > 0; --words) line += word(most / 4 + 1) + " ";
    }
    const auto before = parse(line);
    if (!before) continue;  // a source that no network sends
    const std::string after_line = fitted(line);
    CHECK(after_line.size() <= kClientFits);
    if (line.size() <= kClientFits) CHECK(after_line == line);
    if (after_line.empty()) continue;
    const auto after = parse(after_line);
    REQUIRE(after);
    CHECK(after->command == before->command);
    CHECK(parse_prefix(before->source).nick.starts_with(parse_prefix(after->source).nick));
    REQUIRE(after->param_count == before->param_count);
    for (std::size_t i = 0; i + 1 < params; ++i) CHECK(after->params[i] == before->params[i]);
    REQUIRE(before->last().starts_with(after->last()));
    const std::string_view cut_off = before->last().substr(after->last().size());
    CHECK((cut_off.empty() || (static_cast<unsigned char>(cut_off[0]) & 0xC0) != 0x80));
  }
}
