// Where history is asked for: between two places of a buffer, in the order of
// ids or in that of times. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "storage/base/moment.h"

namespace halley::storage {

inline constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min(),
                              kHighest = std::numeric_limits<std::int64_t>::max();

// Both ends excluded; made narrower step by step.
class HistoryRange {
 public:
  void after(const Place& place) { low_ = std::max(low_, place); }
  void before(const Place& place) { high_ = std::min(high_, place); }
  const Place& low() const { return low_; }
  const Place& high() const { return high_; }

 private:
  Place low_{kLowest, kLowest}, high_{kHighest, kHighest};
};

}  // namespace halley::storage
