#include "bouncer/core/buffers.h"

#include <algorithm>
#include <utility>

#include "bouncer/core/event_ids.h"

namespace halley {

namespace {

int compare(irc::CaseMapping mapping, std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto x = static_cast<unsigned char>(irc::fold(mapping, a[i]));
    const auto y = static_cast<unsigned char>(irc::fold(mapping, b[i]));
    if (x != y) return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

}  // namespace

std::size_t Buffers::index(std::string_view name, bool& found) const {
  // The last one found is the likeliest to be asked for again, spelt the same.
  if (last_found_ < entries_.size() && entries_[last_found_].name == name) {
    found = true;
    return last_found_;
  }
  const auto at = std::lower_bound(
      entries_.begin(), entries_.end(), name,
      [this](const Buffer& buffer, std::string_view n) { return compare(mapping_, buffer.name, n) < 0; });
  found = at != entries_.end() && compare(mapping_, at->name, name) == 0;
  const auto position = static_cast<std::size_t>(at - entries_.begin());
  if (found) last_found_ = position;
  return position;
}

BufferId Buffers::find(std::string_view name) const {
  bool found = false;
  const std::size_t at = index(name, found);
  return found ? entries_[at].id : 0;
}

BufferId Buffers::make(std::string_view name) {
  name = name.substr(0, kMaxName);
  bool found = false;
  const std::size_t at = index(name, found);
  if (found) return entries_[at].id;
  const BufferId id = ids_.next_buffer();
  journal_.append(storage::BufferRecord{.id = id, .user = user_, .network = network_, .name = name});
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), {id, std::string(name)});
  return id;
}

void Buffers::load(const storage::BufferRow& row) {
  bool found = false;
  const std::size_t at = index(row.name, found);
  if (!found) entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), {row.id, row.name});
}

const std::string* Buffers::name(BufferId id) const {
  const auto at =
      std::find_if(entries_.begin(), entries_.end(), [id](const Buffer& buffer) { return buffer.id == id; });
  return at == entries_.end() ? nullptr : &at->name;
}

void Buffers::set_casemapping(irc::CaseMapping mapping) {
  if (mapping == mapping_) return;
  mapping_ = mapping;
  std::vector<Buffer> old = std::move(entries_);
  entries_.clear();
  last_found_ = 0;
  for (Buffer& buffer : old) {
    bool found = false;
    const std::size_t at = index(buffer.name, found);
    if (!found) entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), std::move(buffer));
  }
}

}  // namespace halley
