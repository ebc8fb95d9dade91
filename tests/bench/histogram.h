// A histogram of latencies with a bounded relative error (under 1 %), as a fixed table of counters.
// Owner: whoever measures; one thread. Units: nanoseconds. No errors.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace bench {

class Histogram {
 public:
  void record(std::uint64_t nanoseconds);
  void clear() { *this = Histogram(); }
  std::uint64_t count() const { return total_; }
  // The value below which `fraction` (0..1) of the records lie; 0 without records.
  std::uint64_t at(double fraction) const;
  // {"count":..,"min_us":..,"p50_us":..,...}: microseconds, for the driver.
  std::string json() const;

 private:
  // Every power of two is cut into 128 equal parts; values below 128 are exact.
  static constexpr unsigned kSubBits = 7;
  static constexpr std::size_t kSlots = (64 - kSubBits + 1) << kSubBits;
  static std::size_t slot_of(std::uint64_t value);
  static std::uint64_t middle_of(std::size_t slot);

  std::array<std::uint64_t, kSlots> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t minimum_ = UINT64_MAX;
  std::uint64_t maximum_ = 0;
};

}  // namespace bench
