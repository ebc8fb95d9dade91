// *playback: history for clients that know ZNC's module of that name.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

constexpr std::string_view kPlaybackCaps = "znc.in/playback server-time batch message-tags";

// What was said in one batch, and that it is the right one.
std::vector<std::string> played(Actor& client, std::string_view buffer) {
  client.expect(fmt::format("znc.in/playback {}", buffer));
  std::vector<std::string> said;
  for (const std::string& line : client.until("BATCH -")) {
    const std::size_t at = line.find(" PRIVMSG ");
    if (at == std::string::npos) continue;
    CHECK(line.contains("batch="));
    CHECK(line.contains("time="));
    said.push_back(line.substr(line.find(" :", at) + 2));
  }
  return said;
}

// One line a second in #c from 22:13:20 (1700000000) on, and one from carl at 22:13:22.
void talk_for(Attached& t, int seconds) {
  for (int i = 0; i < seconds; ++i) {
    t.bob(fmt::format("line {}", i));
    if (i == 2) t.server->say(":carl!c@h PRIVMSG ann :psst");
    t.server->ping();
    t.scene.advance(1000);
  }
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a client with znc.in/playback is sent nothing unasked, and plays what it asks for") {
  Attached t(GENERATE(1U, 2U));
  t.visit("ann/net@znc");
  t.scene.advance(1000);
  talk_for(t, 4);  // from 1700000001 on
  Actor client = t.scene.attach("ann/net@znc", kPlaybackCaps);
  CHECK_FALSE(client.hears("PRIVMSG"));
  SECTION("all of all, the one that was quiet longest first") {
    client.say("ZNC *playback PLAY * 0");
    CHECK(played(client, "carl") == Texts{"psst"});
    CHECK(played(client, "#c") == Texts{"welcome", "line 0", "line 1", "line 2", "line 3"});
  }
  SECTION("one buffer, as people say it") {
    client.say("PRIVMSG *playback :play #C 1700000002.000000");
    CHECK(played(client, "#c") == Texts{"line 2", "line 3"});
    CHECK_FALSE(client.hears("PRIVMSG"));
  }
  SECTION("between two times, both excluded, as numbers with fractions or as tags have them") {
    client.say("ZNC playback play #c 1700000001.5 1700000003.000001");
    CHECK(played(client, "#c") == Texts{"line 1", "line 2"});
    client.say("ZNC *playback PLAY #c 2023-11-14T22:13:22.000Z 2023-11-14T22:13:24.000Z");
    CHECK(played(client, "#c") == Texts{"line 2"});
  }
  SECTION("lists and masks") {
    client.say("ZNC *playback PLAY ?,x,c*,#d 0");
    CHECK(played(client, "carl") == Texts{"psst"});
    CHECK_FALSE(client.hears("PRIVMSG"));
  }
  SECTION("several questions at once are answered in turn") {
    for (int i = 0; i < 6; ++i) client.say("ZNC *playback PLAY c* 0");
    for (int i = 0; i < 6; ++i) CHECK(played(client, "carl") == Texts{"psst"});
  }
  SECTION("what cannot be read is answered with how to say it") {
    for (const char* line : {"ZNC *playback", "ZNC *playback PLAY", "ZNC *playback PLAY * yesterday",
                             "ZNC *playback PLAY * 1 x", "ZNC *playback DANCE", "PRIVMSG *playback :"}) {
      client.say(line);
      client.expect(":*playback!playback@znc.in PRIVMSG ann :Say PLAY ");
    }
    client.say("ZNC *status help");
    client.expect("Halley is no ZNC");
  }
}

TEST_CASE("LIST names the buffers with their first and last times") {
  Attached t;
  talk_for(t, 4);
  Actor client = t.scene.attach("ann/net@znc", kPlaybackCaps);
  client.say("ZNC *playback LIST");
  CHECK(client.expect("*playback").ends_with(":carl 1700000002.000000 1700000002.000000"));
  CHECK(client.expect("*playback").ends_with(":#c 1700000000.000000 1700000003.000000"));
  client.say("ZNC *playback LIST #*");
  client.expect(":#c 1700000000.000000");
  CHECK_FALSE(client.hears("*playback"));
}

TEST_CASE("what was cleared is not played again, on no device, and stays in the history") {
  Attached t(GENERATE(1U, 2U));
  talk_for(t, 4);
  {
    Actor client = t.scene.attach("ann/net@znc", kPlaybackCaps);
    client.say(GENERATE("ZNC *playback CLEAR #c,nobody", "ZNC *playback CLEAR *"));
    client.ping();
  }
  t.scene.advance(1000);
  t.bob("after");
  t.server->ping();
  SECTION("now") {}
  SECTION("after a restart") {
    t.scene.restart();
  }
  Actor other = t.scene.attach("ann/net@other", kPlaybackCaps);
  other.say("ZNC *playback PLAY #c 0");
  CHECK(played(other, "#c") == Texts{"after"});
  Actor pager = t.scene.attach("ann/net@pager", "draft/chathistory batch");
  pager.say("CHATHISTORY LATEST #c * 10");
  pager.expect("line 0");
}

TEST_CASE("a long answer waits for a client that does not read, and goes on") {
  Attached t;
  const std::string padding(350, '.');
  for (int buffer = 0; buffer < 5; ++buffer) {
    for (int i = 0; i < 300; ++i)
      t.server->say(fmt::format(":u{}!u@h PRIVMSG ann :{} {}", buffer, i, padding));
    t.server->ping();
    t.scene.advance(1000);
  }
  Actor client = t.scene.attach("ann/net@znc", kPlaybackCaps);
  client.ping();
  client.peer().pause();
  client.say("ZNC *playback PLAY * 0");
  t.scene.drain();
  t.server->ping();
  std::size_t queued = 0;
  for (const halley::Client* one : t.scene.user("ann").clients()) queued += one->queued();
  CHECK(queued < 600'000);  // not all of it
  client.peer().resume();
  for (int buffer = 0; buffer < 5; ++buffer) CHECK(played(client, fmt::format("u{}", buffer)).size() == 300);
}

TEST_CASE("of a buffer the newest thousand lines are played, and the older ones by a time to") {
  Attached t;
  for (int i = 0; i < 1200; ++i) {
    t.bob(fmt::format("line {}", i));
    if (i % 100 == 99) {
      t.server->ping();
      t.scene.advance(1000);
    }
  }
  Actor client = t.scene.attach("ann/net@znc", kPlaybackCaps);
  client.say("ZNC *playback PLAY #c 0");
  const Texts newest = played(client, "#c");
  REQUIRE(newest.size() == 1000);
  CHECK(newest.front() == "line 200");
  client.say("ZNC *playback PLAY #c 0 1700000002");
  CHECK(played(client, "#c").size() == 200);
}
