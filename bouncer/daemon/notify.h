// Tells the service manager how the service stands, when it asks by $NOTIFY_SOCKET: sd_notify(3), whose
// protocol is one datagram and is kept stable for programs that do it themselves. libsystemd with all that it
// loads costs each daemon a megabyte of memory. Any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace halley {

// `state` as sd_notify(3) has it: "READY=1", "STOPPING=1". Nothing happens when nobody asks; an error is one
// sentence.
std::expected<void, std::string> notify_service_manager(std::string_view state);

// How often it wants to hear "WATCHDOG=1" at least, in milliseconds: $WATCHDOG_USEC, when that is for this
// process (sd_watchdog_enabled(3)). 0: it does not ask. The error is one sentence.
std::expected<std::uint64_t, std::string> watchdog_period_ms();

}  // namespace halley
