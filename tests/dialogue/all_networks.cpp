// All networks of a user on one connection, for clients that know no extension (login "user/*").
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/core/client.h"
#include "bouncer/core/user.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

// "ann" on libera, where she is ann, in #c with bob; and on oftc, where she is annie, in #d with carl.
struct TwoNetworks {
  explicit TwoNetworks(unsigned seed = 1) : scene(seed) {
    scene.add_user("ann");
    scene.add_network("ann", "libera", {"#c"});
    libera.emplace(scene.register_network("ann"));
    scene.join(*libera, "#c", "bob", "ann");
    halley::Accounts::NetworkDraft draft;
    draft.settings.set("nick", "annie");
    scene.add_network("ann", "oftc", {"#d"}, draft);
    oftc.emplace(scene.register_network("annie"));
    scene.join(*oftc, "#d", "carl", "annie");
  }
  // Until it has been told of both networks.
  Actor attach(std::string_view login = "ann/*", std::string_view caps = {}) {
    Actor client = scene.attach(login, caps);
    client.expect("366 whatever #d/oftc");
    return client;
  }
  // More than is kept for a client.
  void flood() {
    const std::string text(400, 'x');
    for (int i = 0; i < 3'000; ++i) {
      libera->say(fmt::format(":bob!b@h PRIVMSG #c :{} {}", i, text));
      scene.loop.run_turns();
      if (i % 50 == 0) scene.advance(150);
    }
    for (int i = 0; i < 20; ++i) scene.advance(150);
  }
  Scene scene;
  std::optional<Actor> libera, oftc;
};

bool has(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.contains(part); });
}

}  // namespace

TEST_CASE("all networks on one connection: channels, names and own nick of each") {
  TwoNetworks t(GENERATE(1U, 2U));
  Actor client = t.scene.connect_client();
  for (const char* line : {"PASS ann/*:secret", "NICK me", "USER x 0 * :x"}) client.say(line);
  const auto welcome = client.until(" 422 ");
  CHECK(has(welcome, " 001 me "));
  CHECK(has(welcome, "CASEMAPPING=ascii"));
  CHECK(has(welcome, "PREFIX=(ov)@+"));
  const auto lines = client.until("366 me #d/oftc");
  for (const char* part :
       {":me!ann@host.test JOIN #c/libera", "332 me #c/libera :About c", "353 me = #c/libera :", "bob/libera",
        "@me", "366 me #c/libera", "JOIN #d/oftc", "carl/oftc", "On oftc you are annie"})
    CHECK(has(lines, part));
  CHECK_FALSE(has(lines, " 001 "));
  CHECK_FALSE(has(lines, " 422 "));
  CHECK_FALSE(has(lines, "annie!"));
  CHECK_FALSE(has(lines, "BOUNCER"));
}

TEST_CASE("what is said goes to the network that its name says, and comes with it") {
  TwoNetworks t(GENERATE(1U, 2U));
  Actor client = t.attach();
  t.libera->say(":bob!b@h PRIVMSG #c :hello");
  client.expect(":bob/libera!b@h PRIVMSG #c/libera :hello");
  t.oftc->say(":carl!c@h PRIVMSG annie :psst");
  client.expect(":carl/oftc!c@h PRIVMSG whatever :psst");
  client.say("PRIVMSG #c/libera,carl/oftc :hi both");
  t.libera->expect("PRIVMSG #c :hi both");
  t.oftc->expect("PRIVMSG carl :hi both");
  std::vector<std::string> clients;
  for (const halley::Client* one : t.scene.user("ann").clients()) clients.push_back(one->description());
  CHECK(clients == std::vector<std::string>{"irc 127.0.0.1, all networks", "irc 127.0.0.1, of these libera",
                                            "irc 127.0.0.1, of these oftc"});
  client.say("PRIVMSG #c :where?");
  CHECK(client.expect(" 403 ").contains("#c/libera, #c/oftc"));
  client.say("MOTD");
  CHECK(client.expect("NOTICE").contains("MOTD: Say on which network: /libera, /oftc"));
  client.say("LUSERS /oftc");
  t.oftc->expect("LUSERS");
  t.oftc->say(":srv 255 annie :I have 2 clients");
  client.expect(" 255 whatever :I have");
  CHECK_FALSE(t.libera->hears("LUSERS"));
}

TEST_CASE("joins, parts, kicks, modes and topics are told with the network, and done there") {
  TwoNetworks t;
  Actor client = t.attach();
  client.say("JOIN #x/libera,#y/oftc keyx");
  t.libera->expect("JOIN #x keyx");
  t.oftc->expect("JOIN #y");
  t.scene.join(*t.libera, "#x", "bob", "ann");
  client.expect("JOIN #x/libera");
  client.say("MODE #c/libera +o bob/libera");
  t.libera->expect("MODE #c +o bob");
  t.libera->say(":ann!ann@host.test MODE #c +o bob");
  client.expect(":whatever!ann@host.test MODE #c/libera +o bob/libera");
  client.say("KICK #d/oftc carl/oftc :out");
  t.oftc->expect("KICK #d carl out");
  t.oftc->say(":annie!ann@host.test KICK #d carl :out");
  client.expect(":whatever!ann@host.test KICK #d/oftc carl/oftc :out");
  client.say("TOPIC #c/libera :of /oftc");
  t.libera->expect("TOPIC #c :of /oftc");
  client.say("PART #c/libera,#d/oftc :bye");
  t.libera->expect("PART #c bye");
  t.oftc->expect("PART #d bye");
  t.oftc->say(":annie!ann@host.test PART #d :bye");
  client.expect(":whatever!ann@host.test PART #d/oftc :bye");
  t.libera->say(":bob!b@h QUIT :gone");
  client.expect(":bob/libera!b@h QUIT :gone");
}

TEST_CASE("questions are answered by the network that they name") {
  TwoNetworks t;
  Actor client = t.attach();
  client.say("WHOIS carl/oftc carl/oftc");
  t.oftc->expect("WHOIS carl carl");
  t.oftc->say(":srv 311 annie carl c h * :Carl");
  t.oftc->say(":srv 319 annie carl :@#d #e");
  t.oftc->say(":srv 318 annie carl :End");
  client.expect("311 whatever carl/oftc c h * Carl");
  client.expect("319 whatever carl/oftc :@#d/oftc #e/oftc");
  client.expect("318 whatever carl/oftc");
  client.say("NAMES #c/libera");
  client.expect("353 whatever = #c/libera :");
  client.say("WHO #c/libera %tcnuhr,152");
  t.libera->expect("WHO #c %tcnuhr,152");
  t.libera->say(":srv 354 ann 152 #c b h bob :Bob");
  t.libera->say(":srv 315 ann #c :End");
  client.expect("354 whatever 152 #c/libera b h bob/libera Bob");
  client.expect("315 whatever #c/libera");
  client.say("WHO #c/libera");
  t.libera->expect("WHO #c");
  t.libera->say(":srv 352 ann #c b h srv bob H :0 Bob");
  t.libera->say(":srv 315 ann #c :End");
  client.expect("352 whatever #c/libera b h srv bob/libera H :0 Bob");
}

TEST_CASE("of many questions of WHO the fields of the last sixteen are known") {
  TwoNetworks t;
  Actor client = t.attach();
  for (int i = 0; i < 20; ++i) client.say(fmt::format("WHO #c/libera %{},{}", i < 4 ? "na" : "n", i));
  client.ping();
  t.libera->expect("WHO #c %n,19");
  t.libera->say(":srv 354 ann bob acc");
  client.expect("354 whatever bob acc");
  t.libera->say(":srv 354 ann bob");
  client.expect("354 whatever bob/libera");
}

TEST_CASE("a nick is the client's on all networks, and asked for on all or on one") {
  TwoNetworks t;
  Actor client = t.attach();
  client.say("NICK nova");
  client.expect(":whatever!whatever@halley.local NICK nova");
  t.libera->expect("NICK nova");
  t.oftc->expect("NICK nova");
  t.libera->say(":ann!ann@host.test NICK :nova");
  t.oftc->say(":srv 433 annie nova :Nickname is already in use");
  client.expect("433 nova nova/oftc");
  client.say("NICK anna/oftc");
  t.oftc->expect("NICK anna");
  t.oftc->say(":annie!ann@host.test NICK :anna");
  client.expect("On oftc you are anna");
  t.libera->say(":bob!b@h PRIVMSG nova :hi");
  client.expect("PRIVMSG nova :hi");
  t.libera->say(":bob!b@h NICK :bobby");
  client.expect(":bob/libera!b@h NICK bobby/libera");
  client.say("AWAY :lunch");
  t.libera->expect("AWAY");
  t.oftc->expect("AWAY");
  t.libera->say(":srv 306 nova :You are away");
  t.oftc->say(":srv 306 anna :You are away");
  client.expect(" 306 nova ");
  CHECK_FALSE(client.hears(" 306 "));
}

TEST_CASE("a device that comes back on one connection gets exactly what it missed on each network") {
  TwoNetworks t(GENERATE(1U, 2U));
  {
    Actor client = t.attach("ann/*@old");
    t.libera->say(":bob!b@h PRIVMSG #c :seen");
    client.expect("seen");
    client.close();
    client.expect_closed();
  }
  t.scene.advance(1000);
  t.libera->say(":bob!b@h PRIVMSG #c :missed one");
  t.oftc->say(":carl!c@h PRIVMSG #d :missed two");
  t.libera->ping();
  t.oftc->ping();
  Actor back = t.scene.attach("ann/*@old", "server-time batch");
  std::vector<std::string> lines;
  while (!has(lines, "missed one") || !has(lines, "missed two")) {
    for (std::string& line : back.until("missed")) lines.push_back(std::move(line));
  }
  for (std::string& line : back.ping()) lines.push_back(std::move(line));
  CHECK(std::ranges::count_if(lines, [](const auto& line) { return line.contains("missed"); }) == 2);
  CHECK_FALSE(has(lines, " :seen"));
  CHECK(has(lines, ":bob/libera!b@h PRIVMSG #c/libera :missed one"));
  // Batches of two networks that have the same reference are two for the client.
  std::vector<std::string> begun;
  for (const std::string& line : lines) {
    const std::size_t at = line.find("BATCH +");
    if (at != std::string::npos) begun.push_back(line.substr(at, line.find(' ', at + 7) - at));
  }
  REQUIRE(begun.size() >= 2);
  std::ranges::sort(begun);
  CHECK(std::ranges::adjacent_find(begun) == begun.end());
}

TEST_CASE("a network that goes, comes or has another name changes what one connection shows") {
  TwoNetworks t;
  Actor client = t.attach();
  t.libera->close();
  client.expect("PART #c/libera");
  CHECK(client.expect("Connection lost").contains("NOTICE whatever"));
  REQUIRE(t.scene.accounts().rename_network("ann", "oftc", "debian"));
  t.scene.accounts().flush(nullptr);
  client.expect("PART #d/oftc");
  client.expect("JOIN #d/debian");
  client.expect("366 whatever #d/debian");
  client.say("PRIVMSG #d/debian :hi");
  t.oftc->expect("PRIVMSG #d :hi");
  REQUIRE(t.scene.accounts().remove_network("ann", "debian"));
  t.scene.accounts().flush(nullptr);
  client.expect("PART #d/debian");
  t.scene.add_network("ann", "third", {}, {});
  client.expect("third");
}

TEST_CASE("history, read markers and messages of several lines name their network on one connection") {
  TwoNetworks t;
  Actor client =
      t.attach("ann/*", "message-tags batch server-time draft/chathistory draft/read-marker draft/multiline");
  t.libera->say(":bob!b@h PRIVMSG #c :of old");
  client.expect("of old");
  client.say("CHATHISTORY LATEST #c/libera * 10");
  const std::string begin = client.expect("BATCH +");
  CHECK(begin.contains("chathistory #c/libera"));
  CHECK(client.expect("of old").contains("@batch="));
  client.expect("BATCH -");
  client.say("MARKREAD #c/libera timestamp=2026-11-27T00:00:00.000Z");
  client.expect("MARKREAD #c/libera timestamp=");
  client.say("BATCH +1 draft/multiline #d/oftc");
  client.say("@batch=1 PRIVMSG #d/oftc :one");
  client.say("@batch=1 PRIVMSG #d/oftc :two");
  client.say("BATCH -1");
  t.oftc->expect("PRIVMSG #d :one");
  t.oftc->expect("PRIVMSG #d :two");
  client.say("BATCH -1");
  client.expect("FAIL BATCH INVALID_REFTAG");
  client.say("PRIVMSG *halley :history #c/libera 3h");
  CHECK(client.expect("#c, in UTC").contains(" :*halley!*halley@"));
}

TEST_CASE("each network on one connection counts as a client, and what has no room is not shown") {
  TwoNetworks t;
  t.scene.config.limits.clients_per_user = 2;
  Actor client = t.scene.attach("ann/*", "message-tags batch draft/multiline");
  const auto lines = client.until("oftc is not shown");
  CHECK(lines.back().contains("2 clients of ann are attached already"));
  CHECK_FALSE(has(lines, " 464 "));
  client.say("PRIVMSG #c/libera :hi");
  t.libera->expect("PRIVMSG #c :hi");
  client.say("PRIVMSG #d/oftc :hi");
  for (const std::string& line : client.until("oftc is not shown on this connection any more"))
    CHECK_FALSE(line.contains("PART #d"));
  client.say("BATCH +1 draft/multiline #d/oftc");
  client.expect("oftc is not shown on this connection any more");
  client.say("BATCH -1");
  client.expect("FAIL BATCH INVALID_REFTAG");
}

TEST_CASE("one connection for all networks is there before the first of them") {
  Scene scene;
  scene.add_user("ann");
  Actor client = scene.connect_client();
  for (const char* line : {"PASS ann/*:secret", "NICK me", "USER x 0 * :x"}) client.say(line);
  CHECK(has(client.until(" 422 "), "PREFIX=(ov)@+"));
  client.expect("You have no network yet");
  client.say("JOIN #c");
  client.expect(" 403 me #c :You have no network yet");
  scene.add_network("ann", "libera", {"#c"});
  Actor libera = scene.register_network("ann");
  scene.join(libera, "#c", "bob", "ann");
  client.expect("366 me #c/libera");
}

TEST_CASE("a client that does not read holds little of what all its networks say, and gets all of it") {
  TwoNetworks t;
  t.scene.config.limits.client_queue = 64 * 1024;
  Actor client = t.attach();
  client.peer().pause();
  t.flood();
  CHECK(t.scene.bouncer().downstream_queued() < 512 * 1024);
  client.peer().resume();
  client.expect(" :2999 x");
}

TEST_CASE("no network is given up while the client takes nothing and lives") {
  TwoNetworks t;
  t.scene.config.limits.client_queue = 64 * 1024;
  Actor client = t.attach();
  client.peer().pause();
  t.flood();
  for (int i = 0; i < 6; ++i) {
    client.say("PING alive");
    t.libera->ping();
    t.oftc->ping();
    t.scene.advance(60'000);
  }
  client.peer().resume();
  CHECK_FALSE(has(client.until(" :2999 x"), "not shown any more"));
  t.oftc->say(":carl!c@h PRIVMSG #d :still here");
  for (const std::string& line : client.until("still here")) CHECK_FALSE(line.contains("not shown any more"));
}

TEST_CASE("a network that ends while the client takes nothing is told to be gone once") {
  TwoNetworks t;
  t.scene.config.limits.client_queue = 64 * 1024;
  Actor client = t.attach();
  client.peer().pause();
  t.flood();
  for (halley::Client* one : t.scene.user("ann").clients()) {
    if (one->description().ends_with("of these libera")) one->end("for a test");
  }
  t.scene.loop.run_turns();
  client.peer().resume();
  const auto lines = client.until("PART #c/libera");
  CHECK(std::ranges::count_if(
            lines, [](const auto& line) { return line.contains("libera is not shown any more"); }) == 1);
  CHECK_FALSE(client.hears("not shown any more"));
  client.say("PRIVMSG #d/oftc :hi");
  t.oftc->expect("PRIVMSG #d :hi");
}

TEST_CASE("of what Halley says at once the last sixteen are told once") {
  TwoNetworks t;
  {
    Actor old = t.attach("ann/*@later");
    old.close();
    old.expect_closed();
  }
  Actor client = t.attach();
  std::vector<std::string> said = {"down at eight", "up at nine", "down at eight"};
  while (said.size() < 16) said.push_back(fmt::format("number {}", said.size()));
  for (const std::string& text : said) CHECK(t.scene.bouncer().tell_everybody(text) == 1);
  t.libera->say(":bob!b@h PRIVMSG #c :then one");
  t.oftc->say(":carl!c@h PRIVMSG #d :then two");
  Actor later = t.scene.attach("ann/*@later", "server-time batch");
  for (Actor* one : {&client, &later}) {
    std::vector<std::string> lines;
    while (!has(lines, "then one") || !has(lines, "then two")) {
      for (std::string& line : one->until("then")) lines.push_back(std::move(line));
    }
    std::vector<std::string> heard;
    for (const std::string& line : lines) {
      if (line.contains(":*halley!")) heard.push_back(line.substr(line.rfind(" :") + 2));
    }
    CHECK(heard == said);
  }
}

TEST_CASE("what Halley says to a user comes once on one connection, live and replayed") {
  TwoNetworks t;
  {
    Actor old = t.attach("ann/*@later");
    old.close();
    old.expect_closed();
  }
  Actor client = t.attach();
  CHECK(t.scene.bouncer().tell_everybody("restarted at eight") == 1);
  client.expect("restarted at eight");
  CHECK_FALSE(client.heard("restarted at eight"));
  for (halley::Client* one : t.scene.user("ann").clients())
    one->pass_own(":*halley!*halley@halley.local NOTICE ann :no room");
  client.expect("no room");
  CHECK_FALSE(client.heard("no room"));
  t.libera->say(":bob!b@h PRIVMSG #c :then one");
  t.oftc->say(":carl!c@h PRIVMSG #d :then two");
  client.until("then");
  client.until("then");
  Actor later = t.scene.attach("ann/*@later", "server-time batch");
  std::vector<std::string> lines;
  while (!has(lines, "then one") || !has(lines, "then two")) {
    for (std::string& line : later.until("then")) lines.push_back(std::move(line));
  }
  CHECK(std::ranges::count_if(lines, [](const auto& line) { return line.contains("restarted at eight"); }) ==
        1);
}
