// AWAY as a network confirms it.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/upstream/away.h"
#include "tests/unit/core/states_bench.h"

using namespace halley;

TEST_CASE("eight AWAYs wait for the network's word; of more the oldest is forgotten") {
  tests::StatesBench bench;
  Away away(bench.states, 1, 1);
  for (std::uint64_t i = 1; i <= 9; ++i) away.sent(i, "text " + std::to_string(i));
  away.told(1, true);
  CHECK(away.text() == "away");  // its words are forgotten
  away.told(2, true);
  CHECK(away.text() == "text 2");
  away.told(9, true);
  CHECK(away.text() == "text 9");
  CHECK_FALSE(away.asked());
}

TEST_CASE("an answer is of the AWAY that was asked, whatever became of those before it") {
  tests::StatesBench bench;
  Away away(bench.states, 1, 1);
  away.sent(3, "lunch");
  away.sent(5, "");
  away.sent(7, "dinner");
  away.passed([](std::uint64_t question) { return question != 3; });
  away.told(5, false);
  CHECK(away.text().empty());
  CHECK(away.asked());
  away.told(7, true);
  CHECK(away.text() == "dinner");
  // What was refused is not said again on the next link; what was not answered is.
  away.sent(8, "refused");
  away.passed([](std::uint64_t) { return false; });
  away.link_gone();
  CHECK(away.text() == "dinner");
  away.sent(9, "open");
  away.link_gone();
  CHECK(away.text() == "open");
}
