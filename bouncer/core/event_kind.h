// The meaning that the bouncer gives to storage::Event's kind and flags. Stored: numbers are never reused.
#pragma once

#include <cstdint>

#include "bouncer/accounts/ids.h"

namespace halley {

enum class Kind : std::uint8_t {
  kPrivmsg = 1,
  kNotice = 2,
  kJoin = 3,
  kPart = 4,
  kQuit = 5,
  kNick = 6,
  kMode = 7,
  kTopic = 8,
  kKick = 9,
  kInvite = 10,
  kTagmsg = 12,  // a reaction, or one that is taken back
  kRedact = 13,
  kRedacted = 14,  // was said and taken back: no text, no tags; no history shows it
  kServer = 11,    // what the network or Halley says of the connection (MOTD is not logged)
};

constexpr std::uint32_t kind_bit(Kind kind) {
  return 1U << static_cast<unsigned>(kind);
}
// What CHATHISTORY gives without draft/event-playback.
inline constexpr std::uint32_t kMessageKinds = kind_bit(Kind::kPrivmsg) | kind_bit(Kind::kNotice);

namespace event_flag {
inline constexpr std::uint8_t kSelf = 1;       // said by the user, from one of their clients
inline constexpr std::uint8_t kHighlight = 2;  // names the user's nick, or was said to them alone
inline constexpr std::uint8_t kPast = 4;       // the network replayed it: its time is long gone
inline constexpr std::uint8_t kMultiline = 8;  // its text is several lines (irc/multiline.h)
}  // namespace event_flag

}  // namespace halley
