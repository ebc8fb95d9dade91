// Strict transport security: networks that ask for TLS.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

// The network says this of itself, and the registration goes on.
Actor offer(Scene& scene, std::string_view caps) {
  Actor server = scene.accept_network();
  server.expect("CAP LS 302");
  server.say(fmt::format(":srv CAP * LS :{}", caps));
  return server;
}

void welcome(Actor& server) {
  server.expect("CAP END");
  server.say(":srv 001 ann :Welcome ann!ann@host.test");
  server.say(":srv 422 ann :No MOTD");
  server.ping();
}

// How the newest dial was made: "host:port" behind what it is.
std::string dialled(Scene& scene, std::size_t dials) {
  REQUIRE(scene.turn_until([&] { return scene.dialer.count() == dials; }));
  const auto& target = scene.dialer.last_target();
  return fmt::format("{} {}:{}", target.tls ? "tls" : "plain", target.host, target.port);
}

// The link is lost, and the next one is dialled.
std::string dialled_again(Scene& scene, Actor& server) {
  const std::size_t dials = scene.dialer.count();
  server.close();
  scene.turn_until([&] { return scene.user("ann").find_network("net")->link() == halley::Link::kWaiting; });
  scene.advance(60'000);
  return dialled(scene, dials + 1);
}

}  // namespace

TEST_CASE("a network that asks for TLS is left at once, and reached so from then on, also after a restart") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  CHECK(dialled(scene, 1) == "plain irc.test:6667");
  Actor plain = offer(scene, "multi-prefix sts=port=6690,duration=9 sasl=PLAIN");
  plain.expect_closed();
  CHECK(dialled(scene, 2) == "tls irc.test:6690");
  Actor tls = offer(scene, "multi-prefix sts=duration=100,port=1");
  CHECK(tls.expect("CAP REQ") == "CAP REQ :multi-prefix");  // never sts
  tls.say(":srv CAP * ACK :multi-prefix");
  welcome(tls);
  scene.advance(120'000);  // the time counts from the end of the link
  CHECK(dialled_again(scene, tls) == "tls irc.test:6690");
  scene.restart();
  CHECK(dialled(scene, 4) == "tls irc.test:6690");
  const auto refused = [&] {
    const std::size_t dials = scene.dialer.count();
    scene.dialer.refuse_last("no TLS there");
    scene.advance(60'000);
    return dialled(scene, dials + 1);
  };
  CHECK(refused() == "tls irc.test:6690");    // nothing in plain meanwhile
  CHECK(refused() == "plain irc.test:6667");  // it has lapsed
}

TEST_CASE("a network that says so over TLS ends it, and what is said of it in plain is not believed") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor plain = offer(scene, "sts=duration=1000");  // no port: nothing is asked
  welcome(plain);
  CHECK(dialled_again(scene, plain) == "plain irc.test:6667");
  Actor again = offer(scene, "sts=port=99999");
  welcome(again);
  CHECK(dialled_again(scene, again) == "plain irc.test:6667");
  Actor asks = offer(scene, "sts=port=6697");
  asks.expect_closed();
  Actor tls = offer(scene, "sts=duration=1000");
  welcome(tls);
  CHECK(dialled_again(scene, tls) == "tls irc.test:6697");
  Actor ends = offer(scene, "sts=duration=0");
  welcome(ends);
  CHECK(dialled_again(scene, ends) == "plain irc.test:6667");
}

TEST_CASE("an address in numbers is not asked for TLS") {
  Scene scene;
  scene.add_user("ann");
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("url", "irc://192.0.2.1");
  scene.add_network("ann", "net", {}, draft);
  Actor server = offer(scene, "sts=port=6697");
  welcome(server);
  CHECK(dialled_again(scene, server) == "plain 192.0.2.1:6667");
}

TEST_CASE("of the hosts that ask for TLS eight are remembered") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.accept_network();
  const auto at = [&](std::string_view url) {
    const std::size_t dials = scene.dialer.count();
    halley::Accounts::NetworkDraft draft;
    draft.settings.set("url", std::string(url));
    REQUIRE(scene.accounts().set_network("ann", "net", draft));
    scene.accounts().flush(nullptr);
    return dialled(scene, dials + 1);
  };
  for (int i = 0; i < 9; ++i) {
    at(fmt::format("ircs://host{}.test", i));
    Actor tls = offer(scene, fmt::format("sts=duration={}", 10'000 + i));
    welcome(tls);
  }
  CHECK(at("irc://host0.test") == "plain host0.test:6667");
  CHECK(at("irc://HOST1.test") == "tls HOST1.test:6697");
  CHECK(at("irc://host8.test") == "tls host8.test:6697");
}
