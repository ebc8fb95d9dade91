// Which events of the log somebody sent: what the store is asked to thin its answers out by.
//
// Pure. The filter has copies of all that it looks at: it is asked on the store's threads.
#pragma once

#include <cstdint>
#include <string>

#include "bouncer/irc/casemapping.h"
#include "storage/api/store.h"

namespace halley {

// Events of these kinds (bit k: of kind k) from this nick, as the network compares names; empty: from
// anybody.
storage::LineFilter said_by(std::string nick, irc::CaseMapping mapping, std::uint32_t kinds);

}  // namespace halley
