// Where an event stands in the order of the times that people are shown (table
// moment). Pure; any thread.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

#include "storage/api/event.h"

namespace halley::storage {

// A place in an order of a buffer's events. In that of times: milliseconds, and
// what the id is beyond a thousand times that (so the id need not be kept, and
// events of one millisecond stand in the order of their ids). In that of ids:
// the id, and 0.
struct SortKey {
  std::int64_t first, second;
  auto operator<=>(const SortKey&) const = default;
};

inline SortKey moment_of(EventId id, std::int64_t time_ms) {
  // Within what can be computed with.
  constexpr std::int64_t kFar = std::int64_t{1} << 50;
  const std::int64_t ms = std::clamp(time_ms, -kFar, kFar);
  return {ms, static_cast<std::int64_t>(id) - 1000 * ms};
}

}  // namespace halley::storage
