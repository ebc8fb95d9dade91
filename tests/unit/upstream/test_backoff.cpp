// Delays between tries, and between connects to one host.
#include <catch2/catch.hpp>

#include "bouncer/upstream/backoff.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_random.h"

using namespace halley;

TEST_CASE("delays double with jitter, and hosts are paced") {
  fakes::FakeRandom random;
  const Backoff::Bounds bounds{2, 16};
  Backoff backoff;
  for (const std::uint64_t span : {2U, 4U, 8U, 16U, 16U}) {
    const std::uint64_t delay = backoff.next_ms(random, bounds);
    CHECK(delay >= span * 500);
    CHECK(delay <= span * 1000);
  }
  backoff.reset();
  CHECK(backoff.next_ms(random, bounds) <= 2000);
  fakes::FakeClock clock;
  Pacer pacer(clock, 1.5);
  CHECK(pacer.take("a") == 0);
  CHECK(pacer.take("a") == 1500);
  CHECK(pacer.take("b") == 0);
  clock.advance_ms(2000);
  CHECK(pacer.take("a") == 1000);
}

TEST_CASE("a thousand hosts are remembered; of more the one whose turn comes first is forgotten") {
  fakes::FakeClock clock;
  Pacer pacer(clock, 1.5);
  CHECK(pacer.take("first") == 0);
  clock.advance_ms(1);
  for (int i = 1; i < 1000; ++i) CHECK(pacer.take(std::to_string(i)) == 0);
  CHECK(pacer.take("first") == 1499);
  clock.advance_ms(1);
  CHECK(pacer.take("one more") == 0);  // in place of "1"
  CHECK(pacer.take("2") == 1499);
  CHECK(pacer.take("1") == 0);
  clock.advance_ms(10'000);
  CHECK(pacer.take("again") == 0);
}
