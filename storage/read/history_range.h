// Where history is asked for, as a range of ids and of times. Events are ordered by id; the shown time is
// within five minutes of the id (storage/event.h), so a bound in time is a bound on ids that is five minutes
// wide, with the rows in between looked at one by one.
#pragma once

#include <cstdint>
#include <limits>

#include "storage/api/event.h"

namespace halley::storage {

inline constexpr std::int64_t kMostSkewMs = 5 * 60 * 1000;

// Both ends excluded; made narrower step by step.
class HistoryRange {
 public:
  void after_id(EventId id);
  void before_id(EventId id);
  void from_id(EventId id);  // included
  void after_time(std::int64_t ms);
  void before_time(std::int64_t ms);
  void from_time(std::int64_t ms);  // included

  // For the query, both excluded.
  std::int64_t low_id() const { return low_id_; }
  std::int64_t high_id() const { return high_id_; }
  // For each of its rows.
  bool shows(std::int64_t time_ms) const { return time_ms > low_ms_ && time_ms < high_ms_; }

 private:
  static constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t low_id_ = -1, high_id_ = kMost;
  std::int64_t low_ms_ = kLeast, high_ms_ = kMost;
};

}  // namespace halley::storage
