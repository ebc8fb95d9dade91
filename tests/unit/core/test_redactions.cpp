// Lines that were taken back.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/redactions.h"
#include "tests/unit/core/states_bench.h"

using namespace halley;

TEST_CASE("4,000 lines are known as taken back; of more the one taken back longest ago is forgotten") {
  tests::StatesBench bench({}, std::size_t{4} << 20);
  Redactions redactions(bench.states, bench.store, 1);
  const storage::BufferId buffer = 7;
  const auto gone = [&](std::string_view msgid) {
    storage::Event event{};
    event.network = 2;
    event.msgid = msgid;
    event.buffers = {&buffer, 1};
    return redactions.has(event);
  };
  // The keys are in another order than the times.
  for (int i = 0; i < 4000; ++i) redactions.add(2, buffer, fmt::format("m{}", 9000 - i));
  CHECK(gone("m9000"));
  redactions.add(2, buffer, "last");
  CHECK_FALSE(gone("m9000"));
  CHECK(gone("m8999"));
  CHECK(gone("last"));
}

TEST_CASE("The text of what was taken back is erased, 64 lines at once, and after a crash again") {
  tests::StatesBench bench;
  bench.store.held = true;
  const auto asked = [&] { return bench.store.count<storage::EraseText>(); };
  const auto values = [&] {
    return bench.put([](const auto& state) { return fmt::format("{} {}", state.key, state.value); });
  };
  {
    Redactions redactions(bench.states, bench.store, 1);
    redactions.add(2, 7, "m0");
    REQUIRE(asked() == 1);
    const auto& first = bench.store.last<storage::EraseText>();
    CHECK((first.user == 1 && first.network == 2 && first.buffer == 7 && first.msgid == "m0"));
    CHECK((first.kinds & kind_bit(EventKind::kJoin)) == 0);
    for (int i = 1; i <= 100; ++i) redactions.add(2, 7, fmt::format("m{}", i));
    CHECK(asked() == 1);
    bench.store.waiting.at(0)({});
    CHECK(asked() == 65);
    CHECK(values().back() == "m0 7 erased");
    bench.store.waiting.at(1)(std::unexpected("no"));  // these are asked for again at the next start
    CHECK(asked() == 101);
  }
  bench.store.waiting.at(2)({});  // too late to be kept
  tests::StatesBench next(
      {{.user = 1, .network = 2, .device = 0, .kind = 8, .key = "m0", .value = "7 erased"},
       {.user = 1, .network = 2, .device = 0, .kind = 8, .key = "m1", .value = "7"}});
  Redactions redactions(next.states, next.store, 1);
  CHECK((redactions.has(2, 7, "m0") && redactions.has(2, 7, "m1")));
  REQUIRE(next.store.count<storage::EraseText>() == 1);
  CHECK(next.store.last<storage::EraseText>().msgid == "m1");
  CHECK(next.put([](const auto& state) { return std::string(state.value); }).back() == "7 erased");
}
