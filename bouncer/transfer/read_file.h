// Files of other programs, within bounds: they are what somebody names, which may be anything. Blocking; pure
// but for the file.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <istream>
#include <string>

namespace halley::transfer {

// A configuration or a user's file as a whole; the error names it.
inline constexpr std::size_t kMaxFile = std::size_t{16} << 20;
std::expected<std::string, std::string> read_file(const std::filesystem::path& file);

// The next line, without its end. kLong: the line was longer than kMaxLogLine, and passed over.
inline constexpr std::size_t kMaxLogLine = std::size_t{64} * 1024;
enum class NextLine { kRead, kLong, kNone };
NextLine next_line(std::istream& in, std::string& line);

}  // namespace halley::transfer
