#include <catch2/catch.hpp>

#include "bouncer/cli/command_line.h"
#include "bouncer/cli/command_runner.h"
#include "tests/unit/accounts/accounts_bench.h"

using namespace halley;
using namespace halley::cli;

TEST_CASE("The log says who changed what, by name, and no value") {
  fakes::MemoryStore store;
  fakes::FakeClock clock;
  fakes::FakeRandom random;
  Sealer::Key key{1};
  const Sealer sealer{key, random};
  const Config config;
  std::vector<std::string> heard;
  Accounts accounts(
      {.store = store,
       .clock = clock,
       .random = random,
       .sealer = sealer,
       .config = config,
       .audit = Audit([&heard](Audit::Level, const std::string& line) { heard.push_back(line); })},
      {});
  DamageReports damage(store, {});
  CommandRunner runner({.accounts = accounts,
                        .config = config,
                        .sealer = sealer,
                        .random = random,
                        .clock = clock,
                        .store = store,
                        .damage = damage},
                       [](const auto& job, const auto& done) {
                         job();
                         done();
                       });
  const auto run = [&](const std::string& line, std::string input, Caller caller) {
    runner.run(caller, *shell_words(line), std::move(input), [](const CommandResult&) {});
  };
  run("user add kit --password-stdin", "canary-1", {});
  run("network add libera ircs://canary-2 pass=canary-3 nick=canary", "", {1, false});
  run("user passwd password=canary-4", "", {.user = 1, .admin = false, .asked = Asked::kByPassword});
  run("user list", "", {});
  run("user passwd canary-5", "", {1, false});
  run("batch", "user rename kit kate\nuser set kate admin=yes\n", {});
  run("user disable kate", "", {});
  CHECK(heard == std::vector<std::string>{"user add kit by the operator", "network add libera by kit",
                                          "user passwd by kit", "batch of 2 commands by the operator",
                                          "user disable kate by the operator"});
}
