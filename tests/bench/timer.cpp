#include "tests/bench/timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/bench/sockets.h"

namespace bench {

Timer::Timer() : descriptor_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (descriptor_ < 0) fail("timerfd_create");
}

Timer::~Timer() {
  close(descriptor_);
}

void Timer::every(std::uint64_t period_ns) const {
  timespec period{};
  period.tv_sec = static_cast<time_t>(period_ns / 1'000'000'000U);
  period.tv_nsec = static_cast<long>(period_ns % 1'000'000'000U);
  const itimerspec both{period, period};
  if (timerfd_settime(descriptor_, 0, &both, nullptr) != 0) fail("timerfd_settime");
}

std::uint64_t Timer::expirations() const {
  std::uint64_t count = 0;
  if (read(descriptor_, &count, sizeof count) != sizeof count) return 0;
  return count;
}

}  // namespace bench
