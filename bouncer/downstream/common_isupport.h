// What RPL_ISUPPORT tells a client that is shown several networks at once: what holds for the names that it
// sees (network_suffix.h), and of what differs what takes in all of them.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "bouncer/irc/isupport.h"

namespace halley {

// Tokens with a space before each: CHANTYPES, PREFIX, CHANMODES, STATUSMSG, NICKLEN, CHANNELLEN and MONITOR.
// Of a mode that two networks use otherwise the first one's use is told. `longest`: bytes of the longest name
// of a network, which stand behind each name.
std::string common_isupport(std::span<const irc::Isupport* const> networks, std::size_t longest);

}  // namespace halley
