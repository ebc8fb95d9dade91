// Lines of the log as people read them at a terminal: what was said, without what could change the terminal.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "storage/api/event.h"

namespace halley::cli {

// "<kit> hello", "* kit waves", "-- ann joined".
std::string said_text(const storage::Event& event);
// Text without mIRC's codes for colours and the like, and without control characters.
std::string printable(std::string_view text);

}  // namespace halley::cli
