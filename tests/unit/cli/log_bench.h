// Commands over a real store with a log: one user, kit, with the networks libera and oftc.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "bouncer/cli/command_line.h"
#include "bouncer/cli/command_runner.h"
#include "tests/fakes/net/fake_clock.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fakes/temp_directory.h"
#include "tests/unit/storage/sample_events.h"
#include "tests/unit/storage/store_fixture.h"

namespace halley::tests {

struct LogBench {
  LogBench() {
    config.data_dir = directory.path();
    storage::StoreOptions options;
    options.directory = directory.path();
    options.journal_bytes = 1 << 20;
    auto opened = storage::open_store(options, queue.post());
    REQUIRE(opened);
    open = std::move(*opened);
    REQUIRE(Sealer::open(directory / "halley.key", random));  // doctor looks whether it is there
    accounts.emplace(
        Accounts::Parts{
            .store = *open.store, .clock = clock, .random = random, .sealer = sealer, .config = config},
        open.loaded);
    damage.emplace(*open.store, open.loaded.damage);
    runner.emplace(cli::CommandEnvironment{.accounts = *accounts,
                                           .config = config,
                                           .sealer = sealer,
                                           .clock = clock,
                                           .store = *open.store,
                                           .damage = *damage},
                   random, [](const auto& job, const auto& done) {
                     job();
                     done();
                   });
    REQUIRE(accounts->add_user("kit", "", false));
    for (const char* name : {"libera", "oftc"}) {
      Accounts::NetworkDraft draft;
      draft.settings.set("url", "ircs://irc.example.org");
      REQUIRE(accounts->add_network("kit", name, draft));
    }
    accounts->flush(nullptr);
    buffer(1, 1, "#comet");
    buffer(2, 1, "");
    buffer(3, 2, "#comet");
  }

  void buffer(storage::BufferId id, storage::NetworkId network, std::string_view name) {
    open.journal->append(storage::BufferRecord{.id = id, .user = 1, .network = network, .name = name});
  }
  // `line` from `second` of a day in November 2023 on; the text begins behind the last " :".
  void log(int second, storage::BufferId in, std::string line, int micro = 0, int time_ahead_ms = 0) {
    storage::Sample sample = storage::said(
        storage::kStart + 1'000'000ULL * static_cast<unsigned>(second) + static_cast<unsigned>(micro), "");
    sample.time_ms += time_ahead_ms;
    sample.network = in == 3 ? 2 : 1;
    sample.buffers = {in};
    sample.line = std::move(line);
    sample.kind = 1;
    sample.text_at = static_cast<std::uint16_t>(sample.line.rfind(" :") + 2);
    open.journal->append(sample.view());
  }
  cli::CommandResult run(const std::string& line, cli::Caller caller = {}) {
    std::optional<cli::CommandResult> answer;
    runner->run(caller, *cli::shell_words(line), "",
                [&answer](cli::CommandResult result) { answer = std::move(result); });
    while (!answer) queue.run_one();
    return *answer;
  }
  cli::CommandResult must(const std::string& line, cli::Caller caller = {}) {
    cli::CommandResult result = run(line, caller);
    INFO(line << ": " << result.error);
    REQUIRE(result.status == 0);
    return result;
  }

  fakes::TempDirectory directory;
  fakes::FakeClock clock;
  fakes::FakeRandom random;
  Sealer::Key key{1, 2, 3};
  Sealer sealer{key, random};
  Config config;
  storage::PostQueue queue;
  storage::OpenStore open;
  std::optional<Accounts> accounts;
  std::optional<DamageReports> damage;
  std::optional<cli::CommandRunner> runner;
};

}  // namespace halley::tests
