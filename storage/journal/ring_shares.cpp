#include "storage/journal/ring_shares.h"

#include <algorithm>

namespace halley::storage {
namespace {

constexpr std::size_t kStretches = 64;

}  // namespace

bool RingShares::add(UserId user, std::uint64_t offset, std::size_t bytes) {
  const std::size_t stretch_bytes = ring_ / kStretches;
  const bool begun = stretches_.empty() || offset / stretch_bytes != stretches_.back().begin / stretch_bytes;
  if (begun) stretches_.push_back({offset, offset, {}});
  Stretch& stretch = stretches_.back();
  stretch.end = offset + bytes;
  stretch.bytes[user] += bytes;
  bytes_[user] += bytes;
  return begun;
}

void RingShares::release(std::uint64_t offset) {
  for (; !stretches_.empty() && stretches_.front().end <= offset; stretches_.pop_front()) {
    for (const auto& [user, bytes] : stretches_.front().bytes) {
      const auto at = bytes_.find(user);
      at->second -= bytes;
      if (at->second == 0) bytes_.erase(at);
    }
  }
}

// A quarter is anybody's. Of fourteen sixteenths each of those who use it has a like part: one alone has
// nearly all for its burst. The rest is what others find free when somebody comes with a flood.
bool RingShares::allows(UserId user, std::size_t bytes, std::uint64_t used) const {
  if (used + bytes <= ring_ / 4) return true;
  const auto at = bytes_.find(user);
  const std::uint64_t own = at == bytes_.end() ? 0 : at->second;
  const std::size_t users = bytes_.size() + (at == bytes_.end() ? 1 : 0);
  // A share is never less than what one line may need.
  return own == 0 || own + bytes <= ring_ / 16 * 14 / users;
}

}  // namespace halley::storage
