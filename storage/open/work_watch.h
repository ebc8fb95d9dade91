// What long work looks at while it goes on: whether it is to stop, and whom it tells how far it has got - ten
// times a second at most, and at the begin of whatever comes next.
//
// Owner and thread: the one that works. `stop` is set by another; it and what `tell` calls outlive this.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "storage/api/store.h"

namespace halley::storage {

class WorkWatch {
 public:
  explicit WorkWatch(const std::atomic<bool>& stop, OnProgress tell = {})
      : stop_(stop), tell_(std::move(tell)) {}

  bool stopped() const { return stop_.load(); }

  // As WorkProgress has it.
  void at(std::string_view what, std::uint64_t done, std::uint64_t of = 0) {
    if (!tell_) return;
    const auto now = std::chrono::steady_clock::now();
    if (what == what_ && now < next_) return;
    what_ = what;
    next_ = now + kEvery;
    tell_({.what = what_, .done = done, .of = of});
  }

 private:
  static constexpr auto kEvery = std::chrono::milliseconds(100);

  const std::atomic<bool>& stop_;
  const OnProgress tell_;
  std::string what_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace halley::storage
