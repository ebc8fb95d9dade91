// How much of a processor a thread of long reads may take while people are spoken to; at other times there is
// no limit. With one client searching without pause the others' p99 was four times its quiet value without
// that (tests/bench, long-reads).
//
// Thread: the one it is for. It reads no clock: time is given.
#pragma once

#include <chrono>

namespace halley::storage {

class ReadShare {
 public:
  using SteadyClock = std::chrono::steady_clock;
  // Work that may be done at once; beyond it, one part in so many of the time.
  struct Quota {
    SteadyClock::duration at_once;
    int one_in;
  };
  explicit ReadShare(const Quota& quota) : quota_(quota) {}
  // A job has ended `now`, after `worked` of processor time; `speaking`: somebody was spoken to in the last
  // second. How long to rest before the next job, 250 ms at most.
  SteadyClock::duration rest(SteadyClock::time_point now, SteadyClock::duration worked, bool speaking);

 private:
  const Quota quota_;
  SteadyClock::duration owed_{};  // the time that the work so far asks for, less what has gone by
  SteadyClock::time_point at_{};  // of the last call
};

}  // namespace halley::storage
