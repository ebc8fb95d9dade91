// The kernel's random bytes.
//
// Owner: the composition root.
#pragma once

#include "bouncer/net/clock.h"

namespace halley::net {

// Thread safe: holds nothing. Ends the process when the kernel gives no randomness, since nothing safe can
// follow.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override;
};

}  // namespace halley::net
