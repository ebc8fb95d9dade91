// A line of another program's log, as it was understood. Views what it was read from. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bouncer/core/event_kind.h"

namespace halley::transfer {

struct ForeignLine {
  std::int64_t time_ms = 0;
  EventKind kind = EventKind::kPrivmsg;
  bool action = false;         // of a PRIVMSG: /me
  bool own = false;            // said by the user, whatever the nick says
  std::string_view nick = {};  // who did it
  std::string_view userhost = {};
  // What was said, a reason, a topic, the changed modes, a new nick.
  std::string_view text = {};
  std::string_view whom = {};  // of a KICK
};

// Where the lines of a log belong.
struct LogPlace {
  std::string buffer;  // a channel's or query's name; "": the network's own
  std::string own_nick;
  bool channel() const { return !buffer.empty() && std::string_view("#&+!").contains(buffer[0]); }
};

}  // namespace halley::transfer
