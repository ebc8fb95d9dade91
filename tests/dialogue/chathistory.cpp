// The fine points of CHATHISTORY, and SEARCH.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

constexpr std::string_view kPagerCaps = "draft/chathistory message-tags server-time batch standard-replies";

struct Answer {
  std::string opened;
  std::vector<std::string> lines;
};

Answer ask(Actor& client, std::string_view line) {
  client.say(line);
  Answer answer{client.expect("BATCH +"), client.until("BATCH -")};
  answer.lines.pop_back();
  return answer;
}

std::vector<std::string> texts(const std::vector<std::string>& lines) {
  std::vector<std::string> said;
  for (const std::string& line : lines) {
    const std::size_t at = line.find(" PRIVMSG ");
    if (at != std::string::npos) said.push_back(line.substr(line.find(" :", at) + 2));
  }
  return said;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the batch that ends the history says so, the others do not") {
  Attached t;
  for (int i = 0; i < 6; ++i) {
    t.bob(fmt::format("line {}", i));
    t.server->ping();
    t.scene.advance(1000);
  }
  Actor client = t.scene.attach("ann/net@pager", kPagerCaps);
  const auto ends = [&](std::string_view line) {
    return ask(client, line).opened.starts_with("@draft/chathistory-end ");
  };
  CHECK_FALSE(ends("CHATHISTORY LATEST #c * 5"));
  CHECK(ends("CHATHISTORY LATEST #c * 6"));  // a full page, and nothing behind it
  CHECK(ends("CHATHISTORY LATEST #c timestamp=2023-11-14T22:13:23.000Z 5"));
  CHECK_FALSE(ends("CHATHISTORY BEFORE #c timestamp=2023-11-14T22:13:24.000Z 2"));
  CHECK(ends("CHATHISTORY BEFORE #c timestamp=2023-11-14T22:13:22.000Z 2"));
  CHECK_FALSE(ends("CHATHISTORY AFTER #c timestamp=2023-11-14T22:13:20.000Z 2"));
  CHECK(ends("CHATHISTORY AFTER #c timestamp=2023-11-14T22:13:25.000Z 2"));
  CHECK_FALSE(ends("CHATHISTORY AROUND #c timestamp=2023-11-14T22:13:22.000Z 2"));
  CHECK(ends("CHATHISTORY AROUND #c timestamp=2023-11-14T22:13:22.000Z 20"));
  CHECK(
      ends("CHATHISTORY BETWEEN #c timestamp=2023-11-14T22:13:20.000Z timestamp=2023-11-14T22:13:23.000Z 2"));
  CHECK(ends("CHATHISTORY LATEST nobody * 5"));
  CHECK(ends("CHATHISTORY TARGETS timestamp=2023-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 5"));
  SECTION("a client that takes no tags gets none") {
    Actor plain = t.scene.attach("ann/net@plain", "draft/chathistory batch");
    CHECK(ask(plain, "CHATHISTORY LATEST #c * 9").opened.starts_with(":"));
  }
}

TEST_CASE("every wrong form of CHATHISTORY is refused with the code of its specification") {
  Attached t;
  t.bob("hello");
  Actor client = t.scene.attach("ann/net@pager", kPagerCaps);
  const auto refused = [&](std::string_view line, std::string_view answer) {
    client.say(line);
    client.expect(fmt::format("FAIL CHATHISTORY {}", answer));
  };
  refused("CHATHISTORY SIDEWAYS #c * 1", "INVALID_PARAMS SIDEWAYS :");
  for (const char* sub : {"BEFORE", "AFTER", "AROUND", "LATEST"}) {
    refused(fmt::format("CHATHISTORY {}", sub), fmt::format("INVALID_PARAMS {} :Too few", sub));
    refused(fmt::format("CHATHISTORY {} #c msgid=x", sub), fmt::format("INVALID_PARAMS {} :Too few", sub));
    refused(fmt::format("CHATHISTORY {} #c msgid=x 1 1", sub),
            fmt::format("INVALID_PARAMS {} :Too many", sub));
    for (const char* limit : {"0", "-1", "x", "1x", "99999999999999999999999"})
      refused(fmt::format("CHATHISTORY {} #c msgid=x {}", sub, limit),
              fmt::format("INVALID_PARAMS {} :The limit", sub));
    refused(fmt::format("CHATHISTORY {} #c timestamp=now 1", sub),
            fmt::format("INVALID_PARAMS {} timestamp=now :", sub));
    refused(fmt::format("CHATHISTORY {} #c msgid= 1", sub), fmt::format("INVALID_PARAMS {} msgid= :", sub));
    refused(fmt::format("CHATHISTORY {} #c id=7 1", sub),
            fmt::format("INVALID_MSGREFTYPE {} #c id=7 :", sub));
    refused(fmt::format("CHATHISTORY {} #nowhere msgid=x 1", sub),
            fmt::format("INVALID_TARGET {} #nowhere :", sub));
    refused(fmt::format("CHATHISTORY {} #a,#b msgid=x 1", sub),
            fmt::format("INVALID_TARGET {} #a,#b :", sub));
    refused(fmt::format("CHATHISTORY {} #c msgid=unknown 1", sub), fmt::format("MESSAGE_ERROR {} #c :", sub));
  }
  refused("CHATHISTORY BEFORE #c * 1", "INVALID_PARAMS BEFORE * :");
  refused("CHATHISTORY BETWEEN #c msgid=x 1", "INVALID_PARAMS BETWEEN :Too few");
  refused("CHATHISTORY BETWEEN #c msgid=x id=y 1", "INVALID_MSGREFTYPE BETWEEN #c id=y :");
  for (const char* targets : {"TARGETS", "TARGETS timestamp=2023-01-01T00:00:00.000Z 1",
                              "TARGETS msgid=x timestamp=2023-01-01T00:00:00.000Z 1"})
    refused(fmt::format("CHATHISTORY {}", targets), "INVALID_PARAMS TARGETS :");
  client.say("CHATHISTORY");
  client.expect(" 461 ann CHATHISTORY ");
}

TEST_CASE("the batch bears the name as the buffer has it") {
  Attached t;
  t.server->say(":Carl!c@h PRIVMSG ann :psst");
  Actor client = t.scene.attach("ann/net@pager", kPagerCaps);
  CHECK(ask(client, "CHATHISTORY LATEST #C * 5").opened.ends_with(" chathistory #c"));
  CHECK(ask(client, "CHATHISTORY LATEST cARL * 5").opened.ends_with(" chathistory Carl"));
}

TEST_CASE("paging over TARGETS loses none that were spoken in at the same time") {
  Attached t;
  for (int i = 0; i < 12; ++i) {
    t.server->say(fmt::format(":u{}!u@h PRIVMSG ann :hi", i));
    if (i % 4 == 3) {
      t.server->ping();
      t.scene.advance(1000);
    }
  }
  t.server->ping();
  Actor client = t.scene.attach("ann/net@pager", kPagerCaps);
  const bool back = GENERATE(false, true);
  const std::string early = "2023-01-01T00:00:00.000Z", late = "2030-01-01T00:00:00.000Z";
  std::string from = back ? late : early;
  const std::string to = back ? early : late;
  std::multiset<std::string> seen;
  for (int page = 0; page < 12; ++page) {
    const auto answer = ask(client, fmt::format("CHATHISTORY TARGETS timestamp={} timestamp={} 3", from, to));
    if (answer.lines.empty()) break;
    std::string before;
    for (const std::string& line : answer.lines) {
      const std::size_t at = line.find("TARGETS ") + 8;
      seen.insert(line.substr(at, line.find(' ', at) - at));
      const std::string time = line.substr(line.size() - 24);
      CHECK(before <= time);
      before = time;
      if (!back) from = time;
    }
    if (back) from = answer.lines.front().substr(answer.lines.front().size() - 24);
  }
  CHECK(seen.size() == 12);
  CHECK(std::set(seen.begin(), seen.end()).size() == 12);
}

TEST_CASE("events are given to clients with event-playback alone, and limits count what is given") {
  Attached t;
  t.server->say(":dora!d@h JOIN #c");
  t.server->say(":dora!d@h PRIVMSG #c :one");
  t.server->say(":ann!ann@host.test MODE #c +v dora");
  t.server->say(":dora!d@h TOPIC #c :A new topic");
  t.server->say(":dora!d@h NICK dorothy");
  t.server->say(":dorothy!d@h PRIVMSG #c :two");
  t.server->say(":bob!b@h KICK #c carl :out");
  t.server->say(":bob!b@h PART #c :off");
  t.server->say(":dorothy!d@h QUIT :gone");
  t.server->ping();
  Actor plain = t.scene.attach("ann/net@plain", kPagerCaps);
  CHECK(texts(ask(plain, "CHATHISTORY LATEST #c * 2").lines) == Texts{"one", "two"});
  Actor full =
      t.scene.attach("ann/net@full", fmt::format("{} draft/event-playback extended-join", kPagerCaps));
  const auto all = ask(full, "CHATHISTORY LATEST #c * 50").lines;
  const std::vector<std::string> wanted{":ann!ann@host.test JOIN #c * :ann",
                                        ":dora!d@h JOIN #c * :dora",
                                        ":dora!d@h PRIVMSG #c :one",
                                        ":ann!ann@host.test MODE #c +v dora",
                                        ":dora!d@h TOPIC #c :A new topic",
                                        ":dora!d@h NICK dorothy",
                                        ":dorothy!d@h PRIVMSG #c :two",
                                        ":bob!b@h KICK #c carl :out",
                                        ":bob!b@h PART #c :off",
                                        ":dorothy!d@h QUIT :gone"};
  REQUIRE(all.size() == wanted.size());
  std::set<std::string> msgids;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].ends_with(" " + wanted[i]));
    for (const char* tag : {"batch=", "time=2023-11-14T", "msgid="}) CHECK(all[i].contains(tag));
    const std::size_t at = all[i].find("msgid=");
    msgids.insert(all[i].substr(at, all[i].find_first_of("; ", at) - at));
  }
  CHECK(msgids.size() == all.size());
  CHECK(ask(full, "CHATHISTORY LATEST #c * 3").lines.size() == 3);
  SECTION("a QUIT is in each channel's history") {
    t.scene.join(*t.server, "#d", "erik bob");
    t.server->say(":erik!e@h JOIN #c");
    t.server->say(":erik!e@h QUIT :bye");
    t.server->ping();
    for (const char* channel : {"#c", "#d"})
      CHECK(ask(full, fmt::format("CHATHISTORY LATEST {} * 1", channel))
                .lines.at(0)
                .ends_with(":erik!e@h QUIT :bye"));
  }
}

TEST_CASE("SEARCH finds words, people and times, in one buffer or in all") {
  Attached t(GENERATE(1U, 2U));
  t.scene.join(*t.server, "#d", "bob");
  const auto say = [&](std::string_view line) {
    t.server->say(line);
    t.server->ping();
    t.scene.advance(1000);
  };
  say(":bob!b@h PRIVMSG #c :the needle one");      // 22:13:20
  say(":carl!c@h PRIVMSG #c :hay");                // 22:13:21
  say(":Carl!c@h PRIVMSG #d :a needle two");       // 22:13:22
  say(":bob!b@h PRIVMSG ann :my needle three");    // 22:13:23
  say(":bob!b@h TOPIC #c :no needle for SEARCH");  // messages alone are found
  Actor client = t.scene.attach("ann/net@finder", fmt::format("soju.im/search {}", kPagerCaps));
  const auto found = [&](std::string_view what) {
    const Answer answer = ask(client, fmt::format("SEARCH {}", what));
    CHECK(answer.opened.contains(" soju.im/search"));
    for (const std::string& line : answer.lines) {
      for (const char* tag : {"batch=", "time=", "msgid="}) CHECK(line.contains(tag));
    }
    return texts(answer.lines);
  };
  CHECK(found("text=needle") == Texts{"the needle one", "a needle two", "my needle three"});
  CHECK(found("text=needle;limit=2") == Texts{"a needle two", "my needle three"});
  CHECK(found("text=needle;in=#D") == Texts{"a needle two"});
  CHECK(found("text=needle;from=BOB") == Texts{"the needle one", "my needle three"});
  CHECK(found("text=the\\sneedle") == Texts{"the needle one"});
  CHECK(found("text=needle;after=2023-11-14T22:13:22.000Z") == Texts{"a needle two", "my needle three"});
  CHECK(found("text=needle;before=2023-11-14T22:13:22.000Z") == Texts{"the needle one", "a needle two"});
  CHECK(found("text=nothing").empty());
  CHECK(found("text=needle;in=#nowhere").empty());
  CHECK(found("from=carl") == Texts{"hay", "a needle two"});
  CHECK(found("from=carl;in=#c") == Texts{"hay"});
  CHECK(found("in=bob") == Texts{"my needle three"});
  for (const char* wrong : {"limit=0", "limit=x", "after=yesterday", "before=", "colour=red", "in="}) {
    client.say(fmt::format("SEARCH text=needle;{}", wrong));
    const std::string_view key = std::string_view(wrong).substr(0, std::string_view(wrong).find('='));
    client.expect(fmt::format("FAIL SEARCH INVALID_PARAMS {} :", key));
  }
}

TEST_CASE("SEARCH between times finds what came late, and TARGETS names the newest time") {
  Attached t;
  auto& user = t.scene.user("ann");
  auto& network = *user.find_network("net");
  const auto put = [&](std::string_view text, std::int64_t ago_ms) {
    const std::string line = fmt::format(":bob!b@h PRIVMSG #c :{}", text);
    const halley::BufferId buffer = network.buffers().make("#c");
    user.log(network, {.kind = halley::EventKind::kPrivmsg,
                       .time_ms = user.wall_ms() - ago_ms,
                       .past = true,
                       .text_at = static_cast<std::uint16_t>(line.size() - text.size()),
                       .buffers = {&buffer, 1},
                       .line = line});
  };
  put("a needle now", 0);
  t.scene.advance(60'000);
  put("an old needle, late", 86'400'000);  // 2023-11-13T22:14:20
  Actor client = t.scene.attach("ann/net@finder", fmt::format("soju.im/search {}", kPagerCaps));
  const auto found = [&](std::string_view what) {
    return texts(ask(client, fmt::format("SEARCH {}", what)).lines);
  };
  for (const char* where : {"text=needle", "in=#c", "text=needle;in=#c", "in=#c;from=bob"}) {
    INFO(where);
    CHECK(found(fmt::format("{};before=2023-11-14T00:00:00.000Z", where)) == Texts{"an old needle, late"});
    CHECK(found(fmt::format("{};after=2023-11-14T00:00:00.000Z", where)) == Texts{"a needle now"});
  }
  const Answer targets = ask(
      client, "CHATHISTORY TARGETS timestamp=2023-11-14T00:00:00.000Z timestamp=2023-11-15T00:00:00.000Z 10");
  REQUIRE(targets.lines.size() == 1);
  CHECK(targets.lines.front().contains("#c 2023-11-14T22:13:20.000Z"));
}
