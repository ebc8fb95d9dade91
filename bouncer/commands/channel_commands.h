// Channels and queries as clients ask for them: JOIN and PART, and what is kept without being shown
// (core/detached.h).
//
// Thread: the loop's. Nothing is kept here. Each is a row of client_commands.cpp: empty, or why not.
#pragma once

#include <string>
#include <string_view>

#include "bouncer/commands/client_command.h"

namespace halley {

std::string join_channels(const ClientCommand& command);
std::string part_channels(const ClientCommand& command);
// They stay joined, and ordinary clients are shown nothing of them: none, or those of this device alone.
std::string detach_channels(const ClientCommand& command);
std::string hide_buffers(const ClientCommand& command);
std::string show_buffers(const ClientCommand& command);
// Who speaks to a query that their device hides is to hear the answer.
void show_query(const ClientCommand& command, std::string_view target);

}  // namespace halley
