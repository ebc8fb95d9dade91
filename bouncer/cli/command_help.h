// What the command table says to people: usage, help, and what was meant by a word that is no command.
// Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bouncer/cli/command.h"

namespace halley::cli {

// "halley network add USER NAME URL [--nick N] ..." as this caller writes it.
std::string usage_line(const Command& command, const Caller& caller);
// Help on everything, on a group ("user") or on one command, for this caller. Empty: there is no such word.
std::string help_text(std::string_view words, const Caller& caller);
// "unknown command ...; did you mean ...?" for words that name no command.
std::string unknown_command(const std::vector<std::string>& args, const Caller& caller);

}  // namespace halley::cli
