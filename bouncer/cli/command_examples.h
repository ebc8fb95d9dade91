// Examples of each command, for its help: lines for a shell as an operator types them. Constant; any thread.
#pragma once

#include <span>
#include <string_view>

namespace halley::cli {

struct CommandExample {
  std::string_view words;  // the row of the command table that it is an example of
  std::string_view line;   // "halley user add kit", with what may stand around it in a shell
};

// Those of one command stand together.
std::span<const CommandExample> command_examples();
// Those of the command of exactly these words.
std::span<const CommandExample> examples_of(std::string_view words);

}  // namespace halley::cli
