// The meaning that the bouncer gives to storage::Event's kind and flags. Stored: numbers are never reused.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "bouncer/accounts/ids.h"
#include "bouncer/irc/caps.h"

namespace halley {

enum class EventKind : std::uint8_t {
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

constexpr std::uint32_t kind_bit(EventKind kind) {
  return 1U << static_cast<unsigned>(kind);
}
// What CHATHISTORY gives without draft/event-playback.
inline constexpr std::uint32_t kMessageKinds = kind_bit(EventKind::kPrivmsg) | kind_bit(EventKind::kNotice);

// Who is shown what. A new kind has its row here.
struct EventKindRow {
  EventKind kind;
  enum class History : std::uint8_t { kNever, kWithPlayback, kAlways };  // draft/event-playback
  History history = History::kNever;                                     // CHATHISTORY gives it
  // A replay shows it to everybody: joins and the like from the past would change what a client believes of
  // the present.
  bool replayed = false;
  std::optional<irc::Cap> needs{};  // clients without it are shown none ...
  bool calls_anyway = false;        // ... but those that call the user (kHighlight)
  bool shown = true;
};
inline constexpr std::array kEventKinds = {
    EventKindRow{.kind = EventKind::kPrivmsg, .history = EventKindRow::History::kAlways, .replayed = true},
    EventKindRow{.kind = EventKind::kNotice, .history = EventKindRow::History::kAlways, .replayed = true},
    EventKindRow{.kind = EventKind::kJoin, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kPart, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kQuit, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kNick, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kMode, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kTopic, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kKick, .history = EventKindRow::History::kWithPlayback},
    EventKindRow{.kind = EventKind::kInvite, .needs = irc::Cap::kInviteNotify, .calls_anyway = true},
    EventKindRow{.kind = EventKind::kServer, .replayed = true},
    EventKindRow{.kind = EventKind::kTagmsg,
                 .history = EventKindRow::History::kWithPlayback,
                 .needs = irc::Cap::kMessageTags},
    EventKindRow{.kind = EventKind::kRedact,
                 .history = EventKindRow::History::kAlways,
                 .needs = irc::Cap::kMessageRedaction},
    EventKindRow{.kind = EventKind::kRedacted, .shown = false},
};
// Of a number without a row, from another version's log: shown as it is, but not as history.
inline constexpr EventKindRow kUnknownEventKind{.kind = EventKind{0}};
constexpr const EventKindRow& kind_row(EventKind kind) {
  const auto number = static_cast<std::size_t>(kind);
  return number >= 1 && number <= kEventKinds.size() ? kEventKinds[number - 1] : kUnknownEventKind;
}
static_assert(std::ranges::all_of(kEventKinds,
                                  [](const EventKindRow& row) {
                                    return kind_row(row.kind).kind == row.kind;
                                  }) &&
                  kEventKinds.front().kind == EventKind{1} &&
                  std::ranges::is_sorted(kEventKinds, {}, &EventKindRow::kind),
              "in the order of their numbers");

namespace event_flag {
inline constexpr std::uint8_t kSelf = 1;       // said by the user, from one of their clients
inline constexpr std::uint8_t kHighlight = 2;  // names the user's nick, or was said to them alone
inline constexpr std::uint8_t kPast = 4;       // the network replayed it: its time is long gone
inline constexpr std::uint8_t kMultiline = 8;  // its text is several lines (irc/multiline.h)
}  // namespace event_flag

}  // namespace halley
