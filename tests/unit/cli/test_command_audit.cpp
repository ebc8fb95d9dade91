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
  std::vector<std::string> heard, kept;
  Accounts accounts(
      {.store = store,
       .clock = clock,
       .random = random,
       .sealer = sealer,
       .config = config,
       .audit = Audit([&heard](Audit::Level, const std::string& line) { heard.push_back(line); },
                      [&kept](UserId about, const AuditEntry& entry) {
                        kept.push_back(std::to_string(about) + " " + entry.what + " by " + entry.who + ", " +
                                       entry.from);
                      })},
      {});
  DamageReports damage(store, {});
  CommandRunner runner({.accounts = accounts,
                        .config = config,
                        .sealer = sealer,
                        .clock = clock,
                        .store = store,
                        .damage = damage},
                       random, [](const auto& job, const auto& done) {
                         job();
                         done();
                       });
  const auto run = [&](const std::string& line, std::string input, Caller caller) {
    runner.run(caller, *shell_words(line), std::move(input), [](const CommandResult&) {});
  };
  run("user add kit --password-stdin", "canary-1", {});
  run("network add libera ircs://canary-2 pass=canary-3 nick=canary", "", {1, false});
  run("user passwd password=canary-4", "", {.user = 1, .admin = false, .proven_by = ProvenBy::kPassword});
  run("user list", "", {});
  run("user passwd canary-5", "", {1, false});
  run("batch", "user rename kit kate\nuser set kate retention-days=9\n", {});
  run("user disable kate", "", {});
  CHECK(heard == std::vector<std::string>{"user add kit by the operator", "network add libera by kit",
                                          "user passwd by kit", "batch of 2 commands by the operator",
                                          "user disable kate by the operator"});
  // The same with the account that it is about.
  CHECK(kept == std::vector<std::string>{"1 user add kit by the operator, the command line",
                                         "1 network add libera by kit, IRC", "1 user passwd by kit, IRC",
                                         "1 user rename kit kate by the operator, the command line",
                                         "1 user set kate by the operator, the command line",
                                         "1 user disable kate by the operator, the command line"});
}
