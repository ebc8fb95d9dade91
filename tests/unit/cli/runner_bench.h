// A CommandRunner with accounts in memory and a daemon that says what it is told to: where tests of commands
// begin.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bouncer/cli/command_runner.h"
#include "tests/fakes/cli/fake_daemon.h"
#include "tests/fakes/net/fake_loop.h"
#include "tests/unit/accounts/accounts_bench.h"

namespace halley::tests {

using namespace cli;

struct RunnerBench : AccountsBench {
  fakes::FakeLoop loop{clock};
  fakes::FakeDaemon daemon;
  DamageReports damage{store, {}};
  std::unique_ptr<CommandRunner> runner = make(&daemon);
  std::optional<CommandResult> answer;

  std::unique_ptr<CommandRunner> make(Daemon* with) {
    return std::make_unique<CommandRunner>(
        CommandEnvironment{.accounts = accounts,
                           .config = config,
                           .sealer = sealer,
                           .clock = clock,
                           .store = store,
                           .damage = damage,
                           .daemon = with},
        random, [this](auto job, auto done) { loop.work(std::move(job), std::move(done)); });
  }
  CommandResult run(const std::string& line, std::string input = "", Caller caller = {}) {
    answer.reset();
    runner->run(caller, *shell_words(line), std::move(input),
                [this](CommandResult result) { answer = std::move(result); });
    loop.run_turns();
    REQUIRE(answer.has_value());
    return *answer;
  }
  CommandResult must(const std::string& line, std::string input = "", Caller caller = {}) {
    CommandResult result = run(line, std::move(input), caller);
    INFO(line << ": " << result.error);
    REQUIRE(result.status == 0);
    return result;
  }
  void add_kit() { must("user add kit --password-hash-stdin", std::string(kCheapHash) + "\n"); }
};

}  // namespace halley::tests
