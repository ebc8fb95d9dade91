// extended-monitor: what people without a common channel tell of themselves goes to who watches them.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"

using halley::dialogue::Actor;
using halley::dialogue::register_with;
using halley::dialogue::Scene;

namespace {

constexpr const char* kAll = "extended-monitor away-notify account-notify chghost setname";

// Said of themselves by somebody.
constexpr const char* kSaid[] = {"AWAY :out", "ACCOUNT acc", "CHGHOST u h", "SETNAME :Name"};

}  // namespace

TEST_CASE("extended-monitor brings news of those who are watched to who watches them") {
  Scene scene(GENERATE(1U, 2U));
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = register_with(scene, kAll);
  server.say(":srv 005 ann MONITOR=100 :are supported by this server");
  server.ping();
  Actor watches = scene.attach("ann/net@watches", kAll), other = scene.attach("ann/net@other", kAll),
        without = scene.attach("ann/net@without", "away-notify account-notify chghost setname");
  watches.say("MONITOR + zoe,bob");
  server.expect("MONITOR + bob,zoe");
  without.say("MONITOR + zoe");
  without.ping();
  for (Actor* client : {&watches, &other, &without}) client->ping();
  SECTION("of somebody who shares no channel: to them alone, and not without the capability") {
    for (const char* said : kSaid) server.say(fmt::format(":zoe!z@h {}", said));
    server.ping();
    for (const char* said : {"AWAY", "ACCOUNT", "CHGHOST", "SETNAME"})
      watches.expect(fmt::format(":zoe!z@h {} ", said));
    CHECK_FALSE(other.hears(":zoe!"));
    CHECK_FALSE(without.hears(":zoe!"));
  }
  SECTION("of somebody in a channel: to all, watched or not") {
    for (const char* said : kSaid) server.say(fmt::format(":bob!b@h {}", said));
    server.say(":carl!c@h AWAY :out");
    server.ping();
    for (Actor* client : {&watches, &other, &without}) {
      for (const char* said : {"AWAY", "ACCOUNT", "CHGHOST", "SETNAME"})
        client->expect(fmt::format(":bob!b@h {} ", said));
      client->expect(":carl!c@h AWAY ");
      CHECK_FALSE(client->hears(":bob!"));
    }
  }
  SECTION("who has left the channel, and is watched, is told of to those who watch") {
    server.say(":bob!b@h PART #c");
    server.say(":bob!b@h AWAY :out");
    server.ping();
    watches.expect(":bob!b@h AWAY ");
    CHECK_FALSE(other.hears(" AWAY "));
  }
  SECTION("only what the client's other capabilities let through") {
    Actor few = scene.attach("ann/net@few", "extended-monitor away-notify");
    few.say("MONITOR + zoe");
    few.ping();
    for (const char* said : kSaid) server.say(fmt::format(":zoe!z@h {}", said));
    server.ping();
    few.expect(":zoe!z@h AWAY ");
    CHECK_FALSE(few.hears(":zoe!"));
  }
}

TEST_CASE("extended-monitor is the network's to give") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  const bool has = GENERATE(false, true);
  Actor server = register_with(scene, has ? "extended-monitor batch" : "batch");
  Actor client = scene.attach("ann/net", "batch");
  client.say("CAP REQ :extended-monitor");
  client.expect(has ? " ACK :extended-monitor" : " NAK :extended-monitor");
}
