// Watchdog: fed while loop and store get on, and not longer.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/daemon/watchdog.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/fakes/storage/api/memory_store.h"

using namespace halley;

namespace {

struct ProgressStore final : fakes::MemoryStore {
  storage::StoreProgress now;
  storage::StoreProgress progress() const override { return now; }
};

struct WatchdogBench {
  fakes::FakeClock clock;
  fakes::FakeLoop loop{clock};
  ProgressStore store;
  int fed = 0;
  std::vector<std::string> said;
  Watchdog watchdog{{.loop = loop,
                     .store = store,
                     .period_ms = 60'000,
                     .feed = [this] { ++fed; },
                     .starving = [this](const std::string& why) { said.push_back(why); }}};

  int fed_in(std::uint64_t ms) {
    fed = 0;
    loop.advance(ms);
    return fed;
  }
};

}  // namespace

TEST_CASE("the service manager hears of it four times in its period, also of a store that rests") {
  WatchdogBench bench;
  CHECK(bench.fed == 1);
  CHECK(bench.fed_in(60'000) == 4);
  CHECK(bench.fed_in(3'600'000) == 240);
  CHECK(bench.said.empty());
}

TEST_CASE(
    "a store that has work and does none for a whole period is said once, and the manager told nothing") {
  WatchdogBench bench;
  bench.store.now = {.rounds = 7, .resting = false};
  CHECK(bench.fed_in(15'000) == 1);  // a new number: it got on
  CHECK(bench.fed_in(45'000) == 3);
  CHECK(bench.fed_in(600'000) == 0);
  REQUIRE(bench.said.size() == 1);
  CHECK_THAT(bench.said[0], Catch::Contains("for 60 s") && Catch::Contains("does the disk still answer?"));
  SECTION("until it gets on") {
    bench.store.now.rounds = 8;
    CHECK(bench.fed_in(15'000) == 1);
    CHECK(bench.fed_in(600'000) == 3);
    CHECK(bench.said.size() == 2);
  }
  SECTION("or has nothing left to do") {
    bench.store.now.resting = true;
    CHECK(bench.fed_in(60'000) == 4);
  }
}

TEST_CASE("a store in trouble that tries again is alive") {
  WatchdogBench bench;
  bench.store.now.resting = false;
  for (int minute = 0; minute < 60; ++minute) {
    bench.store.now.rounds += 60;
    CHECK(bench.fed_in(60'000) == 4);
  }
  CHECK(bench.said.empty());
}
