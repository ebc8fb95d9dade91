// What was said while Halley was away, on networks that keep history.
#include "bouncer/upstream/gaps.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "bouncer/core/event_kind.h"
#include "bouncer/irc/time_tag.h"
#include "tests/dialogue/scene.h"

using halley::Gaps;
using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

constexpr std::uint64_t kAwayMs = 3'600'000;

// Ann's network with history, and #c, where something was said before the link was lost.
struct Away {
  Away() {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    connect();
    scene.join(*server, "#c");
    lost_at_ms = now_ms();
    server->say(fmt::format("@time={};msgid=m1 :bob!b@h PRIVMSG #c :before", time(0)));
    server->ping();
  }

  std::int64_t now_ms() { return scene.clock.wall_us() / 1000; }
  // So long after the link was lost.
  std::string time(std::int64_t ms) const {
    std::string out;
    halley::irc::append_time(out, lost_at_ms + ms);
    return out;
  }
  // Up to the end of the welcome.
  void connect(std::string_view caps = "batch server-time message-tags draft/chathistory") {
    server.emplace(scene.accept_network());
    server->expect("CAP LS 302");
    server->say(fmt::format(":srv CAP * LS :{}", caps));
    server->say(":srv CAP * ACK :" + server->expect("CAP REQ :").substr(9));
    server->expect("CAP END");
    server->say(":srv 001 ann :Welcome ann!ann@host.test");
    server->say(":srv 005 ann CASEMAPPING=ascii CHATHISTORY=50 :are supported by this server");
    server->say(":srv 422 ann :No MOTD");
  }
  // What is asked then is still to be read.
  void join(std::string_view channel) {
    server->say(fmt::format(":ann!ann@host.test JOIN {}", channel));
    server->say(fmt::format(":srv 353 ann = {} :@ann bob", channel));
    server->say(fmt::format(":srv 366 ann {} :End of /NAMES list", channel));
  }
  void lose() {
    server->close();
    scene.advance(kAwayMs);
  }
  // An answer of these lines; `end`: there is nothing beyond.
  void answer(std::string_view target, const std::vector<std::string>& lines, bool end = true) {
    server->say(fmt::format("{}:srv BATCH +h chathistory {}", end ? "@draft/chathistory-end " : "", target));
    for (const std::string& line : lines) server->say("@batch=h;" + line);
    server->say(":srv BATCH -h");
  }
  void no_talks() {
    server->expect("CHATHISTORY TARGETS ");
    server->say(":srv BATCH +t draft/chathistory-targets");
    server->say(":srv BATCH -t");
  }
  std::vector<std::string> log_with(std::string_view text) {
    scene.drain();
    std::optional<halley::storage::Page> page;
    scene.store().read_log({.user = scene.user("ann").id()},
                           [&page](auto result) { page = std::move(result.value()); });
    REQUIRE(scene.turn_until([&page] { return page.has_value(); }));
    std::vector<std::string> found;
    for (const auto& event : page->events) {
      if (!event.line.ends_with(text)) continue;
      std::string at;
      halley::irc::append_time(at, event.time_ms);
      found.push_back(at + ((event.flags & halley::event_flag::kPast) != 0 ? " past" : ""));
    }
    return found;
  }

  Scene scene;
  std::optional<Actor> server;
  std::int64_t lost_at_ms = 0;
};

}  // namespace

TEST_CASE("what was said in a channel while the link was down is fetched, once, with its time") {
  Away t;
  t.lose();
  t.connect();
  Actor client = t.scene.attach("ann/net");
  t.no_talks();
  t.join("#c");
  // From a second before the network was heard last; what is known of that is not doubled.
  t.server->expect(fmt::format("CHATHISTORY AFTER #c timestamp={} 50", t.time(-1000)));
  t.server->say(":carl!c@h PRIVMSG #c :live");
  t.answer("#c", {fmt::format("time={};msgid=m1 :bob!b@h PRIVMSG #c :before", t.time(0)),
                  fmt::format("time={};msgid=m2 :bob!b@h PRIVMSG #c :missed", t.time(5000)),
                  fmt::format("time={};msgid=m3 :bob!b@h JOIN #c", t.time(6000))});
  client.expect("missed");
  CHECK(t.log_with("before").size() == 1);
  CHECK(t.log_with("missed") == std::vector<std::string>{t.time(5000) + " past"});
  CHECK_FALSE(t.server->hears("CHATHISTORY"));
}

TEST_CASE("a long gap is fetched page by page, each when the one before is in the log") {
  Away t;
  t.lose();
  t.connect();
  t.no_talks();
  t.join("#c");
  t.server->expect("CHATHISTORY AFTER #c ");
  t.answer("#C", {fmt::format("time={};msgid=a :bob!b@h PRIVMSG #c :one", t.time(1000))}, false);
  t.server->expect(fmt::format("CHATHISTORY AFTER #c timestamp={} 50", t.time(999)));
  t.answer("#c",
           {fmt::format("time={};msgid=a :bob!b@h PRIVMSG #c :one", t.time(1000)),
            fmt::format("time={};msgid=b :bob!b@h PRIVMSG #c :two", t.time(2000))},
           false);
  t.server->expect(fmt::format("CHATHISTORY AFTER #c timestamp={} 50", t.time(1999)));
  SECTION("up to one with nothing new") {
    t.answer("#c", {fmt::format("time={};msgid=b :bob!b@h PRIVMSG #c :two", t.time(2000))}, false);
  }
  SECTION("up to one with nothing") {
    t.answer("#c", {}, false);
  }
  SECTION("up to a refusal") {
    t.server->say("FAIL CHATHISTORY MESSAGE_ERROR AFTER #c :No");
  }
  CHECK_FALSE(t.server->hears("CHATHISTORY"));
  CHECK(t.log_with("one").size() == 1);
  CHECK(t.log_with("two").size() == 1);
}

TEST_CASE("what could not be asked for yet is asked for on the next link") {
  Away t;
  t.lose();
  t.connect();
  t.no_talks();
  t.scene.advance(75'000);
  t.server->say("PING :alive");
  t.server->ping();
  t.lose();  // before we were in the channel again
  t.connect();
  CHECK(t.server->expect("CHATHISTORY TARGETS ").contains(t.time(-1000)));
  t.server->say(":srv BATCH +t draft/chathistory-targets");
  t.server->say(":srv BATCH -t");
  t.join("#c");
  t.server->expect(fmt::format("CHATHISTORY AFTER #c timestamp={} 50", t.time(-1000)));
}

TEST_CASE("a clock that was wrong once does not hide what was missed") {
  Away t;
  const std::int64_t right = t.scene.clock.wall_us();
  t.scene.clock.set_wall_us(right + std::int64_t{86'400} * 365 * 1'000'000);
  t.scene.advance(75'000);
  t.server->say("PING :alive");
  t.server->ping();
  t.scene.advance(15'000);
  t.scene.clock.set_wall_us(right);
  t.lose();
  t.connect();  // what was heard then is not known
  t.join("#c");
  CHECK_FALSE(t.server->hears("CHATHISTORY"));
  t.lose();
  t.connect();
  t.server->expect("CHATHISTORY TARGETS ");
}

TEST_CASE("talks that there were meanwhile are fetched, too") {
  Away t;
  t.lose();
  t.connect();
  Actor client = t.scene.attach("ann/net");
  const std::string asked = t.server->expect("CHATHISTORY TARGETS ");
  CHECK(asked.contains(fmt::format("TARGETS timestamp={} timestamp={} 50", t.time(-1000), t.time(3601000))));
  t.server->say(":srv BATCH +t draft/chathistory-targets");
  t.server->say(fmt::format("@batch=t :srv CHATHISTORY TARGETS #other {}", t.time(6000)));
  t.server->say(":srv BATCH -t");
  t.server->expect(fmt::format("CHATHISTORY TARGETS timestamp={} ", t.time(5999)));
  t.server->say("@draft/chathistory-end :srv BATCH +t draft/chathistory-targets");
  t.server->say(fmt::format("@batch=t :srv CHATHISTORY TARGETS dora {}", t.time(7000)));
  t.server->say(":srv BATCH -t");
  t.server->expect("CHATHISTORY AFTER dora ");
  t.answer("dora", {fmt::format("time={};msgid=q :dora!d@h PRIVMSG ann :are you there?", t.time(7000))});
  client.expect("are you there?");
  const auto lines = client.ping();
  for (const std::string& line : lines) CHECK_FALSE(line.contains("TARGETS"));
  CHECK(t.log_with("are you there?") == std::vector<std::string>{t.time(7000) + " past"});
  CHECK_FALSE(t.server->hears("CHATHISTORY AFTER #other"));
}

TEST_CASE("a network that refuses to tell, or tells nothing, is not asked the same again") {
  Away t;
  t.lose();
  t.connect();
  Actor client = t.scene.attach("ann/net");
  t.server->expect("CHATHISTORY TARGETS ");
  SECTION("it does not know the command") {
    t.server->say(":srv 421 ann CHATHISTORY :Unknown command");
  }
  SECTION("it fails") {
    t.server->say(":srv FAIL CHATHISTORY MESSAGE_ERROR TARGETS :Not now");
  }
  SECTION("it does not answer") {
    for (int i = 0; i < 6; ++i) {
      t.scene.advance(15'000);
      t.server->say("PING :alive");
      t.server->ping();
    }
  }
  t.join("#c");
  t.server->expect("CHATHISTORY AFTER #c ");
  const auto lines = client.ping();
  for (const std::string& line : lines) CHECK_FALSE(line.contains("CHATHISTORY"));
}

TEST_CASE("what could not be fetched to its end is asked for again, after a lost link and a crash") {
  Away t;
  t.lose();
  t.connect();
  t.no_talks();
  t.join("#c");
  const std::string first = t.server->expect("CHATHISTORY AFTER #c ");
  t.server->say(":carl!c@h PRIVMSG #c :live");
  t.server->ping();
  SECTION("the link is lost") {
    t.lose();
  }
  SECTION("Halley is killed") {
    t.scene.restart();
  }
  t.connect();
  t.no_talks();
  t.join("#c");
  CHECK(t.server->expect("CHATHISTORY AFTER #c ") == first);
  t.answer("#c", {fmt::format("time={};msgid=m2 :bob!b@h PRIVMSG #c :missed", t.time(5000))});
  for (int look = 0; look < 100 && t.log_with("missed").empty(); ++look) t.server->ping();
  // All has been fetched: from now on it is known up to when the network was heard.
  t.scene.advance(75'000);
  t.server->say("PING :alive");
  t.server->ping();
  const std::int64_t heard = t.now_ms();
  t.lose();
  t.connect();
  const std::string next = t.server->expect("CHATHISTORY TARGETS ");
  CAPTURE(next, t.time(heard - t.lost_at_ms - 1000));
  CHECK(next.contains(t.time(heard - t.lost_at_ms - 1000)));
}

TEST_CASE("a channel that we had never been in has no gap, nor has the first link") {
  Away t;
  CHECK_FALSE(t.server->hears("CHATHISTORY"));
  t.lose();
  t.connect();
  t.no_talks();
  t.join("#new");
  CHECK_FALSE(t.server->hears("CHATHISTORY"));
}

TEST_CASE("a network without history is asked for none") {
  Away t;
  t.lose();
  t.connect("batch server-time message-tags");
  t.join("#c");
  CHECK_FALSE(t.server->hears("CHATHISTORY"));
}

TEST_CASE("of a gap twenty pages are fetched, and of a link's channels and talks five hundred") {
  Away t;
  t.lose();
  t.connect();
  SECTION("pages") {
    t.no_talks();
    t.join("#c");
    for (std::size_t page = 0; page < Gaps::kMostGapPages; ++page) {
      t.server->expect("CHATHISTORY AFTER #c ");
      const auto ms = static_cast<std::int64_t>(page + 1) * 1000;
      t.answer("#c", {fmt::format("time={};msgid=p{} :bob!b@h PRIVMSG #c :x", t.time(ms), page)}, false);
    }
    CHECK_FALSE(t.server->hears("CHATHISTORY"));
    CHECK(t.log_with("than was fetched: the network has it.").size() == 1);
  }
  SECTION("talks") {
    t.server->expect("CHATHISTORY TARGETS ");
    t.server->say("@draft/chathistory-end :srv BATCH +t draft/chathistory-targets");
    for (std::size_t i = 0; i < Gaps::kMostGaps + 5; ++i)
      t.server->say(fmt::format("@batch=t :srv CHATHISTORY TARGETS nick{} {}", i, t.time(7000)));
    t.server->say(":srv BATCH -t");
    std::size_t asked = 0;
    for (; asked < Gaps::kMostGaps - 1; ++asked) {
      t.server->expect(fmt::format("CHATHISTORY AFTER nick{} ", asked));
      t.answer(fmt::format("nick{}", asked), {});
    }
    CHECK_FALSE(t.server->hears("CHATHISTORY"));
  }
}
