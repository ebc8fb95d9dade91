// One row of a user's log, as it travels: bouncer -> journal -> clients and SQLite -> replay. Storage gives
// no meaning to `kind`, `flags`, `tags` and `line`; the bouncer does (bouncer/core/event_kind.h).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace halley::storage {

using UserId = std::uint32_t;
using NetworkId = std::uint32_t;
using BufferId = std::uint32_t;
using DeviceId = std::uint32_t;
using EventId = std::uint64_t;  // microseconds since 1970 or the last id plus one, whichever is more; what
                                // came from elsewhere has one of its own time. Unique among a user's

// Under this buffer (never one of the bouncer's) the store files an event that none shows.
inline constexpr BufferId kNoBuffer = 0;

// Views memory that somebody else owns (the mapped journal, a page of rows): valid as long as that says.
struct Event {
  EventId id = 0;
  std::int64_t time_ms = 0;  // shown to people; most often near the id, far from
                             // it in lines that came late
  UserId user = 0;
  NetworkId network = 0;
  std::uint8_t kind = 0;
  std::uint8_t flags = 0;
  std::uint16_t text_at = 0;          // where the searchable text begins in `line`; 0: nothing to search
  std::span<const BufferId> buffers;  // where history shows it; at most 255
  std::string_view msgid;             // the network's own; empty: ours, derived from the id
  std::string_view tags;              // further tags for clients, escaped, without '@'; may be empty
  std::string_view line;              // ":nick!user@host PRIVMSG #c :hi", no tags, no CR LF
};

}  // namespace halley::storage
