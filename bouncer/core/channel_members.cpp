#include "bouncer/core/channel_members.h"

#include <algorithm>
#include <utility>

namespace halley {

namespace {

constexpr std::size_t kFewest = 4;
constexpr std::size_t kFewestHashed = 96;

std::uint32_t pack(std::uint32_t id, std::uint8_t prefixes) {
  return id | std::uint32_t{prefixes} << 24;
}

}  // namespace

// The finaliser of MurmurHash3. Its high bits are scaled to the number of slots, which need be no power of
// two.
std::uint32_t ChannelMembers::hash(std::uint32_t id) const {
  std::uint32_t hash = id ^ key_;
  hash = (hash ^ hash >> 16) * 0x85EBCA6BU;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35U;
  return hash ^ hash >> 16;
}

std::size_t ChannelMembers::find(std::uint32_t id) const {
  if (count_ == 0) return kNowhere;
  if (!hashed()) {
    for (std::size_t at = 0; at < count_; ++at) {
      if ((slots_[at] & kIdBits) == id) return at;
    }
    return kNowhere;
  }
  for (std::size_t at = home(id); slots_[at] != kEmpty; at = next(at)) {
    if ((slots_[at] & kIdBits) == id) return at;
  }
  return kNowhere;
}

std::optional<std::uint8_t> ChannelMembers::prefixes(std::uint32_t id) const {
  const std::size_t at = find(id);
  if (at == kNowhere) return std::nullopt;
  return static_cast<std::uint8_t>(slots_[at] >> 24);
}

// Grows by a quarter (a list by an eighth): what is spared in memory costs each member a few moves.
bool ChannelMembers::put(std::uint32_t id, std::uint8_t prefixes) {
  const std::size_t known = find(id);
  if (known != kNowhere) {
    slots_[known] = pack(id, prefixes);
    return false;
  }
  if (hashed() && (std::size_t{count_} + 1) * 4 > slots_.size() * 3) {
    resize(slots_.size() + slots_.size() / 4 + 1);
  } else if (!hashed() && count_ == slots_.size()) {
    const std::size_t more = slots_.size() + std::max(kFewest, slots_.size() / 8);
    resize(count_ == kListed ? kFewestHashed : std::min(more, kListed));
  }
  add(pack(id, prefixes));
  ++count_;
  return true;
}

// Where there is a free slot.
void ChannelMembers::add(std::uint32_t packed) {
  std::size_t at = hashed() ? home(packed & kIdBits) : count_;
  while (slots_[at] != kEmpty) at = next(at);
  slots_[at] = packed;
}

bool ChannelMembers::erase(std::uint32_t id) {
  const std::size_t at = find(id);
  if (at == kNowhere) return false;
  if (hashed()) {
    close_gap(at);
  } else {
    slots_[at] = slots_[count_ - 1];
    slots_[count_ - 1] = kEmpty;
  }
  --count_;
  if (slots_.size() <= 4 * kFewest || std::size_t{count_} * 4 >= slots_.size()) return true;
  const std::size_t half = slots_.size() / 2;
  resize(half < kFewestHashed ? std::min(half, kListed) : half);
  return true;
}

// Backward shift (Knuth 6.4, algorithm R): no tombstones.
void ChannelMembers::close_gap(std::size_t hole) {
  const auto distance = [this](std::size_t from, std::size_t to) {
    return to >= from ? to - from : to + slots_.size() - from;
  };
  for (std::size_t at = next(hole); slots_[at] != kEmpty; at = next(at)) {
    if (distance(home(slots_[at] & kIdBits), at) < distance(hole, at)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = kEmpty;
}

void ChannelMembers::resize(std::size_t slots) {
  const std::vector<std::uint32_t> old = std::exchange(slots_, std::vector<std::uint32_t>(slots, kEmpty));
  const bool list = !hashed();
  std::size_t end = 0;
  for (const std::uint32_t packed : old) {
    if (packed == kEmpty) continue;
    if (list) {
      slots_[end++] = packed;
    } else {
      add(packed);
    }
  }
}

}  // namespace halley
