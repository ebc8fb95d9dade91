// Networks whose clock is not ours: what is new there, and what is replayed.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "bouncer/core/event_kind.h"
#include "bouncer/irc/time_tag.h"
#include "tests/dialogue/own_lines.h"

using halley::dialogue::Talk;

namespace {

constexpr std::int64_t kMinuteMs = 60'000;

// A network that tells no time while registering.
struct Clocked {
  Talk t{"server-time message-tags"};
  std::int64_t ahead_ms = 0;  // of our clock

  std::string time(std::int64_t ago_ms = 0) {
    std::string out;
    halley::irc::append_time(out, t.scene.clock.wall_us() / 1000 + ahead_ms - ago_ms);
    return out;
  }
  void say(std::string_view text, std::int64_t ago_ms = 0) {
    t.server->say(fmt::format("@time={} :bob!b@h PRIVMSG #c :ann: {}", time(ago_ms), text));
    t.server->ping();
  }
  void tell_time() {
    const std::string asked = t.server->expect("PING halley-clock");
    t.server->say(fmt::format("@time={} :srv PONG srv {}", time(), asked.substr(5)));
    t.server->ping();
  }
  bool highlights(std::string_view text) {
    const auto rows = t.rows(text);
    REQUIRE(rows.size() == 1);
    return (rows[0].flags & halley::event_flag::kHighlight) != 0;
  }
};

}  // namespace

TEST_CASE("a network whose clock is slow is asked for its time, and its lines are new") {
  Clocked net;
  net.ahead_ms = -10 * kMinuteMs;
  net.t.server->say(fmt::format("@time={} :bob!b@h PRIVMSG #c :ann: first", net.time()));
  net.tell_time();
  net.say("second");
  CHECK(net.highlights("second"));
  SECTION("what it replays is not") {
    net.say("replayed", 20 * kMinuteMs);
    CHECK_FALSE(net.highlights("replayed"));
  }
  SECTION("nor once its clock is right") {
    net.ahead_ms = 0;
    net.say("right");
    CHECK(net.highlights("right"));
    net.t.scene.advance(61'000);
    net.t.server->ping();
    net.t.server->say(fmt::format("@time={} :bob!b@h PRIVMSG #c :ann: old", net.time(20 * kMinuteMs)));
    net.tell_time();
    net.say("older", 8 * kMinuteMs);
    CHECK_FALSE(net.highlights("older"));
  }
}

TEST_CASE("one wrong word of a network on its time does not last") {
  Clocked net;
  net.t.server->say(fmt::format("@time={} :bob!b@h PRIVMSG #c :ann: old", net.time(60 * kMinuteMs)));
  net.ahead_ms = 60 * kMinuteMs;
  net.tell_time();
  net.ahead_ms = 0;
  net.t.server->say(fmt::format("@time={} :bob!b@h PRIVMSG #c :taken for old", net.time()));
  CHECK_FALSE(net.t.server->hears("PING halley-clock"));  // once a minute
  net.t.scene.advance(61'000);
  net.t.server->ping();
  net.t.server->say(fmt::format("@time={} :bob!b@h PRIVMSG #c :ann: again", net.time()));
  net.tell_time();
  net.say("new");
  CHECK(net.highlights("new"));
}
