// Lines that were taken back.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/core/redactions.h"
#include "tests/unit/core/states_bench.h"

using namespace halley;

TEST_CASE("4,000 lines are known as taken back; of more the one taken back longest ago is shown again") {
  tests::StatesBench bench({}, std::size_t{4} << 20);
  Redactions redactions(bench.states, 1);
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
