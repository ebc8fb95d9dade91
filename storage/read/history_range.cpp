#include "storage/read/history_range.h"

#include <algorithm>

namespace halley::storage {
namespace {

// Times are kept within what can be computed with.
std::int64_t tame(std::int64_t ms) {
  constexpr std::int64_t kFar = std::int64_t{1} << 50;
  return std::clamp(ms, -kFar, kFar);
}

std::int64_t as_signed(EventId id) {
  return static_cast<std::int64_t>(std::min<EventId>(id, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

void HistoryRange::after_id(EventId id) {
  low_id_ = std::max(low_id_, as_signed(id));
}
void HistoryRange::before_id(EventId id) {
  high_id_ = std::min(high_id_, as_signed(id));
}
void HistoryRange::from_id(EventId id) {
  low_id_ = std::max(low_id_, as_signed(id) - 1);
}

// An event's id/1000, rounded down, is at most five minutes from its time.
void HistoryRange::after_time(std::int64_t ms) {
  low_ms_ = std::max(low_ms_, tame(ms));
  low_id_ = std::max(low_id_, (tame(ms) - kMostSkewMs) * 1000 - 1);
}
void HistoryRange::before_time(std::int64_t ms) {
  high_ms_ = std::min(high_ms_, tame(ms));
  high_id_ = std::min(high_id_, (tame(ms) + kMostSkewMs + 1) * 1000);
}
void HistoryRange::from_time(std::int64_t ms) {
  after_time(tame(ms) - 1);
}

}  // namespace halley::storage
