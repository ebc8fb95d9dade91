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

}  // namespace halley
