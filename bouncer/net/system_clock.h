// The real time and the real randomness, from the kernel.
//
// Owner: the composition root.
#pragma once

#include "bouncer/net/clock.h"

namespace halley::net {

// Thread safe: holds nothing.
class SystemClock final : public Clock {
 public:
  std::uint64_t monotonic_us() const override;
  std::int64_t wall_us() const override;
};

}  // namespace halley::net
