// No client gets a line that is longer than what it takes: 512 bytes, and 8,191 of tags, whatever a network
// sends and whatever is made of it.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

void check(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const std::size_t tags = line.starts_with('@') ? line.find(' ') + 1 : 0;
    INFO(line.substr(0, 60) << " ... " << line.substr(tags, 120));
    CHECK(tags <= 8191);
    CHECK(line.size() - tags <= 510);
    CHECK(halley::irc::parse(line.substr(tags)));
  }
}

std::string big(std::size_t bytes, std::string_view part = "x") {
  std::string text;
  while (text.size() + part.size() <= bytes) text += part;
  return text;
}

constexpr const char* kAll =
    "message-tags server-time batch echo-message extended-join account-tag draft/chathistory "
    "draft/event-playback userhost-in-names multi-prefix standard-replies away-notify chghost setname "
    "account-notify invite-notify cap-notify";

// What a network may say about a channel and people, as long as it likes.
void bustle(Attached& t, const std::string& channel, std::size_t size) {
  const std::string text = big(size, "wörter "),
                    mask = ":" + big(100, "n") + "!" + big(100, "u") + "@" + big(250, "h");
  for (const std::string& who : {std::string(":bob!b@h"), mask}) {
    for (const char* command : {"PRIVMSG", "NOTICE", "TOPIC", "PART"})
      t.server->say(fmt::format("{} {} {} :{}", who, command, channel, text));
    t.server->say(
        fmt::format("{} PRIVMSG {} :\x01"
                    "ACTION {}\x01",
                    who, channel, text));
    t.server->say(fmt::format("{} PRIVMSG ann :{}", who, text));
    t.server->say(fmt::format("{} JOIN {}", who, channel));
    t.server->say(fmt::format("{} JOIN {} {} :{}", who, channel, big(size / 4), text));
    t.server->say(fmt::format("{} MODE {} +b {}", who, channel, big(size / 2)));
    t.server->say(fmt::format("{} KICK {} bob :{}", who, channel, text));
    t.server->say(fmt::format("{} QUIT :{}", who, text));
    t.server->say(fmt::format("{} NICK {}", who, big(size / 4, "N")));
    t.server->say(fmt::format("{} AWAY :{}", who, text));
    t.server->say(fmt::format("{} SETNAME :{}", who, text));
    t.server->say(fmt::format("{} CHGHOST {} {}", who, big(size / 8), big(size / 8)));
    t.server->say(fmt::format("{} ACCOUNT {}", who, big(size / 2)));
    t.server->say(fmt::format("{} INVITE ann {}", who, channel));
    t.server->say(fmt::format("{} WALLOPS :{}", who, text));
  }
  for (const int numeric : {5,   221, 301, 302, 311, 319, 324, 329, 332, 333, 346, 352, 353, 366, 367,
                            371, 372, 401, 403, 404, 471, 473, 475, 477, 482, 671, 730, 731, 900, 999}) {
    t.server->say(fmt::format(":srv {:03} ann {} {} :{}", numeric, channel, big(size / 3), text));
    t.server->say(fmt::format(":srv {:03} ann {} {}", numeric, channel, big(size)));
  }
  t.server->say(fmt::format(":srv FAIL * {} :{}", big(100, "C"), text));
  t.server->say(
      fmt::format("@time=2024-01-01T00:00:00.000Z;account={};msgid={};+x={} :bob!b@h PRIVMSG {} :tags",
                  big(2600), big(2600), big(2600), channel));
  t.server->say(fmt::format("@+x={} :bob!b@h TAGMSG {}", big(8000), channel));
  t.server->say(fmt::format("@msgid={};+y=1 :bob!b@h PRIVMSG {} :a long msgid", big(8100), channel));
  t.server->ping();
}

}  // namespace

TEST_CASE("no line of a network reaches a client longer than it may be") {
  Attached t(GENERATE(1U, 2U));
  const std::size_t size = GENERATE(380U, 480U, 1500U, 3800U);
  const std::string channel = GENERATE(as<std::string>{}, "#c", "#" + big(199, "c"));
  if (channel != "#c") t.scene.join(*t.server, channel);
  Actor all = t.scene.attach("ann/net@all", kAll), plain = t.scene.attach("ann/net@plain");
  check(all.ping());
  check(plain.ping());
  bustle(t, channel, size);
  check(all.ping());
  check(plain.ping());
  // Again, from the log, with dates where there is no server-time, and in answers.
  Actor late = t.scene.connect_client(), old = t.scene.connect_client();
  late.say(fmt::format("CAP REQ :{}", kAll));
  for (const char* line : {"PASS ann/net@late:secret", "NICK x", "USER x 0 * :x"})
    late.say(line), old.say(line);
  late.say("CAP END");
  check(late.until(" 422 "));
  check(old.until(" 422 "));
  check(late.ping());
  check(old.ping());
  late.say(fmt::format("CHATHISTORY LATEST {} * 500", channel));
  check(late.until("BATCH -"));
  for (Actor* client : {&late, &old}) {
    for (const char* command : {"TOPIC", "NAMES", "MODE"})
      client->say(fmt::format("{} {}", command, channel));
    client->say(
        "CHATHISTORY TARGETS timestamp=1970-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50");
    check(client->ping());
  }
}

TEST_CASE("nor does an answer of Halley's own") {
  Attached t;
  const std::string word = big(480);
  for (const bool before : {true, false}) {
    Actor client = before ? t.scene.connect_client() : t.scene.attach("ann/net", kAll);
    for (const char* command :
         {"PING", "CAP", "CAP REQ", "CAP REQ :sasl", "NICK", "BOUNCER", "BOUNCER BIND", "AUTHENTICATE",
          "CHATHISTORY", "CHATHISTORY LATEST", "JOIN", "MODE", "PRIVMSG", "MONITOR +", "WHATEVER"})
      client.say(fmt::format("{} {}", command, word).substr(0, 510));
    client.say("CAP REQ :" + big(490, "away-notify "));
    client.say(word);
    client.say("PRIVMSG " + word + " :x");
    client.say("PRIVMSG *halley :help " + word);
    client.say("PRIVMSG *halley :help");
    client.say("BOUNCER LISTNETWORKS");
    client.say("CAP LS 302");
    client.say("CAP LIST");
    check(client.ping());
  }
}

TEST_CASE("what a network says of itself fits, too, or is left out") {
  halley::dialogue::Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  const std::string name = big(400, "s");
  server.expect("USER ");
  server.say(fmt::format(":{} 001 ann :Welcome", name));
  server.say(fmt::format(":{} 004 ann {} {} o o", name, name, big(600)));
  server.say(fmt::format(":{} 005 ann LINELEN=4096 NETWORK={} SHORT=1 LONG={} LONGER={} :are supported", name,
                         big(300), big(440), big(900)));
  server.say(fmt::format(":{} 422 ann :No MOTD", name));
  server.ping();
  server.say(fmt::format(":ann!{}@{} JOIN #c", big(120, "u"), big(250, "h")));
  server.say(fmt::format(":srv 332 ann #c :{}", big(3000, "topic ")));
  server.say(fmt::format(":srv 333 ann #c {} 123", big(600)));
  server.say(fmt::format(":srv 324 ann #c +lk 12 {}", big(900)));
  server.say(
      fmt::format(":srv 353 ann = #c :ann {}!{}@{} short!u@h", big(200, "n"), big(200, "u"), big(250, "h")));
  server.say(":srv 366 ann #c :End");
  server.ping();
  Actor client = scene.connect_client();
  client.say(fmt::format("CAP REQ :{}", kAll));
  for (const char* line : {"PASS ann/net:secret", "NICK x", "USER x 0 * :x", "CAP END"}) client.say(line);
  auto lines = client.until(" 366 ");
  check(lines);
  const auto told = [&](std::string_view part) {
    return std::ranges::any_of(lines, [&](const auto& line) { return line.contains(part); });
  };
  CHECK(told("SHORT=1"));
  CHECK(told("NETWORK=" + big(300)));
  CHECK_FALSE(told("LINELEN"));
  CHECK_FALSE(told("LONGER"));
  CHECK(told(" 332 ann #c :topic "));
  CHECK(told("short!u@h"));
  CHECK(told(big(200, "n")));
  client.say("MODE #c");
  check(client.ping());
}

TEST_CASE("a channel with a name that no line has room for is left again") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  t.server->say(fmt::format(":ann!ann@host.test JOIN #{}", big(300)));
  t.server->expect("PART #xxx");
  client.expect("name has at most 200 bytes");
}

TEST_CASE("of a topic the beginning is told to who comes later") {
  Attached t;
  t.server->say(":bob!b@h TOPIC #c :begins" + big(6'000));
  t.server->ping();
  const halley::Channel* channel = t.scene.user("ann").find_network("net")->state().find_channel("#c");
  REQUIRE(channel != nullptr);
  CHECK(channel->topic.size() == 4'096);
  Actor late = t.scene.attach("ann/net@late");
  late.expect(" 332 ann #c :beginsx");
}
