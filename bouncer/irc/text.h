// Names and texts: what fits into a line, and what may stand in it. Source:
// https://modern.ircdocs.horse/#connection-setup, RFC 2812 section 2.3.1. Pure; any thread. Views point into
// the arguments.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/irc/message.h"

namespace halley::irc {

// "nick!user@host", or what of it is there.
void append_prefix(std::string& out, const Prefix& prefix);
std::string format_prefix(const Prefix& prefix);

// Cuts `text` into parts of at most `max_bytes` each (less than 4 counts as 4): between words where a space
// is near, never inside a UTF-8 sequence. The one space at a cut between words is left out. At least one
// part, which is empty for an empty text.
std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes);

// Bytes left for the text of ":source COMMAND target :text\r\n" as others receive it. 0 when nothing fits.
std::size_t text_room(std::size_t source_bytes, std::string_view command, std::string_view target);

// What some real network accepts as a nick: RFC 2812's characters and any byte above ASCII, at most 64 bytes.
bool is_valid_nick(std::string_view nick);
// One of `chantypes` first; no space, comma, BEL, NUL, CR or LF; at most 200 bytes (RFC 1459 section 1.3).
bool is_valid_channel(std::string_view channel, std::string_view chantypes = "#&");

}  // namespace halley::irc
