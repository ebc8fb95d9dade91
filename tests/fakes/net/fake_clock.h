// A clock that stands still until the test moves it, or lets it run.
#pragma once

#include <cstdint>
#include <utility>

#include "bouncer/net/clock.h"

namespace halley::fakes {

// Monotonic and wall time advance together; set_wall_us() alone makes the wall clock jump, as an
// administrator or NTP may. Not thread safe: only the test's thread moves it, while no other thread reads it.
class FakeClock final : public net::Clock {
 public:
  explicit FakeClock(std::uint64_t monotonic_ms = 1'000'000, std::int64_t wall_us = 1'700'000'000'000'000)
      : monotonic_us_(monotonic_ms * 1000), wall_us_(wall_us) {}

  std::uint64_t monotonic_us() const override {
    if (runs_us_ > 0) ++reads_;
    return monotonic_us_ + reads_ * runs_us_;
  }
  std::int64_t wall_us() const override { return wall_us_; }

  void advance_us(std::uint64_t us) {
    monotonic_us_ += us;
    wall_us_ += static_cast<std::int64_t>(us);
  }
  void advance_ms(std::uint64_t ms) { advance_us(ms * 1000); }
  void set_wall_us(std::int64_t us) { wall_us_ = us; }
  // From now on the monotonic time is this much later each time that it is read; 0: it stands still again.
  void run_as_read(std::uint64_t us) {
    monotonic_us_ += std::exchange(reads_, 0) * std::exchange(runs_us_, us);
  }

 private:
  std::uint64_t monotonic_us_;
  std::int64_t wall_us_;
  std::uint64_t runs_us_ = 0;
  mutable std::uint64_t reads_ = 0;
};

}  // namespace halley::fakes
