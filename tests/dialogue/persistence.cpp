// PERSISTENCE (draft/persistence): Halley always stays; what the user has asked for is kept and told.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Scene;

TEST_CASE("the welcome tells of the persistence, behind the last 005 and before 422") {
  Attached t;
  const std::string login = GENERATE("ann/net", "ann/*", "ann");
  if (login == "ann") t.scene.add_network("ann", "other");  // then it is bound to none
  Actor client = t.scene.connect_client();
  for (const std::string& line :
       {std::string("CAP REQ :draft/persistence"), "PASS " + login + ":secret", std::string("NICK x"),
        std::string("USER x 0 * :x"), std::string("CAP END")})
    client.say(line);
  const auto lines = client.until(" 422 ");
  const auto has = [&](std::string_view part) {
    return std::ranges::find_if(lines, [&](const auto& line) { return line.contains(part); });
  };
  const auto status = has(" PERSISTENCE STATUS DEFAULT ON");
  REQUIRE(status != lines.end());
  CHECK(has(" 005 ") < status);
  CHECK(std::none_of(status, lines.end(), [](const auto& line) { return line.contains(" 005 "); }));
  CHECK(std::ranges::count_if(lines, [](const auto& line) { return line.contains("PERSISTENCE"); }) == 1);
  CHECK_FALSE(client.hears("PERSISTENCE"));
}

TEST_CASE("what is set of the persistence is answered, told to the user's others, and kept") {
  Attached t;
  t.scene.add_user("zoe");
  Actor one = t.scene.attach("ann/net@one", "draft/persistence standard-replies"),
        two = t.scene.attach("ann/net@two", "draft/persistence"),
        all = t.scene.attach("ann/*@three", "draft/persistence"), plain = t.scene.attach("ann/net@plain"),
        zoe = t.scene.attach("zoe", "draft/persistence");
  all.expect(" 366 ");
  one.say("PERSISTENCE GET");
  one.expect(" PERSISTENCE STATUS DEFAULT ON");
  one.say("persistence set on");
  one.expect(" PERSISTENCE STATUS ON ON");
  two.expect(" PERSISTENCE STATUS ON ON");
  all.expect(" PERSISTENCE STATUS ON ON");
  CHECK_FALSE(all.hears("PERSISTENCE"));
  CHECK_FALSE(plain.hears("PERSISTENCE"));
  CHECK_FALSE(zoe.hears("PERSISTENCE"));
  SECTION("the same again is no news") {
    one.say("PERSISTENCE SET ON");
    one.expect(" PERSISTENCE STATUS ON ON");
    CHECK_FALSE(two.hears("PERSISTENCE"));
  }
  SECTION("who wants it off is told that Halley stays") {
    one.say("PERSISTENCE SET OFF");
    one.expect(" NOTE PERSISTENCE ALWAYS_ON :");
    one.expect(" PERSISTENCE STATUS OFF ON");
    two.expect(" PERSISTENCE STATUS OFF ON");
    CHECK_FALSE(two.hears("NOTE"));
    one.close();
    two.close();
    all.close();
    plain.close();
    t.scene.loop.run_turns();
    CHECK_FALSE(t.server->hears("QUIT"));
  }
  SECTION("without the capability it is answered, too") {
    plain.say("PERSISTENCE SET OFF");
    plain.expect(" PERSISTENCE STATUS OFF ON");
    CHECK_FALSE(plain.hears("NOTE PERSISTENCE"));
  }
  SECTION("it outlives a restart, unless it was reset") {
    const bool reset = GENERATE(false, true);
    if (reset) one.say("PERSISTENCE SET DEFAULT");
    one.ping();
    t.scene.restart();
    t.server.emplace(t.scene.register_network());
    Actor again = t.scene.attach("ann/net@one");
    again.say("PERSISTENCE GET");
    CHECK(again.expect(" STATUS ").contains(reset ? "STATUS DEFAULT ON" : "STATUS ON ON"));
  }
  SECTION("it goes with its user") {
    REQUIRE(t.scene.accounts().remove_user("ann"));
    t.scene.accounts().flush(nullptr);
    t.scene.add_user("ann");
    t.scene.loop.run_turns();
    Actor again = t.scene.attach("ann");
    again.say("PERSISTENCE GET");
    again.expect(" PERSISTENCE STATUS DEFAULT ON");
  }
}

TEST_CASE("PERSISTENCE that says nothing sensible is refused, and unknown kinds of it are passed over") {
  Attached t;
  Actor client = t.scene.attach("ann/net", "draft/persistence standard-replies");
  for (const char* line : {"PERSISTENCE", "PERSISTENCE SET", "PERSISTENCE SET MAYBE"}) {
    client.say(line);
    client.expect(" FAIL PERSISTENCE INVALID_PARAMETERS :Say ");
  }
  client.say("PERSISTENCE LATER ON");
  CHECK(client.ping().empty());
  client.say("PERSISTENCE GET");
  client.expect(" PERSISTENCE STATUS DEFAULT ON");
  SECTION("before the login nobody knows whose it is") {
    Actor early = t.scene.connect_client();
    early.say("PERSISTENCE GET");
    early.expect(" 451 ");
  }
}
