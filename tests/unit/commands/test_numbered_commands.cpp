// Commands of browsers, each done once.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/commands/numbered_commands.h"
#include "tests/unit/core/core_bench.h"

using namespace halley;
using namespace halley::tests;

namespace {

struct CommandsBench : CoreBench {
  NumberedCommands commands{states};
  NumberedCommands::Outcome run(const std::string& client, std::uint64_t seq, std::string_view line) {
    return commands.run(user, Asker::program(),
                        {.client = client, .seq = seq, .network = "nowhere", .line = line});
  }
};
using Did = NumberedCommands::Outcome::Kind;

}  // namespace

TEST_CASE("the last commands of 64 programs are remembered; of more the least recent is forgotten") {
  CommandsBench bench;
  for (int i = 0; i < 65; ++i) CHECK(bench.run("c" + std::to_string(i), 1, "PING x").kind == Did::kDone);
  const auto forgotten = bench.run("c0", 2, "PING x");
  CHECK(forgotten.kind == Did::kHole);
  CHECK(forgotten.seq == 1);
  CHECK(bench.run("c1", 2, "PING x").kind == Did::kDone);
}

TEST_CASE("of an answer 4 KiB are remembered and told") {
  CommandsBench bench;
  const std::string network(5'000, 'n');
  const auto answer = bench.commands.run(bench.user, Asker::program(),
                                         {.client = "c", .seq = 1, .network = network, .line = "PING x"});
  CHECK(answer.result.size() == 4'096);
  CHECK(answer.result.starts_with("no network is called 'nnn"));
}
