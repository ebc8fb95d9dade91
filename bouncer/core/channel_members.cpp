#include "bouncer/core/channel_members.h"

#include <utility>

namespace halley {

namespace {

constexpr std::uint32_t kIdBits = 0xFFFFFF;
constexpr std::size_t kFewest = 4;

std::uint32_t pack(std::uint32_t id, std::uint8_t prefixes) {
  return id | std::uint32_t{prefixes} << 24;
}

}  // namespace

// The finaliser of MurmurHash3, then the high bits scaled to the number of slots, which need be no power of
// two.
std::size_t ChannelMembers::home(std::uint32_t id) const {
  std::uint32_t hash = id ^ key_;
  hash = (hash ^ hash >> 16) * 0x85EBCA6BU;
  hash = (hash ^ hash >> 13) * 0xC2B2AE35U;
  hash ^= hash >> 16;
  return static_cast<std::size_t>(std::uint64_t{hash} * slots_.size() >> 32);
}

std::size_t ChannelMembers::find(std::uint32_t id) const {
  if (count_ == 0) return kNowhere;
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

// Grows by a quarter: what is spared in memory costs each member four moves.
bool ChannelMembers::put(std::uint32_t id, std::uint8_t prefixes) {
  const std::size_t known = find(id);
  if (known != kNowhere) {
    slots_[known] = pack(id, prefixes);
    return false;
  }
  if ((std::size_t{count_} + 1) * 4 > slots_.size() * 3)
    resize(slots_.size() < kFewest ? kFewest : slots_.size() + slots_.size() / 4 + 1);
  std::size_t at = home(id);
  while (slots_[at] != kEmpty) at = next(at);
  slots_[at] = pack(id, prefixes);
  ++count_;
  return true;
}

// Backward shift (Knuth 6.4, algorithm R): no tombstones.
bool ChannelMembers::erase(std::uint32_t id) {
  std::size_t hole = find(id);
  if (hole == kNowhere) return false;
  const auto distance = [this](std::size_t from, std::size_t to) {
    return to >= from ? to - from : to + slots_.size() - from;
  };
  for (std::size_t at = next(hole); slots_[at] != kEmpty; at = next(at)) {
    if (distance(home(slots_[at] & kIdBits), at) < distance(hole, at)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = kEmpty;
  --count_;
  if (slots_.size() > 4 * kFewest && std::size_t{count_} * 4 < slots_.size()) resize(slots_.size() / 2);
  return true;
}

void ChannelMembers::resize(std::size_t slots) {
  const std::vector<std::uint32_t> old = std::exchange(slots_, std::vector<std::uint32_t>(slots, kEmpty));
  for (const std::uint32_t packed : old) {
    if (packed == kEmpty) continue;
    std::size_t at = home(packed & kIdBits);
    while (slots_[at] != kEmpty) at = next(at);
    slots_[at] = packed;
  }
}

}  // namespace halley
