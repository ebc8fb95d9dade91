// What is told of a change that the disk does not take. Pure. Any thread.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace halley {

// Too many changes wait already: this one was taken back.
inline constexpr std::string_view kTooManyUnsaved =
    "too many changes wait for the disk; try again in a moment";

// It holds in memory, and is lost with the next start.
inline std::string unsaved_text(std::string_view error) {
  return fmt::format("done, but not written to disk, so that a restart undoes it: {}", error);
}

}  // namespace halley
