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

TEST_CASE("five hundred questions wait behind what is said, and further ones are refused") {
  Scene scene;
  scene.config.upstream.rate = 1;
  scene.config.upstream.burst = 2;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net");
  for (int i = 0; i < 520; ++i) client.say(fmt::format("WHO #w{}", i));
  const auto heard = client.ping();
  // The first ones may go out by the burst; a question of Halley's own may wait among the others.
  const auto refused =
      std::ranges::count_if(heard, [](const auto& line) { return line.contains("too many lines wait"); });
  CHECK(refused <= 21);
  CHECK(refused >= 17);
  client.say("PRIVMSG #c :words");
  client.ping();
  scene.advance(2'000);
  server.expect("PRIVMSG #c :words");
}

TEST_CASE("five hundred lines of Halley's own wait behind what is said, and clients with them") {
  Scene scene;
  scene.config.upstream.rate = 1;
  scene.config.upstream.burst = 2;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network("ann", "CASEMAPPING=ascii MONITOR=1000");
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net");
  for (int i = 0; i < 600; ++i) client.say(fmt::format("MONITOR {} bob", i % 2 == 0 ? "+" : "-"));
  client.say("PRIVMSG #c :words");
  scene.loop.run_turns();
  CHECK_FALSE(net(scene).uplink().has_room());
  server.ping();
  for (int second = 0; second < 120; ++second) scene.advance(1'000);
  server.expect("PRIVMSG #c :words");  // read as soon as there was room, and before what stood in front of it
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
