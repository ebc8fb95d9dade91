// A place in the log as people write it, and history from such a place on. What is asked for goes in the
// order of the times that are shown, wherever it begins: so the msgid of a page's edge leads to exactly what
// stands behind it, also where several lines have one time.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "storage/api/store.h"

namespace halley {

// "2026-11-22", "2026-11-22T16:08:05.123Z", "2026-11-22 16:08" (UTC): milliseconds since 1970.
std::optional<std::int64_t> parse_moment(std::string_view text);

// "timestamp=" and a time as above, "msgid=" and the msgid of a line, as in CHATHISTORY; or a time, or a
// msgid of Halley's own, alone.
std::optional<storage::Bound> parse_log_place(std::string_view text);

// The newest lines of all.
void ask_newest(storage::HistoryQuery& query);
// The newest before the place.
void ask_before(storage::HistoryQuery& query, const storage::Bound& place);
// The oldest behind the line; from the time on, if it is one.
void ask_after(storage::HistoryQuery& query, const storage::Bound& place);

}  // namespace halley
