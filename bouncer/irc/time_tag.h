// The server-time tag's format. Source: https://ircv3.net/specs/extensions/server-time
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halley::irc {

// Milliseconds since 1970-01-01T00:00:00Z. Accepts YYYY-MM-DDThh:mm:ss[.s{1,9}]Z, years 0000 to 9999, leap
// second 60. What lies before 1970 is 0: clients write such times for "since ever", and nothing was said
// then.
std::optional<std::int64_t> parse_time(std::string_view text);
// Writes exactly 24 bytes: YYYY-MM-DDThh:mm:ss.sssZ. Fast: the last day's date part is not recomputed by the
// caller; no locale, no tm.
void append_time(std::string& out, std::int64_t ms);
void write_time(char* out24, std::int64_t ms);

}  // namespace halley::irc
