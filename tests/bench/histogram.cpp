#include "tests/bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cstdio>

namespace bench {

std::size_t Histogram::slot_of(std::uint64_t value) {
  if (value < (1U << kSubBits)) return static_cast<std::size_t>(value);
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kSubBits;
  const std::uint64_t within = (value >> shift) - (1U << kSubBits);
  return (static_cast<std::size_t>(shift + 1) << kSubBits) + static_cast<std::size_t>(within);
}

std::uint64_t Histogram::middle_of(std::size_t slot) {
  if (slot < (1U << kSubBits)) return slot;
  const unsigned shift = static_cast<unsigned>(slot >> kSubBits) - 1;
  const std::uint64_t base = (slot & ((1U << kSubBits) - 1)) + (1U << kSubBits);
  return (base << shift) + ((std::uint64_t{1} << shift) >> 1);
}

void Histogram::record(std::uint64_t nanoseconds) {
  ++counts_[slot_of(nanoseconds)];
  ++total_;
  minimum_ = std::min(minimum_, nanoseconds);
  maximum_ = std::max(maximum_, nanoseconds);
}

std::uint64_t Histogram::at(double fraction) const {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(total_));
  std::uint64_t seen = 0;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    seen += counts_[slot];
    if (seen > wanted) return std::clamp(middle_of(slot), minimum_, maximum_);
  }
  return maximum_;
}

std::string Histogram::json() const {
  char text[256];
  const auto us = [](std::uint64_t value) { return static_cast<double>(value) / 1000.0; };
  std::snprintf(text, sizeof text,
                "{\"count\":%llu,\"min_us\":%.1f,\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,"
                "\"p999_us\":%.1f,\"max_us\":%.1f}",
                static_cast<unsigned long long>(total_), us(total_ ? minimum_ : 0), us(at(0.5)), us(at(0.9)),
                us(at(0.99)), us(at(0.999)), us(maximum_));
  return text;
}

}  // namespace bench
