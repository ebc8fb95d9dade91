// Networks: registration, staying, coming back.
#include "bouncer/upstream/upstream.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

using halley::Link;
using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

halley::Accounts::NetworkDraft sasl_plain(const std::string& account, const std::string& password) {
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("sasl", "plain:" + account);
  draft.settings.set("sasl-password", password);
  return draft;
}

}  // namespace

TEST_CASE("an upstream registers, joins its channels and answers PING") {
  const auto seed = GENERATE(1U, 2U, 3U);
  Scene scene(seed);
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#one", "#two"});
  Actor server = scene.register_network();
  server.say("PING :are you there");
  server.expect("PONG :are you there");
  CHECK(scene.user("ann").find_network("net")->link() == Link::kConnected);
}

TEST_CASE("channels with keys are joined first, in one line that fits") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.join = {{0, "#open", ""}, {0, "#closed", "key"}};
  scene.add_network("ann", "net", {}, draft);
  Actor server = scene.accept_network();
  server.expect("USER ");
  server.say(":srv 001 ann :Welcome");
  server.say(":srv 422 ann :No MOTD");
  CHECK(server.expect("JOIN ") == "JOIN #closed,#open key");
}

TEST_CASE("capabilities that help are requested, others are not") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS * :multi-prefix server-time some.vendor/thing");
  server.say(":srv CAP * LS :message-tags sasl=PLAIN");
  const std::string request = server.expect("CAP REQ");
  CHECK(request.find("multi-prefix") != std::string::npos);
  CHECK(request.find("server-time") != std::string::npos);
  CHECK(request.find("message-tags") != std::string::npos);
  CHECK(request.find("vendor") == std::string::npos);
  CHECK(request.find("sasl") == std::string::npos);  // no account is configured
  server.say(":srv CAP * ACK :" + request.substr(request.find(':') + 1));
  server.expect("CAP END");
}

TEST_CASE("SASL PLAIN sends authzid = authcid in chunks of 400, closed by + at a multiple") {
  Scene scene;
  scene.add_user("ann");
  // 3 + 3 + 2 NULs + 292 = 300 bytes, 400 in base64.
  scene.add_network("ann", "net", {}, sasl_plain("ann", std::string(292, 'p')));
  Actor server = scene.accept_network();
  server.say(":srv CAP * LS :sasl=EXTERNAL,PLAIN");
  server.expect("CAP REQ :sasl");
  server.say(":srv CAP * ACK :sasl");
  server.expect("AUTHENTICATE PLAIN");
  server.say("AUTHENTICATE +");
  const std::string payload = server.expect("AUTHENTICATE ");
  CHECK(payload.size() == std::string("AUTHENTICATE ").size() + 400);
  CHECK(payload.substr(13, 11) == "YW5uAGFubgB");  // "ann\0ann\0" and the first bits of "p"
  CHECK(server.expect("AUTHENTICATE ") == "AUTHENTICATE +");
  server.say(":srv 900 * ann!ann@host ann :You are now logged in");
  server.say(":srv 903 * :SASL authentication successful");
  server.expect("CAP END");
}

TEST_CASE("a failed SASL login is told, and the link is not used without the account") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {}, sasl_plain("ann", "wrong"));
  Actor server = scene.accept_network();
  SECTION("the password is refused") {
    server.say(":srv CAP * LS :sasl");
    server.expect("CAP REQ :sasl");
    server.say(":srv CAP * ACK :sasl");
    server.expect("AUTHENTICATE PLAIN");
    server.say("AUTHENTICATE +");
    server.expect("AUTHENTICATE ");
    server.say(":srv 904 * :SASL authentication failed");
  }
  SECTION("the network has no SASL") {
    server.say(":srv CAP * LS :multi-prefix");
    server.expect("CAP REQ :multi-prefix");
    server.say(":srv CAP * ACK :multi-prefix");
    scene.advance(20'000);
  }
  SECTION("the network has another mechanism only") {
    server.say(":srv CAP * LS :sasl=EXTERNAL");
    server.expect("CAP REQ :sasl");
    server.say(":srv CAP * ACK :sasl");
  }
  SECTION("the network knows no CAP at all") {
    server.say(":srv 001 ann :Welcome");
  }
  server.expect("QUIT ");
  server.expect_closed();
  const halley::Network& network = *scene.user("ann").find_network("net");
  CHECK(network.link() == Link::kWaiting);
  CHECK(network.trouble().find("SASL") != std::string::npos);
  Actor client = scene.attach("ann/net");
  CHECK(client.expect("NOTICE").find("SASL") != std::string::npos);
}

TEST_CASE("a nick in use falls back, and is regained when it is free") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("nick", "ann");
  draft.settings.set("alt-nick", "ann2");
  scene.add_network("ann", "net", {"#c"}, draft);
  Actor server = scene.accept_network();
  server.expect("NICK ann");
  server.say(":srv 433 * ann :Nickname is already in use");
  server.expect("NICK ann2");
  server.say(":srv 433 * ann2 :Nickname is already in use");
  server.expect("NICK ann_");
  server.say(":srv 001 ann_ :Welcome");
  server.say(":srv 422 ann_ :No MOTD");
  scene.join(server, "#c", "ann bob", "ann_");
  SECTION("its owner quits") {
    server.say(":ann!a@h QUIT :bye");
  }
  SECTION("its owner renames") {
    server.say(":ann!a@h NICK other");
  }
  SECTION("time passes") {
    scene.advance(80'000);
  }
  server.expect("NICK ann");
  server.say(":ann_!ann@host.test NICK ann");
  server.ping();
  CHECK(scene.user("ann").find_network("net")->state().nick == "ann");
}

TEST_CASE("a dead link is noticed and left") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  scene.advance(106'000);
  server.expect("PING :halley");
  scene.advance(76'000);
  server.expect_closed();
  CHECK(scene.user("ann").find_network("net")->trouble().find("PING") != std::string::npos);
}

TEST_CASE("a network that does not end our registration is left after a minute") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  scene.advance(59'000);
  CHECK_FALSE(server.peer().closed());
  scene.advance(17'000);  // it is looked at each quarter of a minute
  server.expect_closed();
  CHECK(scene.user("ann").find_network("net")->trouble().contains("registration within a minute"));
}

TEST_CASE("a lost link is tried again for ever, ever slower, never faster than the pace") {
  Scene scene;
  scene.config.upstream.reconnect_min = 2;
  scene.config.upstream.reconnect_max = 60;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  scene.loop.run_turns();
  std::uint64_t last = scene.clock.monotonic_ms();
  for (std::size_t attempt = 0; attempt < 12; ++attempt) {
    REQUIRE(scene.dialer.count() == attempt + 1);
    scene.dialer.refuse(attempt, "cannot reach irc.test: connection refused");
    scene.loop.run_turns();
    while (scene.dialer.count() == attempt + 1) scene.advance(100);
    const std::uint64_t waited = scene.clock.monotonic_ms() - last;
    last += waited;
    const std::uint64_t span = std::min<std::uint64_t>(60, attempt >= 5 ? 60 : 2U << attempt) * 1000;
    CHECK(waited >= span / 2);
    CHECK(waited <= span + 200);
  }
}

TEST_CASE("several addresses are tried in turn") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("url", "ircs://first.test,irc://second.test:7000");
  scene.add_network("ann", "net", {}, draft);
  scene.loop.run_turns();
  CHECK(scene.dialer.last_target().host == "first.test");
  CHECK(scene.dialer.last_target().tls);
  CHECK(scene.dialer.last_target().port == 6697);
  scene.dialer.refuse_last("no");
  scene.loop.run_turns();
  scene.advance(10'000);
  CHECK(scene.dialer.last_target().host == "second.test");
  CHECK_FALSE(scene.dialer.last_target().tls);
  CHECK(scene.dialer.last_target().port == 7000);
}

TEST_CASE("rubbish from a network costs nobody a line") {
  Scene scene(5);
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net");
  server.say("");
  server.say(":");
  server.say("@ :x");
  server.say(":bob!b@h PRIVMSG");
  server.say(":srv 353 ann");
  server.say(":srv 005 ann");
  server.say("\x01\x02\xff\xfe garbage \x80");
  server.peer().send(std::string(20'000, 'x') + "\r\n");
  server.say(":bob!b@h PRIVMSG #c :still here");
  client.expect(":bob!b@h PRIVMSG #c :still here");
}

TEST_CASE("lines towards a network are paced, unless it says that they need not be") {
  Scene scene;
  scene.config.upstream.rate = 1;
  scene.config.upstream.burst = 3;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  SECTION("paced") {
    Actor server = scene.register_network();
    scene.join(server, "#c");
    scene.advance(10'000);
    Actor client = scene.attach("ann/net");
    for (int i = 0; i < 10; ++i) client.say("PRIVMSG #c :line " + std::to_string(i));
    client.ping();
    const std::vector<std::string> at_once = server.ping();
    CHECK(std::count_if(at_once.begin(), at_once.end(),
                        [](const auto& l) { return l.starts_with("PRIVMSG"); }) == 3);
    scene.advance(20'000);
    server.expect("PRIVMSG #c :line 9");
  }
  SECTION("a network with soju.im/SAFERATE") {
    Actor server = scene.register_network("ann", "soju.im/SAFERATE");
    scene.join(server, "#c");
    Actor client = scene.attach("ann/net");
    for (int i = 0; i < 50; ++i) client.say("PRIVMSG #c :line " + std::to_string(i));
    server.expect("PRIVMSG #c :line 49");
  }
}

TEST_CASE("a network that reads slowly stops the client that floods it, and gets every line") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net");
  server.peer().pause();
  for (int i = 0; i < 20'000; ++i)
    client.say("PRIVMSG #c :a line of some length, number " + std::to_string(i));
  scene.loop.run_turns();
  CHECK(client.peer().unsent() > 0);
  CHECK(scene.user("ann").find_network("net")->link() == Link::kConnected);
  server.peer().resume();
  int expected = 0;
  for (const std::string& line : server.until("number 19999")) {
    if (!line.starts_with("PRIVMSG")) continue;
    REQUIRE(line == "PRIVMSG #c :a line of some length, number " + std::to_string(expected));
    ++expected;
  }
  CHECK(expected == 20'000);
}

TEST_CASE("a line that names the user, or is said to them alone, is marked so in the log") {
  Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("nick", "ann[m]");
  scene.add_network("ann", "net", {"#one"}, draft);
  Actor server = scene.register_network("ann[m]", "CASEMAPPING=rfc1459 PREFIX=(ov)@+");
  scene.join(server, "#one", "bob", "ann[m]");
  const auto [target, text, marked] = GENERATE(table<std::string, std::string, bool>({
      {"#one", "ann[m]: hello", true},
      {"#one", "hello, ANN{M}!", true},
      {"#one", "hello joann[m]", false},
      {"#one", "ann[m]x is not ann[m]", true},
      {"#one", "joann[m] and ann[m]s", false},
      {"#one", "hello", false},
      {"ann[m]", "hello", true},
  }));
  CAPTURE(text);
  server.say(":bob!b@h PRIVMSG " + target + " :" + text);
  server.say("PING :said all");
  server.expect("PONG :said all");
  scene.drain();
  std::optional<halley::storage::Page> page;
  scene.store().read_log({.user = scene.user("ann").id()},
                         [&page](auto result) { page = std::move(result.value()); });
  REQUIRE(scene.turn_until([&page] { return page.has_value(); }));
  const auto said = std::ranges::find_if(
      page->events, [&text = text](const auto& event) { return event.line.ends_with(text); });
  REQUIRE(said != page->events.end());
  CHECK(((said->flags & halley::event_flag::kHighlight) != 0) == marked);
}

TEST_CASE("a line with a NUL or CR inside is heard, and what cannot be read is told once") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  server.say(std::string(":bob!b@h PRIVMSG ann :one\0two\rthree", 35));
  client.expect("PRIVMSG ann :one two three");
  server.say(":bob!b@h PRIVMSG ann :twice converted\r");
  client.expect("PRIVMSG ann :twice converted");
  server.say("   ");
  server.say(":bob!b@h PRI-VMSG ann :x");
  CHECK(client.expect("was left out").find("The command is not made of letters or digits.") !=
        std::string::npos);
  server.say(":bob!b@h PRI-VMSG ann :y");
  server.ping();
  CHECK_FALSE(client.hears("was left out"));
}
