#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/irc/modes.h"

using namespace halley::irc;

namespace {

Isupport libera() {
  Isupport isupport;
  isupport.apply(std::vector<std::string_view>{"CHANMODES=eIbq,k,flj,CFLMPQRSTcgimnprstuz", "PREFIX=(ov)@+"});
  return isupport;
}

// "+oP:alice -bA:*!*@x": sign, letter, group ('?' for none), argument.
std::string shown(const std::vector<ModeChange>& changes) {
  std::string out;
  for (const ModeChange& change : changes) {
    if (!out.empty()) out += ' ';
    out += change.add ? '+' : '-';
    out += change.letter;
    out += change.group ? change.group : '?';
    if (!change.arg.empty()) out.append(":").append(change.arg);
  }
  return out;
}

std::string parsed(std::vector<std::string_view> params) {
  return shown(parse_modes(libera(), params));
}

std::string applied(std::vector<std::vector<std::string_view>> lines) {
  ChannelModes modes;
  for (const auto& line : lines)
    for (const ModeChange& change : parse_modes(libera(), line)) modes.apply(change);
  return modes.text();
}

}  // namespace

TEST_CASE("MODE strings are taken apart") {
  CHECK(parsed({"+o", "alice"}) == "+oP:alice");
  CHECK(parsed({"+oo-v", "alice", "bob", "carol"}) == "+oP:alice +oP:bob -vP:carol");
  CHECK(parsed({"+ntk-l", "key"}) == "+nD +tD +kB:key -lC");
  CHECK(parsed({"+lb", "50", "*!*@x"}) == "+lC:50 +bA:*!*@x");
  CHECK(parsed({"-k", "key"}) == "-kB:key");
  CHECK(parsed({"-kb", "*", "m"}) == "-kB:* -bA:m");
  CHECK(parsed({"b"}) == "+bA");       // a list is asked for
  CHECK(parsed({"nt"}) == "+nD +tD");  // no sign means plus
  CHECK(parsed({"+-+n"}) == "+nD");
  CHECK(parsed({"+Zo", "x"}) == "+Z? +oP:x");  // unknown modes take nothing
  CHECK(parsed({"+o"}) == "+oP");              // an argument is missing
  CHECK(parsed({"+n", "left over"}) == "+nD");
  CHECK(parsed({"+-"}).empty());
  CHECK(parsed({""}).empty());
  CHECK(parsed({}).empty());
}

TEST_CASE("at most 100 changes are read") {
  const std::string many(250, 'n');
  CHECK(parse_modes(libera(), std::vector<std::string_view>{many}).size() == 100);
}

TEST_CASE("the simple modes of a channel") {
  CHECK(applied({}) == "+");
  CHECK(applied({{"+tn"}}) == "+nt");
  CHECK(applied({{"+ntk", "key"}}) == "+knt key");
  CHECK(applied({{"+lk", "5", "key"}}) == "+kl key 5");
  CHECK(applied({{"+l", "5"}, {"+l", "9"}}) == "+l 9");
  CHECK(applied({{"+ntl", "5"}, {"-tl"}}) == "+n");
  CHECK(applied({{"+k", "key"}, {"-k", "*"}}) == "+");
  CHECK(applied({{"-n"}}) == "+");
  CHECK(applied({{"+bon", "mask", "nick"}}) == "+n");  // lists and prefixes are kept elsewhere
  CHECK(applied({{"+n"}, {"+n"}}) == "+n");
}

TEST_CASE("of a mode's argument 255 bytes are kept, and of what is no letter nothing") {
  const std::string flood(1000, 'x');
  CHECK(applied({{"+f", flood}}) == "+f " + std::string(255, 'x'));
  Isupport isupport;
  isupport.apply(std::vector<std::string_view>{"CHANMODES=,^1k"});
  ChannelModes modes;
  const std::vector<std::string_view> line{"+^1k", flood, flood, "key"};
  for (const ModeChange& change : parse_modes(isupport, line)) modes.apply(change);
  CHECK(modes.text() == "+k key");
}

TEST_CASE("a hidden key does not shift the other arguments") {
  // 324 as a server shows it to those outside: "+kl" without the key would make 5 the key.
  ChannelModes modes;
  modes.apply({true, 'k', 'B', ""});
  modes.apply({true, 'l', 'C', "5"});
  CHECK(modes.text() == "+kl * 5");
  modes.clear();
  CHECK(modes.text() == "+");
}
