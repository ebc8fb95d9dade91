// What the commands of clients have in common: how one goes to the network as it is, and why it does not.
//
// Thread: the loop's. Nothing is kept here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bouncer/commands/client_command.h"

namespace halley {

// "a,b" as its parts, without empty ones.
std::vector<std::string_view> split_commas(std::string_view list);
// Why nothing was sent: the link is down; too much waits for it.
std::string not_connected(const Network& network);
std::string network_full(const Network& network);
// The client-only tags (+typing, +draft/reply...) of the command, unless the network takes none.
std::string client_tags(const ClientCommand& command);
// The command goes out as it is, and the answers come back to who asked. Not empty: why it does not.
std::string forward(const ClientCommand& command);

}  // namespace halley
