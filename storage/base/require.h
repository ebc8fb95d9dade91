// An assert that stays on: for bugs of our own, never for what disk, peers or input can cause.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace halley::storage {

inline void require(bool condition, const char* what) {
  if (condition) [[likely]]
    return;
  std::fprintf(stderr, "halley: storage: this must never happen: %s\n", what);
  std::abort();
}

}  // namespace halley::storage
