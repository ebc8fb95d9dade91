#include "bouncer/daemon/watchdog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace halley {
namespace {

// Often enough that one late turn of the loop does not matter.
constexpr std::uint64_t kLooksPerPeriod = 4;

}  // namespace

Watchdog::Watchdog(Parts parts) : parts_(std::move(parts)), timer_(parts_.loop.timer([this] { look(); })) {
  moved_ms_ = parts_.loop.clock().monotonic_ms();
  look();
}

void Watchdog::look() {
  timer_->start(std::max<std::uint64_t>(parts_.period_ms / kLooksPerPeriod, 1));
  const storage::StoreProgress progress = parts_.store.progress();
  const std::uint64_t now_ms = parts_.loop.clock().monotonic_ms();
  if (progress.resting || progress.rounds != rounds_) {
    rounds_ = progress.rounds;
    moved_ms_ = now_ms;
  }
  if (now_ms - moved_ms_ < parts_.period_ms) {
    starving_ = false;
    parts_.feed();
  } else if (!std::exchange(starving_, true)) {
    parts_.starving(
        fmt::format("nothing has been written to the database for {} s, though there is something to be "
                    "written: does the disk still answer? The service manager will start Halley anew",
                    (now_ms - moved_ms_) / 1000));
  }
}

}  // namespace halley
