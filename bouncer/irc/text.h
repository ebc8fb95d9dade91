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

// Names that peers make, in bytes: more than any known network allows, so that nobody's name is cut, and few
// enough that a mask and a target leave a line room for its text. A whole mask is at most kMaxSource long.
inline constexpr std::size_t kMaxNick = 128, kMaxUser = 126, kMaxHost = 255;
inline constexpr std::size_t kMaxChannel = 200;  // RFC 1459 section 1.3
inline constexpr std::size_t kMaxTarget = 256;   // also "nick%host@server" and "@#channel"
static_assert(kMaxNick + 1 + kMaxUser + 1 + kMaxHost < kMaxSource);

// Each part cut to its bound, never inside a UTF-8 sequence: for what a network says in parameters (CHGHOST,
// 001, 352) and is kept or made a mask of.
Prefix clip_prefix(const Prefix& prefix);

// Cuts `text` into parts of at most `max_bytes` each (less than 4 counts as 4): between words where a space
// is near, never inside a UTF-8 sequence. The one space at a cut between words is left out. At least one
// part, which is empty for an empty text; never more than parts of half of `max_bytes` would be.
std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes);

// Bytes left for the text of ":source COMMAND target :text\r\n" as others receive it. At least kLeastRoom:
// where names leave less, the network cuts what is too much for it; a text in hundreds of splinters would
// help nobody.
inline constexpr std::size_t kLeastRoom = 100;
std::size_t text_room(std::size_t source_bytes, std::string_view command, std::string_view target);

// What some real network accepts as a nick: RFC 2812's characters, also digits and '-' in front (the network
// decides), and any byte above ASCII, at most 64 bytes.
bool is_valid_nick(std::string_view nick);
// One of `chantypes` first; no space, comma, BEL, NUL, CR or LF; at most kMaxChannel bytes.
bool is_valid_channel(std::string_view channel, std::string_view chantypes = "#&");
// What one message may be sent to: one word of at most kMaxTarget bytes, with no comma, NUL, CR or LF, not
// led by
// ':'. Whether such a nick or channel can exist is the network's to say.
bool is_valid_target(std::string_view target);

}  // namespace halley::irc
