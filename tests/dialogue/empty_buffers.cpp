// Talks of which the retention has left nothing.
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;

TEST_CASE("buffers of which nothing is left are forgotten within a day, unless they are in use") {
  Attached t;
  for (const char* nick : {"bob", "carl", "dora"})
    t.server->say(fmt::format(":{0}!{0}@h PRIVMSG ann :psst", nick));
  t.server->ping();
  const auto buffers = [&]() -> halley::Buffers& {
    return t.scene.user("ann").find_network("net")->buffers();
  };
  const halley::BufferId bob = buffers().find("bob");
  REQUIRE(bob != 0);
  const halley::User& ann = t.scene.user("ann");
  REQUIRE(t.scene.accounts().set_buffer({.id = buffers().find("dora"),
                                         .user = ann.id(),
                                         .network = ann.find_network("net")->id(),
                                         .name = "dora"},
                                        {{"retention", "30"}}));
  t.scene.accounts().flush(nullptr);
  t.scene.drain();
  t.scene.store().commit({halley::storage::RemoveEvents{.user = t.scene.user("ann").id(),
                                                        .before_ms = t.scene.clock.wall_us() / 1000 + 1000}},
                         nullptr);
  bool settled = false;
  t.scene.store().run_errand({.what = halley::storage::Errand::What::kSettle},
                             [&](const auto&) { settled = true; });
  REQUIRE(t.scene.turn_until([&] { return settled; }));
  t.scene.advance(5'000);
  t.server->say(":carl!carl@h PRIVMSG ann :again");
  t.server->ping();
  CHECK(buffers().find("bob") == bob);
  t.scene.advance(24 * 60 * 60 * 1000);
  REQUIRE(t.scene.turn_until([&] { return buffers().find("bob") == 0; }));
  for (const char* name : {"#c", "carl", "dora", ""}) CHECK(buffers().find(name) != 0);
  // Who speaks again has a new one, also after a restart.
  t.scene.restart();
  CHECK(buffers().find("bob") == 0);
  t.server.emplace(t.scene.register_network());
  t.server->say(":bob!b@h PRIVMSG ann :it is me");
  t.server->ping();
  CHECK(buffers().find("bob") != 0);
  CHECK(buffers().find("bob") != bob);
}
