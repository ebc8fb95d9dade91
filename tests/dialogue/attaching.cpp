// Attach at any moment, and be told what changes.
#include <algorithm>
#include <catch2/catch.hpp>

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
