#include <catch2/catch.hpp>

#include "bouncer/cli/command_examples.h"
#include "bouncer/cli/command_help.h"
#include "bouncer/cli/command_line.h"
#include "bouncer/cli/command_table.h"

using namespace halley::cli;

namespace {

// What the program is given of a line for a shell: what stands before it, redirections, and the options that
// each command has, fall away.
std::vector<std::string> words_of(std::string_view line) {
  const std::size_t program = line.find("halley ");
  REQUIRE(program != std::string_view::npos);
  const std::string_view before = line.substr(0, program);
  CHECK((before.empty() || before.ends_with("| ") || (before.starts_with("TZ=") && before.ends_with(' '))));
  line.remove_prefix(program + std::string_view("halley ").size());
  line = line.substr(0, std::min(line.find(" < "), line.find(" > ")));
  auto words = shell_words(line);
  REQUIRE(words.has_value());
  while (words->size() > 1 && (words->front() == "--config" || words->front() == "--data"))
    words->erase(words->begin(), words->begin() + 2);
  return *words;
}

}  // namespace

TEST_CASE("Each command has an example, and the table takes it") {
  for (const Command& command : commands()) {
    INFO(command.words);
    const auto examples = examples_of(command.words);
    REQUIRE_FALSE(examples.empty());
    const std::string help = help_text(command.words, {});
    for (const CommandExample& example : examples) {
      INFO(example.line);
      Input input(std::string("secret\n"));
      const auto parsed = parse_command(words_of(example.line), {}, &input);
      if (!parsed) FAIL(parsed.error().error);
      CHECK(parsed->command().words == command.words);
      CHECK_THAT(help, Catch::Contains(std::string(example.line)));
    }
    CHECK_THAT(help, Catch::Contains(examples.size() == 1 ? "\n\nexample: halley" : "\n\nexamples:\n  ") ||
                         Catch::Contains("\n\nexample: TZ="));
  }
}

TEST_CASE("Examples stand together by command, and none is of a command that there is not") {
  std::size_t found = 0;
  for (const Command& command : commands()) found += examples_of(command.words).size();
  CHECK(found == command_examples().size());
  CHECK(examples_of("user frobnicate").empty());
}

TEST_CASE("In band examples are left out: the words differ there") {
  const Caller user{7, false};
  CHECK_THAT(help_text("network add", user), !Catch::Contains("example: ") && !Catch::Contains("examples:"));
}
