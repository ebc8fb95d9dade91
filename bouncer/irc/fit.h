// Lines cut to what an ordinary client takes: 512 bytes with CR LF, tags apart (RFC 1459 section 2.3).
// Networks with longer lines (LINELEN) exist, and what we add to a line of theirs - a time, an account, a
// channel's topic with another head - may make it longer than it was.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string>

#include "bouncer/irc/message.h"

namespace halley::irc {

// Bytes of a line that a client is given, without its tags and CR LF.
inline constexpr std::size_t kClientFits = kMaxBody - 2;

// The line that begins at out[at], without tags and CR LF, as one of at most kClientFits bytes. What it is
// about stays whole: a text is cut at its end, never inside a UTF-8 sequence, a list at its last separator;
// before a text becomes very short the user and host of the source go. False: a name in it is too long to be
// told, and out ends at `at`.
bool fit_line(std::string& out, std::size_t at);

}  // namespace halley::irc
