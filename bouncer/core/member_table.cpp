#include "bouncer/core/member_table.h"

#include <algorithm>
#include <utility>

namespace halley {

namespace {
constexpr std::size_t kLongest = 255;
constexpr std::size_t kCompactAbove = 4096;  // bytes of garbage worth a copy

// Makes room for `more`, growing by an eighth: what is left over is never much, and needs not be given back
// at some moment that a network chooses.
void reserve(auto& kept, std::size_t more, std::size_t least) {
  if (kept.capacity() - kept.size() >= more) return;
  kept.reserve(kept.size() + std::max({more, kept.size() / 8, least}));
}
}  // namespace

std::string_view MemberTable::part(MemberId id, int which) const {
  const Slot& slot = slots_[id];
  std::size_t at = slot.at;
  for (int i = 0; i < which; ++i) at += slot.length[i];
  return {text_.data() + at, slot.length[which]};
}

std::size_t MemberTable::home(std::string_view nick) const {
  // The hash's high half scaled to the number of places, which need be no power of two.
  return static_cast<std::size_t>((irc::hash(mapping_, nick, key_) >> 32) * index_.size() >> 32);
}

MemberId MemberTable::find(std::string_view name) const {
  if (index_.empty()) return kNoMember;
  name = name.substr(0, kLongest);
  for (std::size_t i = home(name);; i = next(i)) {
    const MemberId id = index_[i];
    if (id == kNoMember) return kNoMember;
    if (irc::equal(mapping_, nick(id), name)) return id;
  }
}

MemberId MemberTable::intern(std::string_view name) {
  const MemberId known = find(name);
  if (known != kNoMember) return known;
  MemberId id;
  if (!free_.empty()) {
    id = free_.back();
    free_.pop_back();
  } else {
    if (slots_.size() >= kNoMember) return kNoMember;
    id = static_cast<MemberId>(slots_.size());
    reserve(slots_, 1, 8);
    slots_.emplace_back();
  }
  slots_[id] = Slot{};
  slots_[id].used = true;
  store(id, {name, {}, {}});
  ++count_;
  if ((count_ + 1) * 4 > index_.size() * 3) {
    rehash(std::max<std::size_t>(16, index_.size() + index_.size() / 4));
  } else {
    insert_index(id);
  }
  return id;
}

void MemberTable::store(MemberId id, const std::string_view (&parts)[3]) {
  Slot& slot = slots_[id];
  // The parts may view text_ itself, which appending can move.
  char copy[3 * kLongest];
  std::size_t size = 0;
  for (int i = 0; i < 3; ++i) {
    const std::string_view text = parts[i].substr(0, kLongest);
    std::copy(text.begin(), text.end(), copy + size);
    size += text.size();
    slot.length[i] = static_cast<std::uint8_t>(text.size());
  }
  slot.at = static_cast<std::uint32_t>(text_.size());
  reserve(text_, size, 64);
  text_.insert(text_.end(), copy, copy + size);
}

void MemberTable::replace_part(MemberId id, int which, std::string_view text) {
  std::string_view parts[3] = {part(id, 0), part(id, 1), part(id, 2)};
  if (parts[which] == text) return;
  for (const std::string_view old : parts) garbage_ += old.size();
  parts[which] = text;
  store(id, parts);
  compact_if_due();
}

void MemberTable::rename(MemberId id, std::string_view name) {
  erase_index(id);
  replace_part(id, 0, name);
  insert_index(id);
}

void MemberTable::set_address(MemberId id, std::string_view user_name, std::string_view host_name) {
  if (!user_name.empty()) replace_part(id, 1, user_name);
  if (!host_name.empty()) replace_part(id, 2, host_name);
}

void MemberTable::release(MemberId id) {
  Slot& slot = slots_[id];
  if (slot.channels > 0) --slot.channels;
  if (slot.channels > 0) return;
  erase_index(id);
  for (const std::uint8_t length : slot.length) garbage_ += length;
  slot = Slot{};
  free_.push_back(id);
  --count_;
  compact_if_due();
}

void MemberTable::insert_index(MemberId id) {
  std::size_t i = home(nick(id));
  while (index_[i] != kNoMember) i = next(i);
  index_[i] = id;
}

// Backward shift (Knuth 6.4, algorithm R): no tombstones, so a busy network's look-ups do not slow down over
// time.
void MemberTable::erase_index(MemberId id) {
  const auto distance = [this](std::size_t from, std::size_t to) {
    return to >= from ? to - from : to + index_.size() - from;
  };
  std::size_t hole = home(nick(id));
  while (index_[hole] != id) hole = next(hole);
  for (std::size_t i = next(hole); index_[i] != kNoMember; i = next(i)) {
    if (distance(home(nick(index_[i])), i) >= distance(hole, i)) {
      index_[hole] = index_[i];
      hole = i;
    }
  }
  index_[hole] = kNoMember;
}

void MemberTable::rehash(std::size_t size) {
  index_.assign(size, kNoMember);
  for (MemberId id = 0; id < slots_.size(); ++id) {
    if (slots_[id].used) insert_index(id);
  }
}

void MemberTable::set_casemapping(irc::CaseMapping mapping) {
  if (mapping == mapping_) return;
  mapping_ = mapping;
  if (!index_.empty()) rehash(index_.size());
}

void MemberTable::set_key(std::uint64_t key) {
  key_ = key;
  if (!index_.empty()) rehash(index_.size());
}

// A byte of garbage pays for one slot that is looked at and two bytes that are moved: however many members
// there have been, and whatever a network does with the few that are left, a line costs what it is long.
void MemberTable::compact_if_due() {
  if (garbage_ <= std::max(kCompactAbove, slots_.size()) || garbage_ <= text_.size() / 2) return;
  moved_ += slots_.size();
  const std::vector<char> old = std::exchange(text_, {});
  text_.reserve(old.size() - garbage_);
  for (Slot& slot : slots_) {
    if (!slot.used) continue;
    const std::size_t size = std::size_t{slot.length[0]} + slot.length[1] + slot.length[2];
    const char* const from = old.data() + slot.at;
    slot.at = static_cast<std::uint32_t>(text_.size());
    text_.insert(text_.end(), from, from + size);
  }
  garbage_ = 0;
}

std::size_t MemberTable::bytes() const {
  return slots_.capacity() * sizeof(Slot) + (free_.capacity() + index_.capacity()) * sizeof(MemberId) +
         text_.capacity();
}

}  // namespace halley
