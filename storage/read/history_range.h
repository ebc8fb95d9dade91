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
  void after(const SortKey& place) { low_ = std::max(low_, place); }
  void before(const SortKey& place) { high_ = std::min(high_, place); }
  const SortKey& low() const { return low_; }
  const SortKey& high() const { return high_; }

 private:
  SortKey low_{kLowest, kLowest}, high_{kHighest, kHighest};
};

}  // namespace halley::storage
