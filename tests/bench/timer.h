// A periodic timerfd for paced sending. Owner: the sender; one thread.
#pragma once

#include <cstdint>

namespace bench {

class Timer {
 public:
  Timer();
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  int descriptor() const { return descriptor_; }
  // First expiry one period from now. Period in nanoseconds; 0 stops.
  void every(std::uint64_t period_ns) const;
  // How often it expired since the last call.
  std::uint64_t expirations() const;

 private:
  int descriptor_;
};

}  // namespace bench
