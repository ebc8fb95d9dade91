// How much of a processor a thread of long reads may take while people are spoken to; at other times there is no limit. With
// one client searching without pause the others' p99 was four times its quiet value without that (tests/bench, long-reads).
//
// Thread: the one it is for. Pure: time is given.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "storage/rows.h"

namespace halley::storage {

// Whether somebody was given an event live in the last second, `last` being the newest such event: ids are the time they
// came, in microseconds since 1970, as is `now_us`. Either way round: a clock that has been set back does not make it last.
inline bool spoken_lately(EventId last, std::int64_t now_us) {
  return std::abs(now_us - static_cast<std::int64_t>(last)) < 1'000'000;
}

class ReadShare {
 public:
  using Clock = std::chrono::steady_clock;
  // Work that may be done at once; beyond it, one part in so many of the time.
  struct Limits {
    Clock::duration at_once;
    int one_in;
  };
  explicit ReadShare(const Limits& limits) : limits_(limits) {}
  // A job has ended `now`, after `worked` of processor time; `speaking`: somebody was spoken to in the last second. How long
  // to rest before the next job, 250 ms at most.
  Clock::duration rest(Clock::time_point now, Clock::duration worked, bool speaking);

 private:
  const Limits limits_;
  Clock::duration owed_{};   // the time that the work so far asks for, less what has gone by
  Clock::time_point at_{};   // of the last call
};

}  // namespace halley::storage
