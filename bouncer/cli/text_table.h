// How answers look at a terminal. Pure. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace halley::cli {

// Columns of equal width, two spaces between; the last is not padded. Lines without a final newline.
std::string text_table(const std::vector<std::vector<std::string>>& rows);
std::string format_time(std::int64_t ms);            // "2026-11-22 16:08:05Z"; 0: "never"
std::string format_bytes(std::uint64_t bytes);       // "12.3 MB"
std::string format_duration(std::uint64_t seconds);  // "3 d 4 h", "12 min"

}  // namespace halley::cli
