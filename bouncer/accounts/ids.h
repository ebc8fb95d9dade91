// The names of what is kept: storage's numbers, under which the bouncer speaks of users, networks, devices,
// buffers and events.
#pragma once

#include "storage/api/event.h"

namespace halley {

using storage::BufferId;
using storage::DeviceId;
using storage::EventId;
using storage::NetworkId;
using storage::UserId;

// Between a name and its network, for clients that are shown all networks (downstream/network_suffix.h). No
// network is called anything with it (is_account_name).
inline constexpr char kNetworkSign = '/';

}  // namespace halley
