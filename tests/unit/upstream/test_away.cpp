// AWAY as a network confirms it.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/upstream/away.h"
#include "tests/unit/core/states_bench.h"

using namespace halley;

TEST_CASE("eight AWAYs wait for the network's word; of more the oldest is forgotten") {
  tests::StatesBench bench;
  Away away(bench.states, 1, 1);
  for (int i = 0; i < 9; ++i) away.ask("text " + std::to_string(i), false);
  away.told(true);
  CHECK(away.text() == "text 1");
  for (int i = 2; i < 9; ++i) away.told(true);
  CHECK(away.text() == "text 8");
}
