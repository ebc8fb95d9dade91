// Detached channels: their bound, and what is kept of them.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/unit/core/core_bench.h"

using namespace halley;

TEST_CASE("A user has 1,000 detached channels at most") {
  tests::CoreBench bench;
  for (int i = 0; i < 1000; ++i) REQUIRE(detach_channel(bench.net(), fmt::format("#{}", i)));
  CHECK_FALSE(detach_channel(bench.net(), "#more"));
  CHECK(detach_channel(bench.net(), "#7"));  // it is already
  CHECK(attach_channel(bench.net(), "#7"));
  CHECK_FALSE(attach_channel(bench.net(), "#7"));
  CHECK(detach_channel(bench.net(), "#more"));
  CHECK(is_detached(bench.net(), "#MORE"));
}

TEST_CASE("An event is hidden when all channels that show it are detached") {
  tests::CoreBench bench;
  detach_channel(bench.net(), "#a");
  detach_channel(bench.net(), "#b");
  const BufferId a = bench.net().buffers().find("#a"), b = bench.net().buffers().find("#b"),
                 c = bench.net().buffers().make("#c");
  const auto hidden = [&](std::vector<BufferId> buffers, Kind kind = Kind::kQuit, std::uint8_t flags = 0) {
    storage::Event event;
    event.network = 1;
    event.kind = static_cast<std::uint8_t>(kind);
    event.flags = flags;
    event.buffers = buffers;
    return bench.user.detached().hides(event);
  };
  CHECK(hidden({a, b}));
  CHECK_FALSE(hidden({a, c}));
  CHECK_FALSE(hidden({}));
  CHECK_FALSE(hidden({a, b}, Kind::kNick, event_flag::kSelf));
  bench.user.detached().forget_network(1);
  CHECK_FALSE(hidden({a, b}));
}
