// Lines of the log as people read them at a terminal: what was said, without what could change the terminal.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/api/event.h"

namespace halley::cli {

// "<kit> hello", "* kit waves", "-- ann joined".
std::string said_text(const storage::Event& event);
// Text without mIRC's codes for colours and the like, and without control characters.
std::string printable(std::string_view text);
// "2026-11-22", "2026-11-22T16:08:05Z", "2026-11-22 16:08" (UTC): milliseconds since 1970.
std::optional<std::int64_t> parse_moment(std::string_view text);

}  // namespace halley::cli
