// From words to a command that fits its row of the table. Pure; any thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/cli/command.h"

namespace halley::cli {

// Splits as a shell does: blanks between words, '...' as it is, "..." and backslashes with escapes. The error
// says what is not closed. At most 256 words.
std::expected<std::vector<std::string>, std::string> shell_words(std::string_view line);

// Where secrets come from that the words only name.
class Input {
 public:
  explicit Input(std::string text) : text_(std::move(text)) {}
  // The next line without its end; false when there is none.
  bool line(std::string& out);
  std::string rest();

 private:
  std::string text_;
  std::size_t at_ = 0;
};

// `input` null: secrets are inline only (batch, in band). An error is a CommandResult of status 2 (or 1, when
// the caller may not), and help that was asked for one of status 0.
std::expected<ParsedCommand, CommandResult> parse_command(const std::vector<std::string>& args,
                                                          const Caller& caller, Input* input);

// Does any of these words take from standard input?
bool wants_input(const std::vector<std::string>& args);

}  // namespace halley::cli
