// How much of a processor a thread of long reads may take while people are spoken to: 20 ms at once, a tenth of the time
// beyond that; at other times there is no limit. With one client searching without pause the others' p99 was five times its
// quiet value without that (tests/bench, long-reads).
//
// Thread: the one it is for. Pure: time is given.
#pragma once

#include <chrono>

namespace halley::storage {

class ReadShare {
 public:
  using Clock = std::chrono::steady_clock;
  // A job has ended `now`, after `worked` of processor time; `speaking`: somebody was spoken to in the last second. How long
  // to rest before the next job, 250 ms at most.
  Clock::duration rest(Clock::time_point now, Clock::duration worked, bool speaking);

 private:
  Clock::duration owed_{};   // the time that the work so far asks for, less what has gone by
  Clock::time_point at_{};   // of the last call
};

}  // namespace halley::storage
