// `/msg *halley history` and `search`: the log for clients that cannot ask for it otherwise.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

namespace {

using Texts = std::vector<std::string>;

// What *halley answers, without its name. An answer comes whole.
Texts ask(Actor& client, std::string_view question) {
  client.say(fmt::format("PRIVMSG *halley :{}", question));
  Texts said;
  const auto add = [&](const std::string& line) {
    const std::size_t at = line.find(" PRIVMSG ann :");
    if (at != std::string::npos && line.starts_with(":*halley!")) said.push_back(line.substr(at + 14));
  };
  add(client.expect(":*halley!"));
  for (const std::string& line : client.ping()) add(line);
  return said;
}

}  // namespace

TEST_CASE("*halley tells what was said, from a time on, and how to read on") {
  Attached t(GENERATE(1U, 2U));
  for (int i = 0; i < 5; ++i) {
    t.bob(fmt::format("line {}", i));
    t.server->ping();
    t.scene.advance(60'000);
  }
  t.server->say(
      ":carl!c@h PRIVMSG #c :\x01"
      "ACTION waves\x01");
  t.server->say(":carl!c@h NOTICE #c :careful");
  t.server->say(":dora!d@h JOIN #c");
  t.server->ping();
  Actor client = t.scene.attach("ann/net");
  client.ping();
  SECTION("the newest") {
    CHECK(ask(client, "history #C limit=3") ==
          Texts{"#c, in UTC:", "[2023-11-14 22:17:20] <bob> line 4", "[2023-11-14 22:18:20] * carl waves",
                "[2023-11-14 22:18:20] -carl- careful", ask(client, "history #c limit=3").back()});
  }
  SECTION("the older ones, page by page") {
    Texts page = ask(client, "history #c limit=3");
    REQUIRE(page.back().starts_with("What was before: history #c before="));
    page = ask(client, page.back().substr(17));
    CHECK(page.at(1) == "[2023-11-14 22:14:20] <bob> line 1");
    CHECK(page.at(3) == "[2023-11-14 22:16:20] <bob> line 3");
    page = ask(client, page.back().substr(17));
    CHECK(page == Texts{"#c, in UTC:", "[2023-11-14 22:13:20] <bob> line 0"});
  }
  SECTION("of the last minutes, onwards") {
    Texts page = ask(client, "history #c 3m limit=2");
    CHECK(page.at(1) == "[2023-11-14 22:15:20] <bob> line 2");
    REQUIRE(page.back().starts_with("What came then: history #c after="));
    page = ask(client, page.back().substr(16));
    CHECK(page.at(1) == "[2023-11-14 22:17:20] <bob> line 4");
    CHECK(ask(client, "history #c 1m").size() == 4);
  }
  SECTION("before and after a time, as the command line takes them") {
    CHECK(ask(client, "history #c before=2023-11-14T22:15:20.000Z").size() == 3);
    CHECK(ask(client, "history #c after=timestamp=2023-11-14T22:17:20Z limit=1").at(1) ==
          "[2023-11-14 22:17:20] <bob> line 4");
    CHECK(ask(client, "history #c before=2023-11-14") == Texts{"Nothing was said in #c in that time"});
    CHECK(ask(client, "history #c 3m before=2023-11-15").at(0).starts_with("history TARGET [3h]"));
    const Texts page = ask(client, "history #c limit=1");
    const std::string id = page.back().substr(page.back().find("before=") + 7, 12);
    CHECK(ask(client, "history #c limit=1 before=msgid=" + id).at(1) == "[2023-11-14 22:18:20] * carl waves");
  }
  SECTION("what is not there, and what is not understood") {
    CHECK(ask(client, "history nobody") == Texts{"Nothing was ever said in nobody here"});
    for (const char* wrong :
         {"history", "history #c yesterday", "history #c 3x", "history #c limit=0", "history #c before=x"})
      CHECK(ask(client, wrong).at(0).starts_with("history TARGET [3h]"));
  }
}

TEST_CASE("*halley finds words, and says how to find older ones") {
  Attached t(GENERATE(1U, 2U));
  t.server->say(":carl!c@h PRIVMSG ann :a needle for you");
  for (int i = 0; i < 4; ++i) t.bob(fmt::format("needle {}", i));
  t.bob("hay");
  t.server->say(":carl!c@h PRIVMSG #c :carl's needle");
  t.server->ping();
  Actor client = t.scene.attach("ann/net");
  client.ping();
  Texts found = ask(client, "search needle limit=2");
  CHECK(found.at(0) == "2 found, in UTC:");
  CHECK(found.at(1) == "#c [2023-11-14 22:13:20] <bob> needle 3");
  CHECK(found.at(2) == "#c [2023-11-14 22:13:20] <carl> carl's needle");
  REQUIRE(found.back().starts_with("Older ones: search needle limit=2 before="));
  found = ask(client, found.back().substr(12));
  CHECK(found.at(1).ends_with("needle 1"));
  CHECK(found.at(2).ends_with("needle 2"));
  CHECK(ask(client, "search needle from=CARL") ==
        Texts{"2 found, in UTC:", "carl [2023-11-14 22:13:20] <carl> a needle for you",
              "#c [2023-11-14 22:13:20] <carl> carl's needle"});
  CHECK(ask(client, "search needle in=carl").at(1).starts_with("carl ["));
  CHECK(ask(client, "search needle before=2023-11-14") == Texts{"Nothing was found"});
  CHECK(ask(client, "search needle before=2023-11-15 limit=1")
            .back()
            .starts_with("Older ones: search needle before=2023-11-15 limit=1 before="));
  CHECK(ask(client, "search nothing") == Texts{"Nothing was found"});
  CHECK(ask(client, "search needle in=#nowhere") == Texts{"Nothing was ever said there"});
  for (const char* wrong : {"search", "search in=#c", "search needle limit=0", "search needle before=x"})
    CHECK(ask(client, wrong).at(0).starts_with("search WORDS"));
}
