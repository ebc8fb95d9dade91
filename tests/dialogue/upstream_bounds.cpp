// What a network makes long or frequent, and what waits for its word: bounded, and what happens then.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "bouncer/upstream/replays.h"
#include "bouncer/upstream/upstream.h"
#include "tests/dialogue/attached.h"

using halley::Link;
using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Scene;

namespace {

const halley::Network& net(Scene& scene) {
  return *scene.user("ann").find_network("net");
}

bool knows_member(Scene& scene, std::string_view nick) {
  const auto& state = net(scene).state();
  const halley::MemberId id = state.members().find(nick);
  return id != halley::kNoMember && state.find_channel("#c")->members.contains(id);
}

}  // namespace

TEST_CASE("a network that takes none of our answers is left, with that reason") {
  Attached t;
  t.server->peer().pause();
  const std::string token(400, 'x');
  int pings = 0;
  for (; pings < 10'000 && net(t.scene).link() == Link::kConnected; ++pings) {
    t.server->say("PING :" + token);
    if (pings % 50 == 0) t.scene.loop.run_turns();
  }
  CHECK(pings * 400 > 1'000'000);
  CHECK(pings < 10'000);
  CHECK(net(t.scene).trouble().contains("does not read what we send"));
}

TEST_CASE("a network that takes none of twenty nicks is left, with that reason") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("USER ");
  for (int i = 0; i < 20; ++i) {
    server.say(":srv 433 * x :Nickname is already in use");
    server.expect("NICK ");
  }
  server.say(":srv 433 * x :Nickname is already in use");
  server.expect_closed();
  CHECK(net(scene).trouble().contains("none of the nicks"));
}

TEST_CASE("a network that gives a nick longer than any is left") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  server.expect("USER ");
  server.say(fmt::format(":srv 001 {} :Welcome", std::string(256, 'n')));
  server.expect_closed();
  CHECK(net(scene).link() != Link::kConnected);
}

TEST_CASE("of the nicks that were asked for the last sixteen are waited for") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  for (int i = 0; i < 17; ++i) client.say(fmt::format("NICK n{}", i));
  t.server->expect("NICK n16");
  t.server->say(":ann!ann@host.test NICK n0");
  t.server->ping();
  CHECK(net(t.scene).row().nick == "ann");  // the network's own doing, for all that is known
  t.server->say(":n0!ann@host.test NICK n1");
  t.server->ping();
  CHECK(net(t.scene).row().nick == "n1");
}

TEST_CASE("of the channels that were asked for the last sixty-four are waited for") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  for (int i = 0; i < 65; ++i) client.say(fmt::format("JOIN #d{0} key{0}", i));
  t.server->expect("JOIN #d64");
  for (const char* name : {"#d0", "#d1"}) t.server->say(fmt::format(":ann!ann@host.test JOIN {}", name));
  t.server->ping();
  const auto key_of = [&](std::string_view name) {
    const auto* wanted = net(t.scene).find_wanted(name);
    return wanted ? wanted->key : "not wanted";
  };
  CHECK(key_of("#d0").empty());
  CHECK(key_of("#d1") == "key1");
}

TEST_CASE("of channels that a network has one join a hundred are kept at once, the others one a second") {
  Attached t;
  for (int i = 0; i < 150; ++i) t.server->say(fmt::format(":ann!ann@host.test JOIN #d{}", i));
  t.server->ping();
  const std::size_t at_once = net(t.scene).wanted_channels().size();
  CHECK(at_once >= 100);
  CHECK(at_once <= 102);
  t.scene.advance(100'000);
  CHECK(net(t.scene).wanted_channels().size() == 151);
}

TEST_CASE("a QUIT has 255 places in the history at most") {
  Attached t;
  for (int i = 0; i < 260; ++i) t.scene.join(*t.server, fmt::format("#d{}", i), "bob");
  Actor client = t.scene.attach("ann/net");
  t.server->say(":bob!b@h QUIT :bye");
  client.expect("QUIT :bye");
  t.scene.drain();
  std::optional<halley::storage::Page> page;
  t.scene.store().read_log({.user = t.scene.user("ann").id()},
                           [&page](auto result) { page = std::move(result.value()); });
  REQUIRE(t.scene.turn_until([&page] { return page.has_value(); }));
  const auto quit =
      std::ranges::find_if(page->events, [](const auto& event) { return event.line.ends_with("QUIT :bye"); });
  REQUIRE(quit != page->events.end());
  CHECK(quit->buffers.size() == 255);
}

TEST_CASE("of a network's batches thirty-two may stand open: the oldest is forgotten") {
  Attached t;
  for (int i = 0; i < 33; ++i) t.server->say(fmt::format(":srv BATCH +r{} chathistory #c", i));
  t.server->say("@batch=r1 :carl!c@h PART #c");
  t.server->ping();
  CHECK(knows_member(t.scene, "carl"));  // long ago
  t.server->say("@batch=r0 :carl!c@h PART #c");
  t.server->ping();
  CHECK_FALSE(knows_member(t.scene, "carl"));
}

TEST_CASE("of a network's msgids the newest 256 are remembered") {
  Attached t;
  Actor client = t.scene.attach("ann/net");
  const auto say = [&](int msgid, std::string_view text) {
    t.server->say(fmt::format("@msgid=m{} :bob!b@h PRIVMSG #c :{}", msgid, text));
  };
  for (int i = 0; i <= 256; ++i) say(i, "first");
  client.ping();
  say(1, "again");
  CHECK_FALSE(client.hears("again"));
  say(0, "once more");
  client.expect("once more");
}

namespace {

// Two lines at once, then one a second.
struct Slow : Scene {
  Slow() {
    config.upstream.rate = 1;
    config.upstream.burst = 2;
    add_user("ann");
    add_network("ann", "net", {"#c"});
    server.emplace(register_network("ann", "CASEMAPPING=ascii MONITOR=1000"));
    join(*server, "#c");
  }
  std::ptrdiff_t refused(Actor& client) {
    return std::ranges::count_if(client.ping(),
                                 [](const auto& line) { return line.contains("too many lines wait"); });
  }
  // What the network is told in so many seconds.
  std::vector<std::string> told(int seconds) {
    std::vector<std::string> lines;
    for (int second = 0; second < seconds; ++second) {
      advance(1'000);
      for (std::string& line : server->peer().take_lines()) {
        if (line.starts_with("PING")) server->say(":srv PONG srv " + line.substr(5));
        lines.push_back(std::move(line));
      }
    }
    return lines;
  }
  std::optional<Actor> server;
};

}  // namespace

TEST_CASE("questions wait behind what is said: five hundred of a client, two thousand of a network") {
  Slow t;
  std::vector<Actor> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(t.attach("ann/net"));
  for (int i = 0; i < 520; ++i) clients[0].say(fmt::format("WHO #w{}", i));
  // The first ones may go out by the burst.
  const auto refused = t.refused(clients[0]);
  CHECK(refused <= 20);
  CHECK(refused >= 17);
  clients[1].say("WHO #other");
  CHECK(t.refused(clients[1]) == 0);
  clients[0].say("PRIVMSG #c :words");
  t.refused(clients[0]);
  t.advance(2'000);
  t.server->expect("PRIVMSG #c :words");
  // Whoever asks little is asked for soon.
  t.advance(10'000);
  t.server->expect("WHO #other");
  for (std::size_t i = 1; i < clients.size(); ++i) {
    for (int question = 0; question < 500; ++question) clients[i].say(fmt::format("WHO #v{}", question));
    const auto too_many = t.refused(clients[i]);
    CHECK((i < 4 ? too_many == 0 : too_many > 450));
  }
}

TEST_CASE("Halley's own questions wait by themselves, and neither fills the others' room") {
  Slow t;
  for (int i = 0; i < 1'100; ++i) t.server->say(fmt::format(":ann!ann@host.test JOIN #x{}", i));
  t.server->ping();
  Actor client = t.attach("ann/net");
  for (int i = 0; i < 490; ++i) client.say(fmt::format("WHO #w{}", i));
  CHECK(t.refused(client) == 0);
  client.say("QUIT");
  t.loop.run_turns();
  const auto told = t.told(3'000);
  const auto modes =
      std::ranges::count_if(told, [](const auto& line) { return line.starts_with("MODE #x"); });
  CHECK(modes > 200);  // one in ten seconds or so, as the network answers none
  CHECK(modes <= 1'001);
}

TEST_CASE("who goes on asking holds up neither others' MONITOR nor Halley's own") {
  Slow t;
  Actor asks = t.attach("ann/net"), watches = t.attach("ann/net");
  for (int i = 0; i < 300; ++i) asks.say(fmt::format("WHO #w{}", i));
  asks.ping();
  watches.say("MONITOR + carl");
  watches.ping();
  t.server->say(":ann!ann@host.test JOIN #new");
  t.server->ping();
  std::vector<std::string> told;
  for (int i = 0; i < 30; ++i) {
    asks.say(fmt::format("WHO #more{}", i));
    for (std::string& line : t.told(1)) told.push_back(std::move(line));
  }
  CHECK(std::ranges::count(told, "MONITOR + carl") == 1);
  CHECK(std::ranges::count(told, "MODE #new") == 1);
  const auto asked = std::ranges::count_if(told, [](const auto& line) { return line.starts_with("WHO "); });
  CHECK(asked > 20);
}

TEST_CASE("whom a client watches is changed on the network as it stands, however often it changes its mind") {
  Slow t;
  Actor client = t.attach("ann/net"), other = t.attach("ann/net");
  for (int i = 0; i < 600; ++i) client.say(fmt::format("MONITOR {} bob", i % 2 == 0 ? "+" : "-"));
  client.say("MONITOR + carl");
  other.say("PRIVMSG #c :words");
  t.loop.run_turns();
  CHECK(net(t).uplink().has_room());
  auto told = t.told(5);
  CHECK(std::ranges::count(told, "PRIVMSG #c :words") == 1);
  CHECK(std::ranges::count_if(told, [](const auto& line) { return line.starts_with("MONITOR"); }) <= 5);
  const auto last = std::ranges::find_if(told.rbegin(), told.rend(),
                                         [](const auto& line) { return line.contains("MONITOR"); });
  REQUIRE(last != told.rend());
  CHECK(*last == "MONITOR + carl");
}

TEST_CASE("twenty answers to CTCP wait behind what is said") {
  Slow t;
  Actor client = t.attach("ann/net");
  client.say("QUIT");
  t.loop.run_turns();
  Actor web = t.attach("ann/net");
  for (int i = 0; i < 900; ++i) web.say(fmt::format("PRIVMSG #c :{}", i));
  web.say("QUIT");
  t.loop.run_turns();
  std::vector<std::string> told;
  for (int i = 0; i < 40; ++i) {  // one in ten seconds is answered
    t.server->say(":bob!b@h PRIVMSG ann :\x01VERSION\x01");
    for (std::string& line : t.told(10)) told.push_back(std::move(line));
  }
  const auto answers = [](const auto& lines) {
    return std::ranges::count_if(lines, [](const auto& line) { return line.starts_with("NOTICE bob"); });
  };
  CHECK(answers(told) == 0);
  CHECK(answers(t.told(600)) == 20);
}

TEST_CASE("one proof of a password is worked out at a time, of each link") {
  Attached t;
  auto& up = static_cast<halley::Upstream&>(t.scene.user("ann").find_network("net")->uplink());
  t.scene.loop.hold_work(true);
  int done = 0;
  CHECK(up.work([] {}, [&done] { ++done; }));
  CHECK_FALSE(up.work([] {}, [&done] { ++done; }));
  t.scene.loop.hold_work(false);
  t.scene.loop.run_turns();
  CHECK(done == 1);
  CHECK(up.work([] {}, [] {}));
}

TEST_CASE("of a replay a thousand lines are held back, and half a megabyte") {
  Attached t;
  t.bob("who is there");
  t.server->ping();
  const auto [lines, tag_bytes] = GENERATE(table<int, std::size_t>({{1'300, 1}, {700, 4'000}}));
  const std::string tag(tag_bytes, 'x');
  std::string replay = ":srv BATCH +r chathistory #c\r\n";
  std::size_t line_bytes = 0;
  for (int i = 0; i < lines; ++i) {
    const std::string line = fmt::format(
        "@batch=r;time=2023-11-14T20:00:00.000Z;msgid=m{:04};+x={} :bob!b@h PRIVMSG #c :old {:04}\r\n", i,
        tag, i);
    line_bytes = line.size();
    replay += line;
  }
  // Each is looked for in the store first, which has not answered before the network has said all.
  t.scene.hold_answers(true);
  t.server->peer().send(replay + ":srv BATCH -r\r\n");
  const halley::EventId before = t.scene.user("ann").head();
  t.server->ping();
  t.scene.hold_answers(false);
  constexpr std::size_t kHeld = halley::Replays::kMostHeldLines, kBytes = halley::Replays::kMostHeldBytes;
  const auto said = [&] { return t.scene.user("ann").head() - before; };
  const std::size_t most = std::min(kHeld, (kBytes + line_bytes - 1) / line_bytes);
  CHECK(t.scene.turn_until([&] { return said() >= most; }));
  t.bob("after it");
  t.scene.drain();
  CHECK(said() == most + 1);
}
