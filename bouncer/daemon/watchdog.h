// Tells the service manager that Halley gets on with its work (WATCHDOG=1 of sd_notify(3)): that the loop
// turns, and that the thread that writes the database does what there is to do. A disk that refuses (full, an
// error) is no reason to be ended, as that thread tries again; one that does not answer for the whole of the
// period is.
//
// Thread: the loop's. Owner: the composition root; what it is given outlives it. A successor begins anew.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "bouncer/net/loop.h"
#include "storage/api/store.h"

namespace halley {

class Watchdog {
 public:
  struct Parts {
    net::Loop& loop;
    const storage::Store& store;
    std::uint64_t period_ms;                               // after which the service manager loses patience
    std::function<void()> feed;                            // tells it
    std::function<void(const std::string& why)> starving;  // it will not be told: why, once
  };
  explicit Watchdog(Parts parts);

 private:
  void look();

  Parts parts_;
  std::uint64_t rounds_ = 0;    // the store's, at the last look
  std::uint64_t moved_ms_ = 0;  // when they last grew, or there was nothing to do (monotonic)
  bool starving_ = false;
  std::unique_ptr<net::Timer> timer_;
};

}  // namespace halley
