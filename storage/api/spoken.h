// When long reads give way: while somebody is being spoken to. Pure; any thread.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "storage/api/event.h"

namespace halley::storage {

// Whether somebody was given an event live in the last second, `last` being the newest such event: ids are
// the time they came, in microseconds since 1970, as is `now_us`. Either way round: a clock that has been set
// back does not make it last.
inline bool spoken_lately(EventId last, std::int64_t now_us) {
  return std::abs(now_us - static_cast<std::int64_t>(last)) < 1'000'000;
}

}  // namespace halley::storage
