#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/isupport.h"
#include "bouncer/irc/message.h"

using namespace halley::irc;

namespace {

void apply(Isupport& isupport, std::vector<std::string_view> tokens) {
  isupport.apply(tokens);
}

// As a 005 line is read: without the nick and the text behind the tokens.
void apply_line(Isupport& isupport, std::string_view line) {
  const auto message = parse(line);
  isupport.apply(message->parameters().subspan(1, message->param_count - 2));
}

}  // namespace

TEST_CASE("before any 005 the protocol's defaults hold") {
  const Isupport isupport;
  CHECK(isupport.casemapping() == CaseMapping::kRfc1459);
  CHECK(isupport.chantypes() == "#&");
  CHECK(isupport.prefix_modes() == "ov");
  CHECK(isupport.prefix_symbols() == "@+");
  CHECK(isupport.statusmsg().empty());
  CHECK(isupport.mode_group('b') == 'A');
  CHECK(isupport.mode_group('k') == 'B');
  CHECK(isupport.mode_group('l') == 'C');
  CHECK(isupport.mode_group('n') == 'D');
  CHECK(isupport.mode_group('o') == 'P');
  CHECK(isupport.mode_group('x') == 0);
  CHECK(isupport.mode_group(',') == 0);
}

TEST_CASE("the lines of a real network") {
  Isupport isupport;
  apply_line(isupport,
             ":tantalum.libera.chat 005 me ETRACE FNC SAFELIST WHOX KNOCK MONITOR=100 "
             "CALLERID=g ELIST=CMNTU CHANTYPES=# EXCEPTS INVEX "
             "CHANMODES=eIbq,k,flj,CFLMPQRSTcgimnprstuz :are supported by this server");
  apply_line(isupport,
             ":tantalum.libera.chat 005 me CHANLIMIT=#:250 PREFIX=(ov)@+ MAXLIST=bqeI:100 MODES=4 "
             "NETWORK=Libera.Chat "
             "STATUSMSG=@+ CASEMAPPING=rfc1459 NICKLEN=16 MAXNICKLEN=16 CHANNELLEN=50 TOPICLEN=390 "
             ":are supported by this server");
  CHECK(isupport.value("NETWORK") == "Libera.Chat");
  CHECK(isupport.value("WHOX") == "");
  CHECK(isupport.has("KNOCK"));
  CHECK_FALSE(isupport.has("knock"));
  CHECK(isupport.value("EXCEPTSX") == std::nullopt);
  CHECK(isupport.number("NICKLEN", 9) == 16);
  CHECK(isupport.chantypes() == "#");
  CHECK(isupport.is_channel("#c"));
  CHECK_FALSE(isupport.is_channel("&c"));
  CHECK_FALSE(isupport.is_channel(""));
  CHECK(isupport.statusmsg() == "@+");
  CHECK(isupport.mode_group('q') == 'A');
  CHECK(isupport.mode_group('k') == 'B');
  CHECK(isupport.mode_group('j') == 'C');
  CHECK(isupport.mode_group('z') == 'D');
  CHECK(isupport.mode_group('v') == 'P');
  CHECK(isupport.tokens().size() == 23);
}

TEST_CASE("PREFIX") {
  const auto [value, modes, symbols] = GENERATE(table<std::string_view, std::string_view, std::string_view>({
      {"PREFIX=(Yqaohv)!~&@%+", "Yqaohv", "!~&@%+"},
      {"PREFIX=", "", ""},
      {"PREFIX=()", "", ""},
      {"PREFIX", "", ""},
      {"PREFIX=(qao)~&", "qa", "~&"},  // out of step: what has a symbol counts
      {"PREFIX=(o)@+", "o", "@"},
      {"PREFIX=@+", "ov", "@+"},  // no such form: as if it were not there
      {"PREFIX=(ov", "ov", "@+"},
  }));
  CAPTURE(value);
  Isupport isupport;
  apply(isupport, {value});
  CHECK(isupport.prefix_modes() == modes);
  CHECK(isupport.prefix_symbols() == symbols);
}

TEST_CASE("a minus takes a token back, and its default returns") {
  Isupport isupport;
  apply(isupport,
        {"CASEMAPPING=ascii", "CHANTYPES=", "PREFIX=(q)~", "CHANMODES=,,,z", "STATUSMSG=~", "EXCEPTS"});
  CHECK(isupport.casemapping() == CaseMapping::kAscii);
  CHECK_FALSE(isupport.is_channel("#c"));
  CHECK(isupport.mode_group('z') == 'D');
  apply(isupport,
        {"-CASEMAPPING", "-CHANTYPES", "-PREFIX", "-CHANMODES", "-STATUSMSG", "-EXCEPTS", "-NEVERSEEN", "-"});
  CHECK(isupport.tokens().empty());
  CHECK(isupport.casemapping() == CaseMapping::kRfc1459);
  CHECK(isupport.is_channel("#c"));
  CHECK(isupport.prefix_modes() == "ov");
  CHECK(isupport.mode_group('z') == 0);
  CHECK(isupport.mode_group('b') == 'A');
  CHECK(isupport.statusmsg().empty());
}

TEST_CASE("values are unescaped, and later ones win") {
  Isupport isupport;
  apply(isupport,
        {"NETWORK=Old", "NETWORK=Slack\\x20Net", "A=\\x5C\\x3D", "B=\\x2", "C=\\xZZ", "D=a=b", "E=\\"});
  CHECK(isupport.value("NETWORK") == "Slack Net");
  CHECK(isupport.value("A") == "\\=");
  CHECK(isupport.value("B") == "\\x2");
  CHECK(isupport.value("C") == "\\xZZ");
  CHECK(isupport.value("D") == "a=b");
  CHECK(isupport.value("E") == "\\");
}

TEST_CASE("numbers that are none fall back") {
  Isupport isupport;
  apply(isupport, {"A=12", "B=", "C", "D=12x", "E=-1", "F=99999999999999999999999", "G=0"});
  CHECK(isupport.number("A", 7) == 12);
  for (const char* name : {"B", "C", "D", "E", "F", "ABSENT"}) CHECK(isupport.number(name, 7) == 7);
  CHECK(isupport.number("G", 7) == 0);
}

TEST_CASE("tokens are bounded in number and length") {
  Isupport isupport;
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("T" + std::to_string(i) + "=x");
  for (const std::string& name : names) apply(isupport, {name});
  CHECK(isupport.tokens().size() == 200);
  apply(isupport, {"T0=changed", "NEW=x"});
  CHECK(isupport.value("T0") == "changed");
  CHECK_FALSE(isupport.has("NEW"));
  apply(isupport, {"-T0", "NEW=x"});  // room again
  CHECK(isupport.has("NEW"));

  Isupport other;
  const std::string longest = "L=" + std::string(1022, 'x'), longer = "M=" + std::string(1023, 'x');
  apply(other, {longest, longer, "=nameless", "", "not a token"});
  CHECK(other.tokens().size() == 1);
  CHECK(other.value("L")->size() == 1022);
}

TEST_CASE("groups beyond the fourth are unknown") {
  Isupport isupport;
  apply(isupport, {"CHANMODES=b,k,l,n,X"});
  CHECK(isupport.mode_group('n') == 'D');
  CHECK(isupport.mode_group('X') == 0);
}
