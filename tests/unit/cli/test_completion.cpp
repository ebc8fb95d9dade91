#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "bouncer/cli/command_table.h"
#include "bouncer/cli/completion.h"
#include "tests/fakes/temp_directory.h"

using namespace halley::cli;

namespace {

// What bash would offer for these words, of which the last is being typed.
std::string offered(const std::string& words, int count) {
  const halley::fakes::TempDirectory folder;
  const std::string file = (folder.path() / "script").string();
  std::ofstream(file) << *completion_script("bash") << "COMP_WORDS=(halley " << words
                      << ")\nCOMP_CWORD=" << count << "\n_halley\nprintf '%s ' \"${COMPREPLY[@]}\"\n";
  FILE* pipe = ::popen(("bash " + file).c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 4096> buffer{};
  for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), got);
  REQUIRE(::pclose(pipe) == 0);
  return " " + out;
}

}  // namespace

TEST_CASE("Each command and each option is in the completion of each shell") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell);
    REQUIRE(script);
    for (const Command& command : commands()) {
      INFO(shell << ": " << command.words);
      CHECK_THAT(*script, Catch::Contains(std::string(command.words.substr(command.words.find(' ') + 1))));
      for (const OptionSpec& option : command.options)
        CHECK_THAT(*script, Catch::Contains(std::string(option.name)));
    }
  }
  CHECK_FALSE(completion_script("tcsh"));
}

TEST_CASE("bash completes commands, their second words, and their options") {
  CHECK_THAT(offered("us", 1), Catch::Contains(" user ") && !Catch::Contains(" network "));
  CHECK_THAT(offered("--config /etc/x network re", 4),
             Catch::Contains(" remove ") && Catch::Contains(" rename "));
  CHECK_THAT(offered("network set kit libera --sa", 5),
             Catch::Contains(" --sasl ") && Catch::Contains(" --sasl-password-stdin "));
  CHECK_THAT(offered("user remove kit -", 4), Catch::Contains(" --yes ") && Catch::Contains(" --json "));
}
