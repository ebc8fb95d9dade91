// Detached channels: their bound, and what is kept of them.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/unit/core/core_bench.h"

using namespace halley;

TEST_CASE("A user has 1,000 detached channels at most") {
  tests::CoreBench bench;
  for (int i = 0; i < 1000; ++i) REQUIRE(detach_channel(bench.net(), fmt::format("#{}", i)).empty());
  CHECK(detach_channel(bench.net(), "#more") == "1000 detached channels are the most: join one first");
  CHECK(detach_channel(bench.net(), "#7").empty());  // it is already
  CHECK(attach_channel(bench.net(), "#7"));
  CHECK_FALSE(attach_channel(bench.net(), "#7"));
  CHECK(detach_channel(bench.net(), "#more").empty());
  CHECK(is_detached(bench.net(), "#MORE"));
}

TEST_CASE("An event is hidden when all channels that show it are detached") {
  tests::CoreBench bench;
  REQUIRE((detach_channel(bench.net(), "#a").empty() && detach_channel(bench.net(), "#b").empty()));
  const BufferId a = bench.net().buffers().find("#a"), b = bench.net().buffers().find("#b"),
                 c = bench.net().buffers().make("#c");
  EventId id = bench.user.head() + 1;
  const auto hidden = [&](std::vector<BufferId> buffers, Kind kind = Kind::kQuit, std::uint8_t flags = 0) {
    storage::Event event;
    event.id = id;
    event.network = 1;
    event.kind = static_cast<std::uint8_t>(kind);
    event.flags = flags;
    event.buffers = buffers;
    return bench.user.detached().hides(event);
  };
  CHECK(hidden({a, b}));
  id = bench.user.head();  // what was said before is still to be shown to who was behind
  CHECK_FALSE(hidden({a, b}));
  id = bench.user.head() + 1;
  CHECK_FALSE(hidden({a, c}));
  CHECK_FALSE(hidden({}));
  CHECK_FALSE(hidden({a, b}, Kind::kNick, event_flag::kSelf));
  bench.user.detached().forget_network(bench.user.id(), 1);
  CHECK_FALSE(hidden({a, b}));
}
