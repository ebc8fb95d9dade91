#include <catch2/catch.hpp>

#include "storage/read/read_share.h"

using namespace std::chrono_literals;
using halley::storage::ReadShare;

namespace {
const ReadShare::SteadyClock::time_point kStart{24h};
constexpr ReadShare::Quota kQuota{20ms, 10};
}  // namespace

TEST_CASE("a few reads are made without rest") {
  ReadShare share{kQuota};
  for (int i = 0; i < 20; ++i) CHECK(share.rest(kStart, 1ms, true) == 0ms);
}

TEST_CASE("reading without pause takes a tenth of the time in the long run") {
  ReadShare share{kQuota};
  auto now = kStart;
  ReadShare::SteadyClock::duration worked{};
  while (now < kStart + 10s) {
    now += 2ms;
    worked += 2ms;
    now += share.rest(now, 2ms, true);
  }
  CHECK(worked >= 1000ms);
  CHECK(worked <= 1030ms);
}

TEST_CASE("time without work pays for work") {
  ReadShare share{kQuota};
  CHECK(share.rest(kStart, 25ms, true) == 50ms);
  CHECK(share.rest(kStart + 50ms, 1ms, true) == 10ms);
  CHECK(share.rest(kStart + 1s, 20ms, true) == 0ms);
}

TEST_CASE("others never wait longer than a quarter of a second for one long read") {
  ReadShare share{kQuota};
  CHECK(share.rest(kStart, 3s, true) == 250ms);
  CHECK(share.rest(kStart + 250ms, 0ms, true) == 0ms);
}

TEST_CASE("there is no rest while nobody is spoken to, and what was owed is forgotten") {
  ReadShare share{kQuota};
  CHECK(share.rest(kStart, 1s, false) == 0ms);
  CHECK(share.rest(kStart, 1s, true) == 250ms);
  CHECK(share.rest(kStart + 1ms, 1s, false) == 0ms);
  CHECK(share.rest(kStart + 2ms, 20ms, true) == 0ms);
}
