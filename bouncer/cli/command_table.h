// The one table of commands. Constant; any thread.
#pragma once

#include <span>
#include <string_view>

#include "bouncer/cli/command.h"

namespace halley::cli {

std::span<const Command> commands();
// The row of exactly these words; null: none.
const Command* find_command(std::string_view words);
bool may_use(const Command& command, const Caller& caller);

}  // namespace halley::cli
