// A client with causal.agency/passive is a program: nobody sits before it.
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

TEST_CASE("while only passive clients are left the user is away") {
  Attached t;
  REQUIRE(t.scene.accounts().set_user("ann", {{"auto-away", "not here"}}));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  const std::string login = GENERATE("ann/net@log", "ann/*@log");
  Actor passive = t.scene.attach(login, "causal.agency/passive");
  passive.expect(" 366 ");
  Actor client = t.scene.attach("ann/net");
  const auto wait = [&] {
    for (int i = 0; i < 6; ++i) t.scene.advance(15'000);
    passive.ping();
  };
  wait();
  CHECK_FALSE(t.server->hears("AWAY"));
  client.close();
  wait();
  CHECK(t.server->expect("AWAY") == "AWAY :not here");
  t.server->say(":srv 306 ann :You have been marked as being away");
  t.server->ping();
  SECTION("and back with a client that is not") {
    client = t.scene.attach("ann/net");
    CHECK(t.server->expect("AWAY") == "AWAY");
  }
  SECTION("another passive one changes nothing") {
    client = t.scene.attach("ann/net", "causal.agency/passive");
    CHECK_FALSE(t.server->hears("AWAY"));
  }
  SECTION("it may say later that it is one, or is not") {
    passive.say("CAP REQ :-causal.agency/passive");
    passive.expect(" ACK ");
    CHECK(t.server->expect("AWAY") == "AWAY");
    t.server->say(":srv 305 ann :You are no longer marked as being away");
    t.server->ping();
    passive.say("CAP REQ :causal.agency/passive");
    passive.expect(" ACK ");
    wait();
    CHECK(t.server->expect("AWAY") == "AWAY :not here");
  }
}

TEST_CASE("a passive client hears all that others hear") {
  Attached t;
  Actor passive = t.scene.attach("ann/net", "causal.agency/passive");
  t.bob("hello");
  passive.expect(":bob!b@h PRIVMSG #c :hello");
  passive.say("CAP LIST");
  CHECK(passive.expect(" LIST ").contains("causal.agency/passive"));
}
