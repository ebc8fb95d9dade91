// What a user is told when a network refuses their SASL login: why, and what they can do about it from any
// client, as the link stays away until then.
//
// Pure. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "storage/api/rows.h"

namespace halley {

// One sentence for `why`, in the network's words or ours.
std::string sasl_refusal(const storage::NetworkRow& network, std::string_view why);

}  // namespace halley
