// Networks that ask whose a connection is: what is known of it from its beginning to its end.
#include <catch2/catch.hpp>

#include "tests/dialogue/scene.h"

using halley::Idents;
using halley::dialogue::Actor;
using halley::dialogue::Scene;
using halley::net::Address;

namespace {
const Idents::Connection kAsked{
    .local_port = 40000, .remote_port = 6667, .local = "192.0.2.1", .remote = "203.0.113.7"};

// As the real dialler does once the kernel has chosen the port.
void begin(Scene& scene) {
  scene.loop.run_turns();
  const auto& target = scene.dialer.last_target();
  REQUIRE(target.on_attempt);
  target.on_attempt(Address::numeric("192.0.2.1", 40000), Address::numeric("203.0.113.7", 6667));
}
}  // namespace

TEST_CASE("a connection is the user's from its beginning until its link ends") {
  Scene scene;
  scene.bouncer().idents().want([] {});
  scene.add_user("ann");
  scene.add_network("ann", "net");
  begin(scene);
  CHECK(scene.bouncer().idents().find(kAsked) == "ann");
  Actor server = scene.register_network("ann");
  CHECK(scene.bouncer().idents().find(kAsked) == "ann");
  server.close();
  server.expect_closed();
  CHECK_FALSE(scene.bouncer().idents().find(kAsked));
}

TEST_CASE("a network is told the username that its setting has, where that is so configured") {
  Scene scene;
  scene.bouncer().idents().want([] {});
  scene.config.upstream.ident = halley::Config::UpstreamConfig::Ident::kUsername;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("username", "an\"n");
  scene.add_network("ann", "net", {}, draft);
  begin(scene);
  CHECK(scene.bouncer().idents().find(kAsked) == "an_n");
}

TEST_CASE("nothing is remembered while nobody wants to know, nor of what goes by a proxy") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  scene.loop.run_turns();
  CHECK_FALSE(scene.dialer.last_target().on_attempt);
  scene.bouncer().idents().want([] {});
  scene.config.upstream.socks = "127.0.0.1:9050";
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("via", "socks");
  scene.add_network("ann", "tor", {}, draft);
  scene.loop.run_turns();
  CHECK(scene.dialer.last_target().proxy_host == "127.0.0.1");
  CHECK_FALSE(scene.dialer.last_target().on_attempt);
}
