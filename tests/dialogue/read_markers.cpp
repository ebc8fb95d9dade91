// MARKREAD: how far the user has read, over all of their clients, IRC and browser.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::Scene;
using halley::dialogue::Web;

namespace {

constexpr std::string_view kEarly = "2023-11-14T22:13:20.000Z", kLater = "2023-11-14T22:13:21.500Z";

std::string mark(std::string_view target, std::string_view time) {
  return fmt::format("MARKREAD {} timestamp={}", target, time);
}

}  // namespace

TEST_CASE("a read marker only grows, and is told to all of the user's clients that know it") {
  Attached t(GENERATE(1U, 2U));
  t.bob("hello");
  Actor one = t.scene.attach("ann/net@one", "draft/read-marker"),
        two = t.scene.attach("ann/net@two", "draft/read-marker"), plain = t.scene.attach("ann/net@plain");
  t.scene.advance(2000);
  one.say("MARKREAD #c");
  one.expect("MARKREAD #c *");
  one.say("MARKREAD #C timestamp=2023-11-14T22:13:20.000Z");
  one.expect(mark("#c", kEarly));
  two.expect(mark("#c", kEarly));
  two.say(mark("#c", kLater));
  one.expect(mark("#c", kLater));
  two.expect(mark("#c", kLater));
  CHECK_FALSE(plain.hears("MARKREAD"));
  SECTION("what is older is answered with what is kept, and told to nobody else") {
    for (const std::string_view older : {kEarly, kLater}) {
      one.say(mark("#c", older));
      one.expect(mark("#c", kLater));
    }
    CHECK_FALSE(two.hears("MARKREAD"));
  }
  SECTION("a time in the future is taken for the present one") {
    one.say("MARKREAD #c timestamp=2123-01-01T00:00:00.000Z");
    two.expect("MARKREAD #c timestamp=2023-11-14T22:13:22");
  }
  SECTION("it outlives a restart") {
    t.scene.restart();
    Actor back = t.scene.attach("ann/net@one", "draft/read-marker");
    back.say("MARKREAD #c");
    back.expect(mark("#c", kLater));
  }
}

TEST_CASE("a channel's marker stands between its JOIN and the end of its names") {
  Attached t(GENERATE(1U, 2U));
  const auto order = [](const std::vector<std::string>& lines, std::string_view channel) {
    const auto at = [&](const std::string& part) {
      return std::ranges::find_if(lines, [&](const auto& line) { return line.contains(part); }) -
             lines.begin();
    };
    const auto join = at(fmt::format(" JOIN {}", channel)), marker = at(fmt::format("MARKREAD {} ", channel)),
               end = at(fmt::format(" 366 ann {} ", channel));
    return join < marker && marker < end;
  };
  Actor client = t.scene.connect_client();
  client.say("CAP REQ :draft/read-marker");
  client.say("PASS ann/net:secret");
  client.say("NICK x");
  client.say("USER x 0 * :x");
  client.say("CAP END");
  CHECK(order(client.until(" 366 "), "#c"));
  client.say("JOIN #d");
  t.server->expect("JOIN #d");
  t.scene.join(*t.server, "#d");
  const auto joined = client.until(" 366 ");
  CHECK(order(joined, "#d"));
  CHECK(std::ranges::count_if(joined, [](const auto& line) { return line.contains("MARKREAD"); }) == 1);
}

TEST_CASE("a marker stays with its buffer when that gets another name") {
  Attached t;
  t.server->say(":carl!c@h PRIVMSG ann :psst");
  Actor client = t.scene.attach("ann/net@one", "draft/read-marker");
  client.say(mark("carl", kEarly));
  client.expect(mark("carl", kEarly));
  t.server->say(":carl!c@h NICK charles");
  t.server->ping();
  client.say("MARKREAD Charles");
  client.expect(mark("charles", kEarly));
  client.say("MARKREAD carl");
  client.expect("MARKREAD carl *");
}

TEST_CASE("names are told apart as the network does, and networks from each other") {
  Attached t;
  t.scene.add_network("ann", "other", {});
  Actor other = t.scene.register_network();
  t.scene.join(other, "#c");
  t.server->say(":carl[!c@h PRIVMSG ann :psst");
  Actor here = t.scene.attach("ann/net@one", "draft/read-marker"),
        there = t.scene.attach("ann/other@one", "draft/read-marker");
  there.ping();
  here.say(mark("CARL[", kEarly));
  here.expect(mark("carl[", kEarly));
  here.say("MARKREAD carl{");  // CASEMAPPING=ascii
  here.expect("MARKREAD carl{ *");
  here.say(mark("#c", kEarly));
  here.expect(mark("#c", kEarly));
  CHECK_FALSE(there.hears("MARKREAD"));
  there.say("MARKREAD #c");
  there.expect("MARKREAD #c *");
}

TEST_CASE("what is no MARKREAD is refused with the codes of its specification") {
  Attached t;
  Actor client = t.scene.attach("ann/net@one", "draft/read-marker");
  const auto refused = [&](std::string_view line, std::string_view answer) {
    client.say(line);
    client.expect(answer);
  };
  refused("MARKREAD", "FAIL MARKREAD NEED_MORE_PARAMS :");
  refused("MARKREAD #c *", "FAIL MARKREAD INVALID_PARAMS #c :");
  refused("MARKREAD #c timestamp=yesterday", "FAIL MARKREAD INVALID_PARAMS #c :");
  refused("MARKREAD #c 2023-11-14T22:13:20.000Z", "FAIL MARKREAD INVALID_PARAMS #c :");
  refused("MARKREAD #a,#b", "FAIL MARKREAD INVALID_PARAMS #a,#b :");
  refused("MARKREAD #c timestamp=2023-11-14T22:13:20.000Z more", "FAIL MARKREAD INVALID_PARAMS #c :");
}

TEST_CASE("markers work while the network is away, and go with it") {
  Attached t;
  t.bob("hello");
  t.server->ping();
  t.server->close();
  Actor client = t.scene.attach("ann/net@one", "draft/read-marker");
  client.say(mark("#c", kEarly));
  client.expect(mark("#c", kEarly));
  const auto removed = t.scene.accounts().remove_network("ann", "net");
  REQUIRE(removed);
  t.scene.accounts().flush(nullptr);
  client.expect_closed();
  std::size_t left = 0;
  t.scene.user("ann").read_markers().each(1, [&](auto, auto) { ++left; });
  CHECK(left == 0);
}

TEST_CASE("the older soju.im/read has the same markers under its own name") {
  Attached t;
  t.bob("hello");
  Actor old = t.scene.attach("ann/net@old", "soju.im/read"),
        now = t.scene.attach("ann/net@now", "draft/read-marker");
  old.say("READ #c timestamp=2023-11-14T22:13:20.000Z");
  old.expect(" READ #c timestamp=2023-11-14T22:13:20.000Z");
  now.expect(mark("#c", kEarly));
  old.say("READ");
  old.expect("FAIL READ NEED_MORE_PARAMS :");
}

TEST_CASE("a browser is told the markers with the state, hears of moves, and moves them by a command") {
  Attached t(GENERATE(1U, 2U));
  Web web(t.scene);
  t.bob("hello");
  const std::string who = web.login("ann");
  Browser fresh = web.stream("/api/events?transport=ndjson", who);
  fresh.head();
  fresh.expect("MARKREAD * *");  // nothing was read yet, and markers are kept
  fresh.expect("\"ready\"");
  Actor client = t.scene.attach("ann/net@one", "draft/read-marker");
  CHECK(web.command(who, "page", 1, mark("#c", kEarly)).json()["result"] == "");
  client.expect(mark("#c", kEarly));
  fresh.expect(mark("#c", kEarly));
  CHECK(web.command(who, "page", 2, "MARKREAD #c now")
            .json()["result"]
            .get<std::string>()
            .contains("timestamp="));
  client.say(mark("#c", kLater));
  fresh.expect(mark("#c", kLater));
  SECTION("one that opens later, or comes back, is told what is read by now") {
    Browser later = web.stream("/api/events?transport=ndjson", who);
    later.head();
    later.expect(mark("#c", kLater));
    const std::string cursor = later.expect("\"ready\"")["id"];
    Browser back = web.stream("/api/events?transport=ndjson&after=" + cursor, who);
    back.head();
    back.expect(mark("#c", kLater));
    back.expect("\"ready\"");
  }
}
