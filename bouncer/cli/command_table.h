// The one table of commands. Constant; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/cli/command.h"

namespace halley::cli {

std::span<const Command> commands();
// The row of exactly these words; null: none.
const Command* find_command(std::string_view words);
bool may_use(const Command& command, const Caller& caller);

// "halley network add USER NAME URL [--nick N] ..." as this caller writes it.
std::string usage_line(const Command& command, const Caller& caller);
// Help on everything, on a group ("user") or on one command, for this caller. Empty: there is no such word.
std::string help_text(std::string_view words, const Caller& caller);
// "unknown command ...; did you mean ...?" for words that name no command.
std::string unknown_command(const std::vector<std::string>& args, const Caller& caller);

}  // namespace halley::cli
