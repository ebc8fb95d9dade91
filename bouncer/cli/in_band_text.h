// An answer as it is said on IRC, where each of its lines is a message and all are said at once. Pure. Any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace halley::cli {

// Messages of one answer, of which a long line takes several; a last one says how many more lines there are.
inline constexpr std::size_t kMostInBandLines = 1000;

// Without empty lines, which are no messages, and without a final newline.
std::string in_band_text(std::string_view answer);

}  // namespace halley::cli
