// How much one question of a client may ask for, and how far it is looked for.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

std::size_t count_of(const std::vector<std::string>& lines, std::string_view part) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](const std::string& line) { return line.contains(part); }));
}

// Said in #c, all taken by the network's reader.
void talk(Attached& t, int lines, std::string_view text, std::string_view nick = "bob") {
  for (int i = 0; i < lines; ++i) {
    t.server->say(fmt::format(":{0}!{0}@h PRIVMSG #c :{1} {2}", nick, text, i));
    if (i % 200 == 199) t.server->ping();
  }
  t.server->ping();
}

// Said in #c by bob, straight into the log.
void put_lines(Attached& t, int lines, std::size_t padding = 0) {
  auto& user = t.scene.user("ann");
  auto& network = *user.find_network("net");
  const halley::BufferId buffer = network.buffers().find("#c");
  const std::string line = ":bob!bob@h PRIVMSG #c :needle" + std::string(padding, '.');
  for (int i = 0; i < lines; ++i) {
    user.log(network, {.kind = halley::EventKind::kPrivmsg,
                       .time_ms = user.wall_ms(),
                       .text_at = static_cast<std::uint16_t>(line.find("needle")),
                       .buffers = {&buffer, 1},
                       .line = line});
    if (i % 1'000 == 999) t.scene.drain();
  }
}

// What comes behind a question to *halley: its answer, and perhaps a replay.
std::vector<std::string> ask_halley(Actor& client, std::string_view question) {
  client.say(fmt::format("PRIVMSG *halley :{}", question));
  auto lines = client.until(":*halley!");
  std::ranges::copy(client.ping(), std::back_inserter(lines));
  return lines;
}

}  // namespace

TEST_CASE("an answer of CHATHISTORY has a thousand lines at most") {
  Attached t;
  talk(t, 1'100, "line");
  Actor client = t.scene.attach("ann/net", "draft/chathistory batch");
  client.say("CHATHISTORY LATEST #c * 5000");
  client.expect("BATCH +");
  const auto lines = client.until("BATCH -");
  CHECK(count_of(lines, " PRIVMSG #c :") == 1'000);
  CHECK(lines.front().ends_with("line 100"));
}

TEST_CASE("of the masks of one command to *playback sixteen are looked at, and long ones are names") {
  Attached t;
  talk(t, 1, "line");
  Actor client = t.scene.attach("ann/net@znc", "znc.in/playback batch");
  std::string fifteen;
  for (int i = 0; i < 15; ++i) fifteen += "nobody,";
  const auto listed = [&](const std::string& masks) {
    client.say(fmt::format("ZNC *playback LIST {}", masks));
    client.say("ZNC *playback PLAY #c 0");
    return count_of(client.until("BATCH -"), " :#c ") == 1;
  };
  CHECK(listed(fifteen + "#c"));
  CHECK_FALSE(listed(fifteen + "nobody,#c"));
  CHECK(listed(std::string(64, '*')));
  CHECK_FALSE(listed(std::string(65, '*')));
}

TEST_CASE("one CLEAR names a hundred buffers at most, or all") {
  Attached t;
  for (int i = 0; i < 101; ++i) t.server->say(fmt::format(":u{}!u@h PRIVMSG ann :hello", i));
  t.server->ping();
  t.scene.advance(1'000);
  Actor client = t.scene.attach("ann/net@znc", "znc.in/playback batch");
  client.say("ZNC *playback CLEAR u*");
  client.expect("more than 100 buffers: nothing was cleared");
  client.say("ZNC *playback PLAY u7 0");
  client.expect(":u7!u@h PRIVMSG ann :");
  client.expect("BATCH -");
  client.say("ZNC *playback CLEAR u7*");
  client.say("ZNC *playback PLAY u7,u8 0");
  const auto lines = client.until("BATCH -");
  CHECK(count_of(lines, ":u8!u@h PRIVMSG ann :") == 1);
  CHECK(count_of(lines, ":u7!u@h PRIVMSG ann :") == 0);
}

TEST_CASE("one SEARCH finds a hundred lines, and looks for a nick as far back as it must") {
  Attached t;
  talk(t, 1, "needle", "carl");
  talk(t, 120, "needle");
  t.scene.drain();
  Actor client = t.scene.attach("ann/net", "soju.im/search batch draft/chathistory");
  const auto found = [&](std::string_view what) {
    client.say(fmt::format("SEARCH {}", what));
    client.expect("BATCH +");
    return count_of(client.until("BATCH -"), " PRIVMSG #c :");
  };
  CHECK(found("text=needle;limit=500") == 100);
  CHECK(found("in=#c;limit=500") == 100);
  CHECK(found("text=needle;from=carl") == 1);
  // More than is looked at for one page.
  put_lines(t, 10'100);
  t.scene.drain();
  CHECK(found("text=needle;from=carl") == 1);
  CHECK(found("in=#c;from=carl") == 1);
  CHECK(found("from=carl") == 1);
  CHECK(found("from=nobody") == 0);
  CHECK(found("from=carl;after=2023-11-15T00:00:00.000Z;before=2023-11-14T00:00:00.000Z") == 0);
  // Nothing is answered to who has gone meanwhile.
  client.say("SEARCH from=nobody");
  client.close();
  t.scene.drain();
}

TEST_CASE("*halley shows two hundred lines at once, and finds a nick that is rare") {
  Attached t;
  talk(t, 1, "needle", "carl");
  talk(t, 250, "needle");
  t.scene.drain();
  Actor client = t.scene.attach("ann/net");
  client.ping();
  const auto answer = [&](std::string_view question) { return ask_halley(client, question); };
  CHECK(count_of(answer("history #c limit=9999"), "<bob> needle") == 200);
  CHECK(count_of(answer("search needle limit=9999"), "<bob> needle") == 200);
  CHECK(count_of(answer("search needle from=carl"), "<carl> needle") == 1);
  // Words beyond the 32nd are not looked for.
  std::string words = "search";
  for (int i = 0; i < 31; ++i) words += " needle";
  CHECK(count_of(answer(words + " limit=3"), "<bob> needle") >= 3);
  CHECK(count_of(answer(words + " nowhere"), "<bob> needle") > 0);
  talk(t, 1'700, "needle");
  t.scene.drain();
  CHECK(count_of(answer("search needle from=carl"), "<carl> needle") == 1);
  CHECK(count_of(answer("search needle from=bob"), "Older ones: search needle from=bob before=") == 1);
}

TEST_CASE("*halley says no more than 64 KiB of long lines at once, and where to go on") {
  Attached t;
  put_lines(t, 210, 400);
  t.scene.drain();
  Actor client = t.scene.attach("ann/net");
  client.ping();
  for (const char* question : {"history #c limit=200", "search needle limit=200"}) {
    std::size_t told = 0, rounds = 0;
    for (std::string next = question; !next.empty(); ++rounds) {
      REQUIRE(rounds < 4);
      const auto lines = ask_halley(client, next);
      const std::size_t some = count_of(lines, "<bob> needle");
      CHECK(some < 200);
      told += some;
      // A replay may come between and behind.
      const auto last_told = std::ranges::find_if(
          lines.rbegin(), lines.rend(), [](const auto& line) { return line.contains(":*halley!"); });
      REQUIRE(last_told != lines.rend());
      const std::string& last = *last_told;
      const std::size_t at = last.find("before=");
      next.clear();
      if (at != std::string::npos)
        next = fmt::format("{} {}", question, last.substr(at, last.find(' ', at) - at));
    }
    CHECK(told == 210);
  }
}

TEST_CASE("*halley lists a thousand buffers, and says how many more there are and how to see them") {
  Attached t;
  auto& network = *t.scene.user("ann").find_network("net");
  for (int i = 0; i < 1'200; ++i) network.buffers().make(fmt::format("#room{}", i));
  t.scene.drain();
  Actor client = t.scene.attach("ann/net");
  client.ping();
  const auto answer = [&](std::string_view question) { return ask_halley(client, question); };
  const auto all = answer("buffer list");
  CHECK(count_of(all, " :net  ") == 1'000);
  CHECK(count_of(all, " more: buffer list NETWORK name=TEXT shows some of them") == 1);
  CHECK(count_of(answer("buffer list net name=ROOM119"), " :net  #room119") == 11);
  CHECK(count_of(answer("buffer list name=nowhere"), "no name has that in it") == 1);
}
