// Who is in one channel: a hash set of member ids with their prefix modes, so that no line of a network costs
// a walk over all members, however many there are and in whatever order they come. A few of them are a plain
// list, as most channels are: it takes no more memory than they need.
//
// A plain value: copyable, no I/O. Thread: the loop's. At most 7 bytes a member once there are more than a
// few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace halley {

class ChannelMembers {
 public:
  // `key`: makes the order in memory one that no network can foresee, so that none can choose members that
  // collide.
  explicit ChannelMembers(std::uint32_t key = 0) : key_(key) {}

  // A packed member: low 24 bits the id (never 0xFFFFFF), high 8 bits the prefix modes.
  class Iterator {
   public:
    Iterator(const std::uint32_t* at, const std::uint32_t* end) : at_(at), end_(end) { skip(); }
    std::uint32_t operator*() const { return *at_; }
    Iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    void skip() {
      while (at_ != end_ && *at_ == kEmpty) ++at_;
    }
    const std::uint32_t* at_;
    const std::uint32_t* end_;
  };
  // In no order that means anything.
  Iterator begin() const { return {slots_.data(), slots_.data() + slots_.size()}; }
  Iterator end() const { return {slots_.data() + slots_.size(), slots_.data() + slots_.size()}; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  // A place in the order of the members' hashes, in which the slots are used: it stays what it is when
  // members come and go and the set grows.
  using HashPlace = std::uint64_t;
  static constexpr HashPlace kBegin = 0, kEnd = HashPlace{1} << 32;
  // Calls visit(packed) for the members from `from` on, those of `slots` slots or a few more; returns the
  // place to go on from. Who is a member all the while is visited once, whatever happens between two calls.
  template <typename Visit>
  HashPlace visit(HashPlace from, std::size_t slots, Visit&& visit) const;
  // Has a member of that id been passed, up to this place?
  bool is_before(std::uint32_t id, HashPlace place) const { return hash(id) < place; }

  bool contains(std::uint32_t id) const { return find(id) != kNowhere; }
  // The prefix modes of a member; nullopt: not in the channel.
  std::optional<std::uint8_t> prefixes(std::uint32_t id) const;
  // Adds a member, or gives one that is there other prefix modes. True: it is new.
  // REQUIRES: the id has 24 bits, not all of them set.
  bool put(std::uint32_t id, std::uint8_t prefixes);
  bool erase(std::uint32_t id);  // false: it was not there

  std::size_t bytes() const { return slots_.capacity() * sizeof(std::uint32_t); }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF, kIdBits = 0xFFFFFF;
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  static constexpr std::size_t kListed = 64;

  bool hashed() const { return slots_.size() > kListed; }
  std::uint32_t hash(std::uint32_t id) const;
  std::size_t home(std::uint32_t id) const { return slot_of(hash(id)); }
  std::size_t slot_of(HashPlace hash) const { return static_cast<std::size_t>(hash * slots_.size() >> 32); }
  std::size_t next(std::size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }
  std::size_t find(std::uint32_t id) const;
  void add(std::uint32_t packed);
  void close_gap(std::size_t hole);
  void resize(std::size_t slots);

  // Up to kListed: the members, then free slots. More: open addressing, linear probing; at most three
  // quarters in use.
  std::vector<std::uint32_t> slots_;
  std::uint32_t count_ = 0;
  std::uint32_t key_;
};

// Behind an empty slot stands nobody whose home is before it. Members whose home is near the end may stand at
// the beginning, and are visited last.
template <typename Visit>
ChannelMembers::HashPlace ChannelMembers::visit(HashPlace from, std::size_t slots, Visit&& visit) const {
  if (count_ == 0 || from >= kEnd) return kEnd;
  if (!hashed()) {  // few, in no order: all that are left
    for (const std::uint32_t packed : *this)
      if (hash(packed & kIdBits) >= from) visit(packed);
    return kEnd;
  }
  const auto look = [&](std::size_t at, bool wrapped) {
    if (slots_[at] == kEmpty) return;
    const std::uint32_t of = hash(slots_[at] & kIdBits);
    if (of >= from && (slot_of(of) > at) == wrapped) visit(slots_[at]);
  };
  std::size_t at = slot_of(from);
  const std::size_t enough = at + slots;
  while (at < slots_.size() && (at < enough || slots_[at - 1] != kEmpty)) look(at++, false);
  if (at < slots_.size()) return ((HashPlace{at} << 32) + slots_.size() - 1) / slots_.size();
  for (at = 0; slots_[at] != kEmpty; ++at) look(at, true);
  return kEnd;
}

}  // namespace halley
