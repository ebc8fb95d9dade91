// A place in a user's log as browsers and programs name it: EPOCH:ID. The epoch names the database; it
// changes when that is restored from a backup, and then no cursor of before is good any more.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bouncer/core/client.h"

namespace halley::gateway {

struct Cursor {
  std::string epoch;  // empty: only an id was given
  EventId id = 0;
};

// "EPOCH:ID" or "ID". nullopt: neither.
std::optional<Cursor> parse_cursor(std::string_view text);
void append_cursor(std::string& out, std::string_view epoch, EventId id);

}  // namespace halley::gateway
