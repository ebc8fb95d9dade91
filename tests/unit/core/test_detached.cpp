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
  const auto hidden = [&](std::vector<BufferId> buffers, EventKind kind = EventKind::kQuit,
                          std::uint8_t flags = 0) {
    storage::Event event;
    event.id = id;
    event.network = 1;
    event.kind = static_cast<std::uint8_t>(kind);
    event.flags = flags;
    event.buffers = buffers;
    return bench.user.detached().hides(event, 1);
  };
  CHECK(hidden({a, b}));
  id = bench.user.head();  // what was said before is still to be shown to who was behind
  CHECK_FALSE(hidden({a, b}));
  id = bench.user.head() + 1;
  CHECK_FALSE(hidden({a, c}));
  CHECK_FALSE(hidden({}));
  CHECK_FALSE(hidden({a, b}, EventKind::kNick, event_flag::kSelf));
  bench.user.detached().forget_network(bench.user.id(), 1);
  CHECK_FALSE(hidden({a, b}));
}

TEST_CASE("The devices of a user hide 1,000 channels and queries at most") {
  tests::CoreBench bench;
  for (int i = 0; i < 1000; ++i)
    REQUIRE(hide_on_device(bench.net(), i % 2 + 1, fmt::format("#{}", i)).empty());
  CHECK(hide_on_device(bench.net(), 3, "bob") ==
        "1000 channels and queries are the most that devices hide: show one first");
  CHECK(hide_on_device(bench.net(), 2, "#7").empty());  // it does already
  CHECK(detach_channel(bench.net(), "#7").empty());     // which has a bound of its own
  CHECK(show_on_device(bench.net(), 2, "#7"));
  CHECK_FALSE(show_on_device(bench.net(), 2, "#7"));
  CHECK_FALSE(show_on_device(bench.net(), Detached::kAllDevices, "#7"));
  CHECK(is_detached(bench.net(), "#7"));
  CHECK(hide_on_device(bench.net(), 3, "bob").empty());
}

TEST_CASE("An event is hidden from a device when it or all hide each buffer of it") {
  tests::CoreBench bench;
  REQUIRE((detach_channel(bench.net(), "#all").empty() && hide_on_device(bench.net(), 5, "#one").empty()));
  const BufferId all = bench.net().buffers().find("#all"), one = bench.net().buffers().find("#one"),
                 none = bench.net().buffers().make("#none");
  const auto hidden = [&](std::vector<BufferId> buffers, DeviceId device) {
    storage::Event event;
    event.id = bench.user.head() + 1;
    event.network = 1;
    event.kind = static_cast<std::uint8_t>(EventKind::kQuit);
    event.buffers = buffers;
    return bench.user.detached().hides(event, device);
  };
  CHECK((hidden({all}, 5) && hidden({one}, 5) && hidden({all, one}, 5)));
  CHECK((hidden({all}, 6) && !hidden({one}, 6) && !hidden({all, one}, 6)));
  CHECK_FALSE(hidden({one, none}, 5));
  CHECK(bench.user.detached().of(1, 5) == std::vector{one});
  CHECK(bench.user.detached().of(1) == std::vector{all});
  bench.user.detached().forget_device(5);
  CHECK_FALSE(hidden({one}, 5));
  CHECK(hidden({all}, 5));
  CHECK(bench.user.detached().of_devices().empty());
}

TEST_CASE("The buffers that a device hides are hidden from nobody once they are gone") {
  tests::CoreBench bench;
  bench.net().state().join("#c");
  REQUIRE((detach_channel(bench.net(), "#c").empty() && hide_on_device(bench.net(), 5, "#c").empty()));
  const BufferId buffer = bench.net().buffers().find("#c");
  CHECK(bench.user.detached().of_buffer(1, buffer).size() == 2);
  CHECK(bench.states.kept_buffers(bench.user.id()) == std::vector{buffer});
  CHECK(bench.states.kept_buffers(bench.user.id() + 1).empty());
  bench.states.forget_buffer(bench.user.id() + 1, 1, buffer);  // another user's
  CHECK_FALSE(bench.user.detached().empty());
  bench.states.forget_buffer(bench.user.id(), 1, buffer);
  CHECK(bench.user.detached().empty());
  // With a disk that is stalled, too.
  REQUIRE(hide_on_device(bench.net(), 5, "#c").empty());
  bench.fill_journal();
  while (bench.journal->has_room(storage::kMaxRecord)) bench.say("and more");
  bench.states.forget_buffer(bench.user.id(), 1, buffer);
  CHECK(bench.user.detached().empty());
}
