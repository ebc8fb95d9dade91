// How a network folds names holds while it is away, and over a restart.
#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/core/network.h"
#include "tests/dialogue/scene.h"

using halley::dialogue::Actor;
using halley::dialogue::Scene;

namespace {

// On an ascii network these are other channels; by RFC 1459 each is the same as the one behind it.
constexpr const char* kPairs[] = {"#a[", "#a{", "#b\\", "#b|", "#c^", "#c~"};

bool wants(Scene& scene, std::string_view name) {
  return std::ranges::any_of(scene.user("ann").find_network("net")->wanted_channels(),
                             [&](const auto* row) { return row->name == name; });
}

void check_histories(Scene& scene) {
  Actor client = scene.attach("ann/net", "draft/chathistory batch server-time");
  for (const char* name : kPairs) {
    client.say(fmt::format("CHATHISTORY LATEST {} * 10", name));
    client.expect("BATCH +");
    const auto lines = client.until("BATCH -");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].ends_with(fmt::format("PRIVMSG {0} :said in {0}", name)));
  }
}

// While the network is away: one channel is left, one joined, and these are wanted.
void check_wanted(Scene& scene, const std::string& left, const std::string& joined,
                  const std::vector<const char*>& wanted) {
  Actor client = scene.attach("ann/net");
  client.say("PART " + left);
  client.say("JOIN " + joined);
  client.ping();
  CHECK_FALSE(wants(scene, left));
  for (const char* name : wanted) CHECK(wants(scene, name));
}

}  // namespace

TEST_CASE("names are folded as the network folds them, also while it is away and after a restart") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {std::begin(kPairs), std::end(kPairs)});
  Actor server = scene.register_network("ann", "CASEMAPPING=ascii CHANTYPES=#! PREFIX=(ov)@+");
  for (const char* name : kPairs) {
    scene.join(server, name);
    server.say(fmt::format(":bob!b@h PRIVMSG {0} :said in {0}", name));
  }
  server.ping();
  check_histories(scene);
  server.close();
  scene.loop.run_turns();
  check_histories(scene);
  check_wanted(scene, "#a{", "!new", {"#a[", "#b\\", "#b|", "#c^", "#c~", "!new"});
  scene.restart();
  check_histories(scene);
  check_wanted(scene, "#b|", "!newer", {"#a[", "#b\\", "#c^", "#c~", "!new", "!newer"});
}

TEST_CASE("a network that folds names otherwise than it did is believed") {
  Scene scene;
  scene.add_user("ann");
  scene.add_network("ann", "net", {"#a["});
  Actor server = scene.register_network();
  scene.join(server, "#a[");
  server.close();
  scene.loop.run_turns();
  scene.advance(10'000);
  server = scene.register_network("ann", "CASEMAPPING=rfc1459 PREFIX=(ov)@+");
  scene.join(server, "#A{");
  const auto* network = scene.user("ann").find_network("net");
  CHECK(network->buffers().find("#a{") == network->buffers().find("#A["));
}
