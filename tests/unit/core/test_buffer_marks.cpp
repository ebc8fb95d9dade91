#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/core/buffer_marks.h"
#include "tests/fakes/core/cost_probe.h"
#include "tests/unit/core/states_bench.h"

namespace halley {
namespace {

struct MarksBench : tests::StatesBench {
  using StatesBench::StatesBench;
  std::vector<std::string> put() const {
    return StatesBench::put([](const storage::StateRecord& state) {
      return fmt::format("{} {}={}", state.network, state.key, state.value);
    });
  }
};

}  // namespace

TEST_CASE("a mark only grows, and each move is kept") {
  MarksBench bench;
  BufferMarks marks(bench.states, StateKind::kReadMarker, 1);
  CHECK_FALSE(marks.of(1, 5));
  CHECK(marks.advance(1, 5, 100));
  CHECK_FALSE(marks.advance(1, 5, 100));
  CHECK_FALSE(marks.advance(1, 5, 99));
  CHECK(marks.advance(2, 5, 1));
  CHECK(marks.advance(1, 5, 200));
  CHECK(marks.of(1, 5) == 200);
  CHECK(bench.put() == std::vector<std::string>{"1 5=100", "2 5=1", "1 5=200"});
  std::string told;
  marks.each(1, [&](BufferId buffer, std::int64_t time) { told += fmt::format("{}={} ", buffer, time); });
  CHECK(told == "5=200 ");
  bench.states.forget_network(2, 1);  // another user's
  CHECK(marks.of(1, 5) == 200);
  bench.states.forget_network(1, 1);
  CHECK_FALSE(marks.of(1, 5));
  CHECK(marks.of(2, 5) == 1);
}

TEST_CASE("marks are taken back at start; what nobody could have put is passed over") {
  MarksBench bench{{{.user = 1, .network = 3, .kind = 6, .key = "5", .value = "100"},
                    {.user = 1, .network = 3, .kind = 6, .key = "x", .value = "1"},
                    {.user = 1, .network = 3, .kind = 6, .key = "6", .value = ""},
                    {.user = 2, .network = 3, .kind = 6, .key = "7", .value = "1"}}};
  BufferMarks marks(bench.states, StateKind::kReadMarker, 1);
  CHECK(marks.of(3, 5) == 100);
  CHECK_FALSE(marks.of(3, 6));
  CHECK_FALSE(marks.of(3, 7));
}

TEST_CASE("marks are bounded: the one that was moved longest ago makes place") {
  MarksBench bench;
  BufferMarks marks(bench.states, StateKind::kReadMarker, 1);
  for (BufferId buffer = 1; buffer <= BufferMarks::kMostMarks; ++buffer) marks.advance(1, buffer, 1);
  marks.advance(1, 1, 2);  // the oldest is the second now
  marks.advance(1, 100'000, 1);
  CHECK(marks.of(1, 1) == 2);
  CHECK_FALSE(marks.of(1, 2));
  CHECK(marks.of(1, 3) == 1);
  CHECK(marks.of(1, 100'000) == 1);
  CHECK(std::ranges::count(bench.put(), "1 2=") == 1);
}

TEST_CASE("of ever new marks few have all looked at for the oldest") {
  MarksBench bench;
  BufferMarks marks(bench.states, StateKind::kReadMarker, 1);
  const BufferId most = 3 * BufferMarks::kMostMarks;
  for (BufferId buffer = 1; buffer <= most; ++buffer) {
    marks.advance(1, buffer, 1);
    if (buffer % 100 == 0) marks.advance(1, 1, static_cast<std::int64_t>(buffer));  // never the oldest
  }
  CHECK(CostProbe::searches(marks) <= 2 * BufferMarks::kMostMarks / 200);
  CHECK(marks.of(1, 1) == 12'000);
  CHECK_FALSE(marks.of(1, most - BufferMarks::kMostMarks));
  CHECK(marks.of(1, most - BufferMarks::kMostMarks + 2) == 1);
}

}  // namespace halley
