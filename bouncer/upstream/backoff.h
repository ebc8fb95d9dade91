// When to try again: doubling delays with jitter, and a pace towards each host, so that many networks that
// fell together do not come back as a flood.
//
// Thread: the loop's. Owner: the Upstream has its Backoff, the Bouncer the one Pacer. A Backoff is a value;
// a Pacer has its times and refers to the clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "bouncer/net/clock.h"

namespace halley {

class Backoff {
 public:
  // In seconds. REQUIRES: min_s <= max_s.
  struct Bounds {
    std::uint32_t min_s, max_s;
  };
  // Milliseconds to wait: between half of and all of a span that doubles from min to max.
  std::uint64_t next_ms(net::Random& random, const Bounds& bounds) {
    span_s_ = std::clamp<std::uint64_t>(span_s_ * 2, std::max(1U, bounds.min_s), std::max(1U, bounds.max_s));
    const std::uint64_t half = span_s_ * 500;
    return half + random.next() % (half + 1);
  }
  void reset() { span_s_ = 0; }
  // The peer has refused us for good reasons: the longest span.
  void longest(const Bounds& bounds) { span_s_ = bounds.max_s; }

 private:
  std::uint64_t span_s_ = 0;
};

class Pacer {
 public:
  Pacer(const net::Clock& clock, double seconds)
      : clock_(clock), step_ms_(static_cast<std::uint64_t>(seconds * 1000)) {}
  // Takes the next free moment towards `host`; milliseconds from now.
  std::uint64_t take(const std::string& host) {
    if (step_ms_ == 0) return 0;
    const std::uint64_t now = clock_.monotonic_ms();
    if (next_.size() >= kMostHosts)
      std::erase_if(next_, [now](const auto& entry) { return entry.second <= now; });
    if (next_.size() >= kMostHosts && !next_.contains(host))
      next_.erase(std::ranges::min_element(next_, {}, [](const auto& entry) { return entry.second; }));
    std::uint64_t& next = next_[host];
    const std::uint64_t at = std::max(next, now);
    next = at + step_ms_;
    return at - now;
  }

 private:
  static constexpr std::size_t kMostHosts = 1000;
  const net::Clock& clock_;
  std::uint64_t step_ms_;
  std::map<std::string, std::uint64_t> next_;
};

}  // namespace halley
