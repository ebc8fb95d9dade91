#include "bouncer/core/buffers.h"

#include <algorithm>
#include <utility>

#include "bouncer/core/event_ids.h"
#include "bouncer/core/in_band_commands.h"

namespace halley {

namespace {
constexpr std::size_t kFirstSlots = 16;
}

// Open addressing, at most three quarters full: where `name` is, or where it would be put.
std::size_t Buffers::slot_of(std::string_view name) const {
  std::size_t slot = irc::hash(mapping_, name, key_) & (slots_.size() - 1);
  while (slots_[slot] != kFree && !irc::equal(mapping_, entries_[slots_[slot]].name, name))
    slot = (slot + 1) & (slots_.size() - 1);
  return slot;
}

std::uint32_t Buffers::index(std::string_view name) const {
  // The last one found is the likeliest to be asked for again, spelt the same.
  if (last_found_ < entries_.size() && entries_[last_found_].name == name) return last_found_;
  if (slots_.empty()) return kFree;
  const std::uint32_t found = slots_[slot_of(name)];
  if (found != kFree) last_found_ = found;
  return found;
}

void Buffers::add(Buffer buffer) {
  if (slots_.size() * 3 <= (entries_.size() + 1) * 4) rehash(std::max(kFirstSlots, slots_.size() * 2));
  // Of two names that have become one the older is the buffer; the other keeps its history, by its id.
  if (std::uint32_t& slot = slots_[slot_of(buffer.name)]; slot == kFree)
    slot = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back(std::move(buffer));
}

void Buffers::rehash(std::size_t slots) {
  slots_.assign(slots, kFree);
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const std::size_t slot = slot_of(entries_[i].name);
    if (slots_[slot] == kFree) slots_[slot] = i;
  }
}

BufferId Buffers::find(std::string_view name) const {
  const std::uint32_t at = index(name.substr(0, kMaxBufferName));
  return at == kFree ? 0 : entries_[at].id;
}

BufferId Buffers::make(std::string_view name, MadeBy by) {
  name = name.substr(0, kMaxBufferName);
  if (const BufferId known = find(name); known != 0) {
    used({&known, 1});
    return known;
  }
  const bool ours = name.empty() || name == kServiceName;
  if (!ours && entries_.size() >= (by == MadeBy::kUser ? kMostByUser : kMostByOthers)) return make({});
  const BufferId id = ids_.next_buffer();
  journal_.append(storage::BufferRecord{.id = id, .user = user_, .network = network_, .name = name});
  add({id, std::string(name)});
  used({&id, 1});
  return id;
}

// Backward shift (Knuth 6.4, algorithm R), as in MemberTable.
void Buffers::erase_slot(std::size_t slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = slot;
  for (std::size_t i = (slot + 1) & mask; slots_[i] != kFree; i = (i + 1) & mask) {
    const std::size_t home = irc::hash(mapping_, entries_[slots_[i]].name, key_) & mask;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = kFree;
}

void Buffers::rename(std::string_view from, std::string_view to) {
  to = to.substr(0, kMaxBufferName);
  const std::uint32_t at = index(from.substr(0, kMaxBufferName));
  if (at == kFree || to.empty() || from.empty()) return;
  Buffer& buffer = entries_[at];
  if (const BufferId other = find(to); other != 0 && other != buffer.id) return;
  erase_slot(slot_of(buffer.name));
  buffer.name = to;
  slots_[slot_of(buffer.name)] = at;
  last_found_ = at;
  journal_.append(
      storage::BufferRecord{.id = buffer.id, .user = user_, .network = network_, .name = buffer.name});
}

void Buffers::forget(std::vector<BufferId> ids) {
  std::ranges::sort(ids);
  const auto gone = [&ids](const Buffer& buffer) { return std::ranges::binary_search(ids, buffer.id); };
  if (std::erase_if(entries_, gone) == 0) return;
  last_found_ = 0;
  rehash(slots_.size());
}

void Buffers::load(const storage::BufferRow& row) {
  add({row.id, row.name});
}

const std::string* Buffers::name(BufferId id) const {
  const auto at = std::ranges::lower_bound(entries_, id, {}, &Buffer::id);
  return at == entries_.end() || at->id != id ? nullptr : &at->name;
}

void Buffers::set_casemapping(irc::CaseMapping mapping) {
  if (mapping == mapping_) return;
  mapping_ = mapping;
  if (!slots_.empty()) rehash(slots_.size());
}

}  // namespace halley
