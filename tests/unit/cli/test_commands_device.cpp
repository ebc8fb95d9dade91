#include <catch2/catch.hpp>

#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::RunnerBench;

TEST_CASE("What a device hides is set and listed while a daemon runs, by its user and by the operator") {
  RunnerBench bench;
  bench.add_kit();
  bench.must("network add kit libera ircs://h");
  bench.must("device add kit bot");
  CHECK(bench.must("device list kit").json[0]["hidden"] == nlohmann::json::array());
  CHECK(bench.must("device hide kit bot libera '#comet'").text == "device bot hides #comet on libera");
  const Caller kit{bench.accounts.find_user("kit")->id, false};
  bench.must("device hide bot libera bob", "", kit);
  CHECK_THAT(bench.must("device list kit").text, Catch::Contains("  hides libera/#comet, libera/bob"));
  CHECK(bench.must("device list kit").json[0]["hidden"][1]["target"] == "bob");
  CHECK(bench.must("device unhide kit bot libera bob").text == "device bot shows bob on libera");
  CHECK(bench.run("device unhide kit bot libera bob").error == "it does not hide that");
  CHECK(bench.run("device hide kit bot libera 'a b'").error == "that is no nick or channel");
  CHECK(bench.run("device hide kit phone libera bob").error ==
        "kit has no device \"phone\"; see device list");
  CHECK_THAT(bench.run("device hide kit bot nowhere bob").error, Catch::Contains("nowhere"));
  bench.runner = bench.make(nullptr);
  CHECK_THAT(bench.run("device hide kit bot libera bob").error, Catch::Contains("no daemon runs"));
  CHECK(bench.must("device list kit").json[0]["hidden"].is_null());
}
