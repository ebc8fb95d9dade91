// Lines and files as ZNC's log module has them, which people's scripts read: "[12:34:56] <ann> hello" in
// USER/NETWORK/WINDOW/2026-11-22.log.
// Source: https://github.com/znc/znc/blob/master/modules/log.cpp
//
// Pure. Any thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace halley::transfer {

// The words behind the time, one line each: "<ann> hello", "* ann waves", "*** Joins: ann (a@host)". None:
// that module writes nothing of the kind. `line` is one of the log (storage::Event).
std::vector<std::string> znc_words(std::string_view line, bool multiline);

// A name as one part of a path: without what leads elsewhere, in at most 200 bytes. A window's is in lower
// case; that of the network's own messages, which has no name, is "status".
std::string znc_part(std::string_view name);
std::string znc_window(std::string_view name);

std::string znc_file(const std::tm& time);   // "2026-11-22.log"
std::string znc_stamp(const std::tm& time);  // "[12:34:56] "

}  // namespace halley::transfer
