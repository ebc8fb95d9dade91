#include <catch2/catch.hpp>

#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("Subscriptions to Web Push are listed and removed, by their user and by the operator") {
  RunnerBench bench;
  bench.add_kit();
  const auto list = bench.must("push list kit");
  CHECK_THAT(list.text, Catch::Contains("4  device phone  libera        https://push.example"));
  CHECK_THAT(list.text, Catch::Contains("not taken: its service answered 503"));
  CHECK_THAT(list.text, Catch::Contains("5  web login 2   all networks  https://other.example"));
  CHECK(list.json[0]["service"] == "https://push.example");
  const Caller kit{bench.accounts.find_user("kit")->id, false};
  CHECK(bench.must("push list", "", kit).text == list.text);
  CHECK(bench.must("push remove 4", "", kit).text == "subscription 4 removed");
  CHECK(bench.run("push remove kit 5").error == "there is no subscription 5; see push list");
  CHECK(bench.run("push remove kit x").status == 2);
  bench.runner = bench.make(nullptr);
  CHECK_THAT(bench.run("push list kit").error, Catch::Contains("no daemon runs"));
  CHECK_THAT(bench.run("push remove kit 4").error, Catch::Contains("no daemon runs"));
}
