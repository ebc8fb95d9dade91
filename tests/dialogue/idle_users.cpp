// Networks of users who have not been here for long are left, and made again when somebody attaches.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "tests/dialogue/scene.h"

using halley::Link;
using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

constexpr std::uint64_t kMinute = 60'000;
constexpr std::int64_t kDayUs = std::int64_t{86'400} * 1'000'000;

// So much time as two looks take, through which the network keeps talking.
void two_hours(Scene& scene, Actor& server) {
  for (int minute = 0; minute < 125; ++minute) {
    scene.advance(kMinute);
    server.say(":srv NOTICE ann :still here");
    scene.loop.run_turns();
  }
}

bool said(const Scene& scene, std::string_view part) {
  return std::ranges::any_of(scene.audit,
                             [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("networks of a user who is away for the set time are left, and who comes back finds them again") {
  Scene scene;
  scene.config.limits.idle_days = 30;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  scene.join(server, "#c");
  Actor client = scene.attach("ann/net");
  client.close();

  scene.clock.set_wall_us(scene.clock.wall_us() + 29 * kDayUs);
  two_hours(scene, server);
  CHECK_FALSE(scene.user("ann").resting());
  scene.clock.set_wall_us(scene.clock.wall_us() + kDayUs);
  two_hours(scene, server);
  server.expect("QUIT :nobody has been here for 30 days");
  REQUIRE(scene.user("ann").resting());
  CHECK(said(scene, "networks of ann are left: nobody has been here for 30 days"));
  const auto status = scene.daemon().status(0).users.at(0);
  CHECK(status.resting == "nobody has been here for 30 days");
  CHECK(status.networks.at(0).link == "disabled");
  CHECK(status.networks.at(0).trouble == status.resting);

  // Nothing but a client brings them back: no setting of the network, no start.
  const std::size_t dials = scene.dialer.count();
  halley::Accounts::NetworkDraft draft;
  draft.settings.set("nick", "annie");
  REQUIRE(scene.accounts().set_network("ann", "net", draft));
  scene.accounts().flush(nullptr);
  scene.advance(10 * kMinute);
  CHECK(scene.dialer.count() == dials);
  scene.restart();
  scene.advance(10 * kMinute);
  CHECK(scene.dialer.count() == dials);
  REQUIRE(scene.user("ann").resting());

  Actor back = scene.connect_client();
  back.say("PASS ann/net:secret");
  back.say("NICK ann");
  back.say("USER ann 0 * :Ann");
  back.expect("Not connected to net at the moment (disabled: nobody has been here for 30 days)");
  Actor again = scene.register_network("annie");
  CHECK_FALSE(scene.user("ann").resting());
  back.expect("Disconnected: nobody has been here for 30 days");
}

TEST_CASE("whoever stays attached is here, for however long, and after a restart, too") {
  Scene scene;
  scene.config.limits.idle_days = 2;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  Actor client = scene.attach("ann/net");
  for (int day = 0; day < 5; ++day) {
    scene.clock.set_wall_us(scene.clock.wall_us() + kDayUs);
    for (int minute = 0; minute < 65; ++minute) {
      scene.advance(kMinute);
      server.say(":srv NOTICE ann :still here");
      client.say("PING x");
      scene.loop.run_turns();
    }
    CHECK_FALSE(scene.user("ann").resting());
  }
  scene.drain();
  scene.clock.set_wall_us(scene.clock.wall_us() + kDayUs);
  scene.restart();
  CHECK_FALSE(scene.user("ann").resting());
  scene.clock.set_wall_us(scene.clock.wall_us() + 2 * kDayUs);
  scene.restart();
  CHECK(scene.user("ann").resting());
}

TEST_CASE("that somebody was here is known when what they logged in with is no more, after a restart, too") {
  Scene scene;
  scene.config.limits.idle_days = 2;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  const halley::UserId ann = scene.user("ann").id();
  scene.clock.set_wall_us(scene.clock.wall_us() + 10 * kDayUs);
  SECTION("a browser that only asks: its login ends") {
    const std::string token = scene.accounts().open_session(ann, "Firefox", "127.0.0.1");
    two_hours(scene, server);
    scene.accounts().end_session(ann, scene.accounts().find_session(token)->id);
    REQUIRE(scene.accounts().sessions(ann).empty());
  }
  SECTION("a client that comes and goes within the hour: its device is revoked") {
    Actor client = scene.attach("ann/net@phone");
    client.close();
    scene.loop.run_turns();
    REQUIRE(scene.accounts().revoke_device("ann", "phone"));
    scene.accounts().flush(nullptr);
    REQUIRE(scene.accounts().devices(ann).empty());
  }
  two_hours(scene, server);
  CHECK_FALSE(scene.user("ann").resting());
  scene.drain();
  scene.restart();
  CHECK_FALSE(scene.user("ann").resting());
  scene.clock.set_wall_us(scene.clock.wall_us() + 2 * kDayUs);
  scene.restart();
  CHECK(scene.user("ann").resting());
}

TEST_CASE("a user's own idle-days count before limits.idle_days, and a change that frees them connects") {
  Scene scene;
  scene.add_user("ann");
  scene.add_user("bob");
  scene.add_network("ann", "net");
  Actor of_ann = scene.register_network();
  scene.add_network("bob", "net");
  Actor of_bob = scene.register_network("bob");
  const auto set = [&](std::string_view who, const char* days) {
    REQUIRE(scene.accounts().set_user(who, {{"idle-days", days}}));
    scene.accounts().flush(nullptr);
  };
  set("ann", "7");
  scene.clock.set_wall_us(scene.clock.wall_us() + 400 * kDayUs);
  scene.restart();
  CHECK(scene.user("ann").resting());
  CHECK_FALSE(scene.user("bob").resting());  // as limits.idle_days is never
  set("ann", "0");
  CHECK_FALSE(scene.user("ann").resting());
  CHECK(scene.user("ann").find_network("net")->link() != Link::kDisabled);
  CHECK_FALSE(scene.accounts().set_user("ann", {{"idle-days", "36501"}}));
  CHECK_FALSE(scene.accounts().set_user("ann", {{"idle-days", "-1"}}));
}

TEST_CASE("a wall clock that jumps for a moment has nobody's networks left") {
  Scene scene;
  scene.config.limits.idle_days = 30;
  scene.add_user("ann");
  scene.add_network("ann", "net");
  Actor server = scene.register_network();
  scene.advance(30 * kMinute);
  scene.clock.set_wall_us(scene.clock.wall_us() + 400 * kDayUs);
  scene.advance(31 * kMinute);  // a look
  scene.clock.set_wall_us(scene.clock.wall_us() - 400 * kDayUs);
  scene.advance(60 * kMinute);
  scene.advance(60 * kMinute);
  CHECK_FALSE(scene.user("ann").resting());
}
