// What clients share in a turn of the loop.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/core/spools.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_loop.h"

using namespace halley;

TEST_CASE("sixteen encodings stand open in a turn; of more the least recent is made again") {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  Spools spools(loop);
  int made = 0;
  const auto ask = [&](std::uint64_t key) {
    spools.shared(1, key, 5, [&](std::string& out) {
      ++made;
      out = "line";
    });
  };
  for (std::uint64_t key = 1; key <= 16; ++key) ask(key);
  for (std::uint64_t key = 1; key <= 16; ++key) ask(key);
  CHECK(made == 16);
  ask(17);
  ask(16);
  CHECK(made == 17);
  ask(1);
  CHECK(made == 18);
}
