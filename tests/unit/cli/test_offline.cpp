// Commands on the files, when no daemon holds them.
#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "bouncer/cli/command_table.h"
#include "bouncer/cli/offline.h"
#include "tests/fakes/temp_directory.h"

using namespace halley;
using namespace halley::cli;

namespace {

// "user add" as two.
std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words;
  std::istringstream all{std::string(command.words)};
  for (std::string word; all >> word;) words.push_back(word);
  return words;
}

}  // namespace

TEST_CASE("what only looks, or changes what is there, makes no store where there is none") {
  const fakes::TempDirectory folder;
  Config config;
  const bool there = GENERATE(true, false);
  config.data_dir = folder.path() / "data";
  if (there) std::filesystem::create_directory(config.data_dir);
  for (const Command& command : commands()) {
    if (command.traits.makes_store || command.who == Who::kProgram) continue;
    const auto words = words_of(command);
    INFO(command.words);
    const CommandResult answer = run_offline(config, {words, {}});
    CHECK(answer.status != 0);
    CHECK_THAT(answer.error, Catch::Contains("there are no data of Halley's in"));
    CHECK(std::filesystem::exists(config.data_dir) == there);
    if (there) CHECK(std::filesystem::is_empty(config.data_dir));
  }
}

TEST_CASE("what may make a store leaves none when it fails") {
  const fakes::TempDirectory folder;
  Config config;
  const bool there = GENERATE(true, false);
  config.data_dir = folder.path() / "data";
  if (there) std::filesystem::create_directory(config.data_dir);
  const CommandResult answer = run_offline(config, {{"user", "add", "no name"}, "secret-word\n"});
  CHECK(answer.status != 0);
  CHECK(std::filesystem::exists(config.data_dir) == there);
  if (there) CHECK(std::filesystem::is_empty(config.data_dir));
}
