#include <catch2/catch.hpp>

#include "gateway/api/loop_lag.h"

using halley::gateway::LoopLag;

TEST_CASE("how late the loop was is known for half a minute, and forgotten after one") {
  LoopLag lag;
  CHECK(lag.most_ms(1'000'000) == 0);
  lag.ran(1'000'000, 3);
  lag.ran(1'000'500, 40);
  lag.ran(1'001'000, 2);
  CHECK(lag.most_ms(1'001'000) == 40);
  CHECK(lag.most_ms(1'030'500) == 40);
  lag.ran(1'030'500, 1);
  CHECK(lag.most_ms(1'030'500) == 40);
  CHECK(lag.most_ms(1'060'500) == 1);
  // What nobody has looked at since is not the last minute's.
  CHECK(lag.most_ms(9'000'000) == 0);
  lag.ran(9'000'000, 5);
  CHECK(lag.most_ms(9'000'000) == 5);
}
