// Which network a client's line is for, from the names in it.
#include <catch2/catch.hpp>

#include "bouncer/downstream/network_routes.h"

using namespace halley;

namespace {

struct Bench {
  // What is said where: "libera: JOIN #a | oftc: JOIN #b", or "refused NAME".
  std::string routed(std::string_view line, std::size_t networks = 2) const {
    const NamedNetwork all[] = {named("libera", "ann_"), named("oftc", "ann")};
    const auto message = irc::parse(line);
    REQUIRE(message);
    const auto lines = route_line(std::span(all).first(networks), *message);
    if (!lines) return "refused " + lines.error().name;
    std::string out;
    for (const RoutedLine& one : *lines)
      out.append(out.empty() ? "" : " | ").append(all[one.network].name).append(": ").append(one.line);
    return out;
  }
  NamedNetwork named(std::string_view name, std::string_view nick) const {
    return {.name = name, .nick = nick, .shown = "me", .server = {}, .host = {}, .isupport = isupport};
  }
  irc::Isupport isupport;
};

}  // namespace

TEST_CASE("a line goes where its names say") {
  const Bench b;
  const std::pair<const char*, const char*> rows[] = {
      {"PRIVMSG #c/libera :a /oftc b", "libera: PRIVMSG #c :a /oftc b"},
      {"PRIVMSG #c/LIBERA :/oftc", "libera: PRIVMSG #c :/oftc"},
      {"@+x=y PRIVMSG @#c/libera :hi", "libera: @+x=y PRIVMSG @#c :hi"},
      {"PRIVMSG #a/libera,bob/oftc,#b/libera :hi", "libera: PRIVMSG #a,#b :hi | oftc: PRIVMSG bob :hi"},
      {"PRIVMSG #a/b/oftc :hi", "oftc: PRIVMSG #a/b :hi"},
      {"JOIN #a/libera,#b/oftc,#c/libera k1,k2,k3", "libera: JOIN #a,#c k1,k3 | oftc: JOIN #b k2"},
      {"JOIN #a/libera,#b/oftc k1", "libera: JOIN #a k1 | oftc: JOIN #b"},
      {"JOIN #a/libera,#b/libera ,secret", "libera: JOIN #a,#b ,secret"},
      {"JOIN #a/libera,#b/oftc,#c/libera ,k2,k3", "libera: JOIN #a,#c ,k3 | oftc: JOIN #b k2"},
      {"JOIN 0", "libera: JOIN 0 | oftc: JOIN 0"},
      {"PART #a/libera,#b/oftc :bye", "libera: PART #a :bye | oftc: PART #b :bye"},
      {"KICK #a/libera bob/libera :out", "libera: KICK #a bob :out"},
      {"KICK #a/libera bob,carl/libera :out", "libera: KICK #a bob,carl :out"},
      {"KICK #a/libera,#b/oftc x/libera,y/oftc", "libera: KICK #a x | oftc: KICK #b y"},
      {"MODE #a/libera +ob bob/libera *!*@x/libera", "libera: MODE #a +ob bob *!*@x/libera"},
      {"MODE #a/libera +o me", "libera: MODE #a +o ann_"},
      {"MODE me +i", "libera: MODE ann_ +i | oftc: MODE ann +i"},
      {"MODE #a/libera", "libera: MODE #a"},
      {"TOPIC #a/libera :new /oftc", "libera: TOPIC #a :new /oftc"},
      {"INVITE bob/libera #a/libera", "libera: INVITE bob #a"},
      {"INVITE bob #a/libera", "libera: INVITE bob #a"},
      {"WHOIS bob/oftc bob/oftc", "oftc: WHOIS bob bob"},
      {"WHOIS me", "libera: WHOIS ann_"},
      {"WHO #a/libera %tnf,5", "libera: WHO #a %tnf,5"},
      {"ISON bob/libera :carl/oftc dora/libera", "libera: ISON :bob dora | oftc: ISON :carl"},
      {"USERHOST me", "libera: USERHOST ann_"},
      {"MONITOR + bob/libera,carl/oftc", "libera: MONITOR + bob | oftc: MONITOR + carl"},
      {"MONITOR C", "libera: MONITOR C | oftc: MONITOR C"},
      {"NICK new", "libera: NICK new | oftc: NICK new"},
      {"NICK new/oftc", "oftc: NICK new"},
      {"AWAY :/libera", "libera: AWAY :/libera | oftc: AWAY :/libera"},
      {"AWAY", "libera: AWAY | oftc: AWAY"},
      {"SETNAME :Ann Other", "libera: SETNAME :Ann Other | oftc: SETNAME :Ann Other"},
      {"CHATHISTORY LATEST #a/oftc * 50", "oftc: CHATHISTORY LATEST #a * 50"},
      {"CHATHISTORY TARGETS timestamp=a timestamp=b 5",
       "libera: CHATHISTORY TARGETS timestamp=a timestamp=b 5 | oftc: CHATHISTORY TARGETS timestamp=a "
       "timestamp=b 5"},
      {"MARKREAD bob/oftc timestamp=x", "oftc: MARKREAD bob timestamp=x"},
      {"BATCH +r draft/multiline #a/oftc", "oftc: BATCH +r draft/multiline #a"},
      {"SEARCH in=#a/oftc;text=x", "oftc: SEARCH in=#a;text=x"},
      {"ZNC *playback PLAY #a/libera,b*/oftc 0",
       "libera: ZNC *playback PLAY #a 0 | oftc: ZNC *playback PLAY b* 0"},
      {"ZNC *playback PLAY * 0", "libera: ZNC *playback PLAY * 0 | oftc: ZNC *playback PLAY * 0"},
      {"MOTD /oftc", "oftc: MOTD"},
      {"LIST /oftc", "oftc: LIST"},
      {"NS identify word /libera", "libera: NS identify word"},
      {"CPRIVMSG bob/libera #a/libera :hi there", "libera: CPRIVMSG bob #a :hi there"},
  };
  for (const auto& [from, to] : rows) CHECK(b.routed(from) == to);
}

TEST_CASE("a line whose names say no network is refused, and goes to the only one where there is no other") {
  const Bench b;
  CHECK(b.routed("PRIVMSG #a :hi") == "refused #a");
  CHECK(b.routed("PRIVMSG #a/elsewhere :hi") == "refused #a/elsewhere");
  CHECK(b.routed("PRIVMSG #a/libera,#b :hi") == "refused #b");
  CHECK(b.routed("JOIN #a") == "refused #a");
  CHECK(b.routed("INVITE bob/oftc #a/libera") == "refused #a/libera");
  CHECK(b.routed("KICK #a/libera bob/oftc") == "refused bob/oftc");
  CHECK(b.routed("MOTD") == "refused ");
  CHECK(b.routed("LIST") == "refused ");
  CHECK(b.routed("JOIN #a", 1) == "libera: JOIN #a");
  CHECK(b.routed("MOTD", 1) == "libera: MOTD");
  CHECK(b.routed("PRIVMSG #a :hi", 0) == "refused #a");
}

TEST_CASE("several channels in one command of which one was foreseen are one for each network") {
  const Bench b;
  CHECK(b.routed("WHO #a/libera,#b/oftc,#c/libera") == "libera: WHO #a,#c | oftc: WHO #b");
  CHECK(b.routed("MODE #a/libera,#b/oftc") == "libera: MODE #a | oftc: MODE #b");
}

TEST_CASE("the fields that WHO asks for, and which answers have them") {
  const auto fields = [](std::string_view line) {
    return std::string(who_question(*irc::parse(line)).fields);
  };
  CHECK(fields("WHO #a %tcnf,152") == "tcnf");
  CHECK(fields("WHO #a n%na") == "na");
  CHECK(fields("WHO #a o").empty());
  CHECK(fields("WHO #a").empty());
  const auto answers = [](std::string_view line, std::string_view fields_asked, std::string_view token = {}) {
    return answers_whox(*irc::parse(line), fields_asked, token);
  };
  CHECK(answers("354 me 42 bob", "nt", "42"));
  CHECK_FALSE(answers("354 me 43 bob", "nt", "42"));
  CHECK_FALSE(answers("354 me bob", "na"));
  CHECK_FALSE(answers("354 me bob", ""));
  CHECK(answers("354 me bob acc", "an"));
}
