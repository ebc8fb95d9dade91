// Gives the ids of events and buffers. Event ids: microseconds since 1970, or the last id plus one, whichever
// is more. They only grow and are never given twice, not even after a power cut, as the wall clock has gone
// on meanwhile.
//
// Thread: the loop's. Owner: the Bouncer. Refers to the clock; else two numbers, which a start reads anew.
#pragma once

#include <algorithm>

#include "bouncer/core/event_kind.h"
#include "bouncer/net/clock.h"

namespace halley {

class EventIds {
 public:
  EventIds(const net::Clock& clock, EventId last, BufferId last_buffer)
      : clock_(clock), last_(last), last_buffer_(last_buffer) {}
  EventId next() {
    last_ = std::max(last_ + 1, static_cast<EventId>(std::max<std::int64_t>(0, clock_.wall_us())));
    return last_;
  }
  std::int64_t wall_ms() const { return clock_.wall_us() / 1000; }
  BufferId next_buffer() { return ++last_buffer_; }

 private:
  const net::Clock& clock_;
  EventId last_;
  BufferId last_buffer_;
};

}  // namespace halley
