#include "bouncer/net/system_random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace halley::net {

void SystemRandom::fill(std::span<unsigned char> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace halley::net
