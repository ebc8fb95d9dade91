#include <catch2/catch.hpp>

#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("What waits to be said is listed and cancelled, by its user and by the operator") {
  RunnerBench bench;
  bench.add_kit();
  const auto list = bench.must("outbox list kit");
  CHECK_THAT(list.text, Catch::Contains("7  waiting  libera  #c  hello there"));
  CHECK(list.json[0]["target"] == "#c");
  const Caller kit{bench.accounts.find_user("kit")->id, false};
  CHECK(bench.must("outbox", "", kit).text == list.text);
  CHECK(bench.must("outbox cancel 7", "", kit).text == "line 7 forgotten");
  CHECK(bench.daemon.cancelled == std::vector<std::uint64_t>{7});
  CHECK(bench.run("outbox cancel kit 8").error == "no line of that number waits");
  CHECK(bench.run("outbox send 7", "", kit).error == "7 goes out by itself");
  CHECK(bench.run("outbox cancel kit x").status == 2);
  bench.runner = bench.make(nullptr);
  CHECK_THAT(bench.run("outbox list kit").error, Catch::Contains("no daemon runs"));
}
