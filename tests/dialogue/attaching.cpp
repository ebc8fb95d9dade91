// Attach at any moment, and be told what changes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/irc/caps.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

TEST_CASE("a client that comes between a JOIN and the end of its names is told of the channel") {
  Attached t(GENERATE(1U, 2U));
  t.server->say(":ann!ann@host.test JOIN #big");
  t.server->say(":srv 353 ann @ #big :@ann bob");
  t.server->ping();
  Actor client = t.scene.attach("ann/net");
  t.server->say(":srv 366 ann #big :End");
  t.bob("hello");
  auto lines = client.until("hello");
  for (const std::string& line : client.ping()) lines.push_back(line);
  const auto at = [&](std::string_view part) {
    return std::ranges::find_if(lines, [&](const std::string& line) { return line.contains(part); });
  };
  REQUIRE(at("366 ann #big") != lines.end());
  CHECK(std::ranges::count_if(lines, [](const std::string& l) { return l.contains("366 ann #big"); }) == 1);
  Actor late = t.scene.attach("ann/net@late");
  late.expect("353 ann @ #big :");  // the channel's own symbol
}

TEST_CASE("the JOIN of a channel whose names are on their way is in the welcome") {
  Attached t;
  t.server->say(":ann!ann@host.test JOIN #big");
  t.server->ping();
  Actor client = t.scene.connect_client();
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x"}) client.say(line);
  client.expect(":ann!ann@host.test JOIN #big");
}

TEST_CASE("joins are whole for a client with extended-join, whatever the network has") {
  Attached t;
  Actor client = t.scene.connect_client();
  client.say("CAP LS");
  client.say("CAP REQ :extended-join");
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x", "CAP END"}) client.say(line);
  client.expect(" 422 ");
  t.server->say(":dora!d@h JOIN #c");
  CHECK(client.expect(":dora!d@h JOIN").ends_with("JOIN #c * :dora"));
}

TEST_CASE("a client is told the account that the network knows, and when it changes") {
  Attached t;
  t.server->say(":srv 900 ann ann!ann@host.test annacc :You are now logged in as annacc");
  t.server->ping();
  Actor client = t.scene.connect_client();
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x"}) client.say(line);
  CHECK(client.expect(" 900 ").contains("annacc"));
  client.expect(" 366 ");
  t.server->say(":srv 901 ann ann!ann@host.test :You are now logged out");
  client.expect(" 901 ");
  t.server->say(":srv 900 ann ann!ann@host.test other :You are now logged in as other");
  client.expect(" 900 ");
}

TEST_CASE("a PING is answered with its token, whatever follows it") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  client.say("PING LAG12345 irc.example.test");
  CHECK(client.expect("PONG").ends_with("LAG12345"));
}

TEST_CASE("a note to oneself is one line, and looks like it") {
  Attached t(GENERATE(1U, 2U));
  Actor plain = t.scene.attach("ann/net@plain"), echo = t.scene.attach("ann/net@echo", "echo-message");
  plain.say("PRIVMSG ann :note");
  t.server->expect("PRIVMSG ann :note");
  t.server->say(":ann!ann@host.test PRIVMSG ann :note");
  t.server->ping();
  t.bob("after");
  const auto notes = [](const std::vector<std::string>& lines) {
    return std::ranges::count_if(lines, [](const std::string& l) { return l.contains("PRIVMSG ann :note"); });
  };
  CHECK(notes(plain.until("after")) == 1);
  CHECK(notes(echo.until("after")) == 1);
}

TEST_CASE("what the network withdraws is withdrawn, and not promised again") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  server.say(":srv CAP * LS :away-notify cap-notify");
  const std::string request = server.expect("CAP REQ");
  server.say(":srv CAP * ACK " + request.substr(request.find(':')));
  server.expect("CAP END");
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  Actor client = scene.attach("ann/net", "away-notify cap-notify");
  server.say(":srv CAP ann DEL :away-notify");
  client.expect("DEL away-notify");
  client.say("CAP REQ :away-notify");
  client.expect(" NAK ");
  server.say(":srv CAP ann NEW :away-notify");
  server.expect("CAP REQ");
  server.say(":srv CAP ann ACK :away-notify");
  client.expect("NEW away-notify");
  client.say("CAP REQ :away-notify");
  client.expect(" ACK ");
}

namespace {

// The capabilities that a CAP line lists, without their values.
std::vector<std::string> caps_of(const std::string& line) {
  std::vector<std::string> caps;
  halley::irc::for_each_cap(line.substr(line.rfind(" :") + 2),
                            [&](auto name, auto, bool) { caps.emplace_back(name); });
  return caps;
}

bool lists(const std::vector<std::string>& caps, std::string_view cap) {
  return std::ranges::find(caps, cap) != caps.end();
}

// A network with these capabilities besides cap-notify.
Actor network_with(halley::dialogue::Scene& scene, const std::string& caps) {
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  server.say(":srv CAP * LS :" + caps);
  if (const std::string request = server.expect("CAP "); request.starts_with("CAP REQ")) {
    server.say(":srv CAP * ACK " + request.substr(request.find(':')));
    server.expect("CAP END");
  }
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
  return server;
}

constexpr const char* kOfNetworks[] = {"account-notify", "account-tag", "away-notify",
                                       "chghost",        "setname",     "invite-notify"};

}  // namespace

TEST_CASE("nothing that was acknowledged is withdrawn by logging in") {
  halley::dialogue::Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = network_with(scene, "server-time chghost");
  Actor client = scene.connect_client();
  client.say("CAP LS 302");
  const std::vector<std::string> offered = caps_of(client.expect(" LS "));
  CHECK(lists(offered, "server-time"));
  for (const char* cap : kOfNetworks) CHECK_FALSE(lists(offered, cap));
  std::string all;
  for (const std::string& cap : offered)
    if (cap != "soju.im/bouncer-networks") (all += all.empty() ? "" : " ") += cap;
  client.say("CAP REQ :" + all);
  client.expect(" ACK ");
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x", "CAP END"}) client.say(line);
  std::vector<std::string> lines = client.ping();
  CHECK(std::ranges::none_of(lines, [](const auto& line) { return line.contains(" DEL "); }));
  const auto come =
      std::ranges::find_if(lines, [](const std::string& line) { return line.contains(" CAP ann NEW "); });
  REQUIRE(come != lines.end());
  CHECK(come->ends_with("NEW chghost"));
  client.say("CAP REQ :chghost");
  client.expect(" ACK ");
  client.say("CAP REQ :away-notify");
  client.expect(" NAK ");
  client.say("CAP LS 302");
  CHECK(lists(caps_of(client.expect(" LS ")), "chghost"));
}

TEST_CASE("a capability that was requested before the login is neither withdrawn by it nor announced twice") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = network_with(scene, "server-time chghost");
  Actor client = scene.attach("ann/net", "cap-notify chghost away-notify");
  for (const std::string& line : client.ping()) CHECK_FALSE(line.contains(" CAP "));
  server.say(":srv CAP ann DEL :chghost");
  CHECK(client.expect(" CAP ").ends_with("DEL chghost"));
}

TEST_CASE("what the network gives is offered before CAP END to who has logged in by then") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = network_with(scene, "server-time chghost");
  Actor client = scene.connect_client();
  for (const char* line : {"CAP LS 302", "NICK x", "USER x 0 * :x", "CAP REQ :sasl", "AUTHENTICATE PLAIN",
                           "AUTHENTICATE AGFubi9uZXQAc2VjcmV0"})
    client.say(line);
  client.expect(" 903 ");
  client.say("CAP LS 302");
  const std::vector<std::string> offered = caps_of(client.expect(" LS "));
  CHECK(lists(offered, "chghost"));
  CHECK_FALSE(lists(offered, "away-notify"));
  client.say("CAP REQ :away-notify");
  client.expect(" NAK ");
  client.say("CAP REQ :chghost");
  client.expect(" ACK ");
  client.say("CAP END");
  for (const std::string& line : client.ping()) CHECK_FALSE(line.contains(" CAP "));
}

TEST_CASE("a network that is away takes nothing back when it returns, and gives then what it has") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor client = scene.attach("ann/net", "cap-notify");
  for (const std::string& line : client.ping()) CHECK_FALSE(line.contains(" CAP "));
  Actor server = network_with(scene, "server-time chghost");
  CHECK(client.expect(" CAP ").ends_with("NEW chghost"));
}

TEST_CASE("who does not log in is let go after a minute, and who answers no PING after four") {
  Attached t;
  SECTION("no login") {
    Actor stranger = t.scene.connect_client();
    stranger.say("NICK x");
    t.scene.advance(59'000);
    CHECK_FALSE(stranger.peer().closed());
    t.scene.advance(31'000);  // it is looked at each half a minute
    stranger.expect("no login within a minute");
    stranger.expect_closed();
  }
  SECTION("no answer") {
    Actor client = t.scene.attach("ann/net");
    Actor other = t.scene.attach("ann/net");
    t.scene.advance(119'000);
    CHECK_FALSE(client.heard("PING :"));
    t.scene.advance(31'000);
    client.expect("PING :");
    other.say("PONG :halley");
    for (int i = 0; i < 2; ++i) t.scene.advance(59'000);
    client.expect("no answer to a PING");
    client.expect_closed();
    other.ping();
  }
}
