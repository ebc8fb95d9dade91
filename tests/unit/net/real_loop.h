// A real UvLoop that a test can turn until something has happened, with an end to its patience.
#pragma once

#include "bouncer/net/uv_loop.h"

namespace halley::net {

struct RealLoop {
  UvLoop loop;

  // Turns until `done()`; false after 20 seconds, which no healthy test comes near.
  template <typename Done>
  bool run_until(Done done) {
    bool late = false;
    const auto timer = loop.timer([&] { late = true; });
    timer->start(20'000);
    // Wakes the loop now and then: what `done` waits for may happen outside it.
    std::unique_ptr<Timer> tick;
    tick = loop.timer([&] { tick->start(2); });
    tick->start(2);
    while (!late) {
      if (done()) return true;
      loop.turn(true);
    }
    return false;
  }
  // Turns without waiting, for what is ready already.
  void settle() {
    for (int turn = 0; turn < 20; ++turn) loop.turn(false);
  }
};

}  // namespace halley::net
