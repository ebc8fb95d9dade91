#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "tests/unit/cli/runner_bench.h"

using namespace halley;
using namespace halley::cli;
using halley::tests::kCheapHash;
using halley::tests::RunnerBench;

namespace {

const nlohmann::json& named(const CommandResult& all, const std::string& name) {
  const auto at = std::ranges::find_if(all.json, [&](const auto& one) { return one["name"] == name; });
  REQUIRE(at != all.json.end());
  return *at;
}

void add_two(RunnerBench& bench) {
  bench.add_kit();
  bench.must("user add ann --password-hash-stdin", std::string(kCheapHash) + "\n");
  const UserId kit = bench.accounts.find_user("kit")->id;
  bench.store.usage = {{.user = kit, .lines = 12'345, .bytes = 1'234'567}};
}

}  // namespace

TEST_CASE("user list tells how much of each user is in the log") {
  RunnerBench bench;
  add_two(bench);
  const CommandResult all = bench.must("user list");
  CHECK(named(all, "kit")["log_lines"] == 12'345);
  CHECK(named(all, "kit")["log_bytes"] == 1'234'567);
  CHECK(named(all, "ann")["log_lines"] == 0);
  CHECK_THAT(all.text, Catch::Contains("12345 lines, 1.2 MB") && Catch::Contains("0 lines, 0 B"));
  // A batch does not wait for the store.
  CHECK_FALSE(bench.must("batch", "user list\n").json[0][0].contains("log_lines"));
}

TEST_CASE("user show tells what a user's lines and uploaded files take, the files while a daemon runs") {
  RunnerBench bench;
  add_two(bench);
  bench.daemon.uploaded = {{.name = "a.png", .bytes = 1'000'000}, {.name = "b.png", .bytes = 500'000}};
  const CommandResult shown = bench.must("user show kit");
  CHECK(shown.json["log_lines"] == 12'345);
  CHECK(shown.json["log_bytes"] == 1'234'567);
  CHECK(shown.json["uploads"]["files"] == 2);
  CHECK(shown.json["uploads"]["bytes"] == 1'500'000);
  CHECK_THAT(shown.text, Catch::Contains("12345 lines, 1.2 MB") && Catch::Contains("2 files, 1.5 MB"));
  // Users see their own.
  const CommandResult own = bench.must("user show", "", {.user = 1, .admin = false});
  CHECK(own.json["log_lines"] == 12'345);
  bench.runner = bench.make(nullptr);
  const CommandResult stopped = bench.must("user show kit");
  CHECK(stopped.json["log_lines"] == 12'345);
  CHECK(stopped.json["uploads"].is_null());
  CHECK_THAT(stopped.text, !Catch::Contains("uploads"));
}

TEST_CASE("the last administrator is not disabled, removed or demoted, in band and from the command line") {
  RunnerBench bench;
  bench.must("user add ann --admin --password-hash-stdin", std::string(kCheapHash) + "\n");
  for (const char* line : {"user disable ann", "user remove ann --yes", "user set ann admin=no"}) {
    INFO(line);
    for (const Caller& caller : {Caller{}, Caller{1, true}})
      CHECK_THAT(bench.run(line, "", caller).error, Catch::Contains("ann is the last administrator"));
  }
  CHECK(bench.accounts.find_user("ann")->admin);
}

TEST_CASE("user show tells what holds where nothing is set, and that it is the default") {
  RunnerBench bench;
  bench.config.limits.networks_per_user = 7;
  bench.config.limits.idle_days = 0;
  bench.config.history.retention_days = 30;
  bench.config.history.text_logs = true;
  bench.add_kit();
  const std::string shown = bench.must("user show kit").text;
  for (const char* row :
       {"max-networks    7 (the default, limits.networks_per_user)",
        "idle-days       never (the default, limits.idle_days)",
        "retention-days  30 (the default, history.retention_days)",
        "text-logs       yes (the default, history.text_logs)", "upload-quota    100 (the default)",
        "reattach-on     highlight (the default)", "auto-away       none"})
    CHECK_THAT(shown, Catch::Contains(row));
  bench.must("user set kit max-networks=0 idle-days=9");
  CHECK_THAT(bench.must("user show kit").text,
             Catch::Contains("max-networks    0\n") && Catch::Contains("idle-days       9\n"));
  CHECK_THAT(bench.run("network add kit libera ircs://h").error, Catch::Contains("max-networks"));
}
