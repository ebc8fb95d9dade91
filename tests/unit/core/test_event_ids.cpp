// Ids of events and buffers.
#include <catch2/catch.hpp>

#include "bouncer/core/event_ids.h"
#include "tests/fakes/net/fake_clock.h"

using namespace halley;

TEST_CASE("event ids only grow, whatever the clock does") {
  fakes::FakeClock clock(1, 1'000'000);
  EventIds ids(clock, 500, 7);
  CHECK(ids.next() == 1'000'000);
  CHECK(ids.next() == 1'000'001);
  clock.set_wall_us(10);
  CHECK(ids.next() == 1'000'002);
  clock.set_wall_us(2'000'000);
  CHECK(ids.next() == 2'000'000);
  EventIds after(clock, 9'000'000, 7);
  CHECK(after.next() == 9'000'001);
  CHECK(after.next_buffer() == 8);
}
