// How late the loop comes to what is due: the most of the last half minute or minute.
//
// A value. Owner: Metrics. Thread: the loop's.
#pragma once

#include <algorithm>
#include <cstdint>

namespace halley::gateway {

class LoopLag {
 public:
  // Something was done at `now_ms` that was due `late_ms` before.
  void ran(std::uint64_t now_ms, std::uint64_t late_ms) {
    look(now_ms);
    most_ms_ = std::max(most_ms_, late_ms);
  }
  std::uint64_t most_ms(std::uint64_t now_ms) const {
    LoopLag now = *this;
    now.look(now_ms);
    return std::max(now.most_ms_, now.before_ms_);
  }

 private:
  static constexpr std::uint64_t kSpanMs = 30'000;
  void look(std::uint64_t now_ms) {
    const std::uint64_t span = now_ms / kSpanMs;
    if (span == span_) return;
    before_ms_ = span == span_ + 1 ? most_ms_ : 0;
    most_ms_ = 0;
    span_ = span;
  }

  std::uint64_t span_ = 0, most_ms_ = 0, before_ms_ = 0;  // in the span that is, and in the one before
};

}  // namespace halley::gateway
