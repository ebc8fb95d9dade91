// How answers look at a terminal. Pure. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace halley::cli {

// Columns of equal width, two spaces between; the last is not padded. Lines without a final newline. Control
// characters stand as ^B: what somebody else typed cannot change the terminal, nor look like a row.
std::string text_table(std::vector<std::vector<std::string>> rows);
// Control characters are shown, as ^B or \u009b, and not obeyed. Lines: but their ends and tabs.
std::string visible(std::string_view text);
std::string visible_lines(std::string_view text);
std::string counted(std::uint64_t count, std::string_view of_one);       // "1 line", "2 lines"
std::string counted_were(std::uint64_t count, std::string_view of_one);  // "1 line was", "2 lines were"
std::string format_time(std::int64_t ms);                                // "2026-11-22 16:08:05Z"; 0: "never"
std::string format_bytes(std::uint64_t bytes);                           // "12.3 MB"
std::string format_duration(std::uint64_t seconds);                      // "3 d 4 h", "12 min"

}  // namespace halley::cli
