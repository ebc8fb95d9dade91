#include "bouncer/core/redactions.h"

#include <algorithm>
#include <charconv>

namespace halley {

// Key: the msgid; value: the buffer.
Redactions::Redactions(DurableState& states, storage::UserId user) : states_(states), user_(user) {
  states_.take(StateKind::kRedaction, user, [this](const storage::StateRow& row) {
    storage::BufferId buffer = 0;
    std::from_chars(row.value.data(), row.value.data() + row.value.size(), buffer);
    if (buffer != 0 && lines_->size() < kMostRedactions)
      (*lines_)[{row.network, row.key}] = {buffer, ++count_};
  });
}

void Redactions::add(storage::NetworkId network, storage::BufferId buffer, std::string_view msgid) {
  // No line bears a longer one: a network's tags are not that long.
  if (msgid.empty() || msgid.size() > storage::kMaxStateKey) return;
  const Lines::key_type key{network, std::string(msgid)};
  if (lines_->contains(key)) return;
  if (lines_->size() >= kMostRedactions) {
    const auto oldest =
        std::ranges::min_element(*lines_, {}, [](const auto& entry) { return entry.second.added; });
    put(oldest->first, {});
    lines_->erase(oldest);
  }
  (*lines_)[key] = {buffer, ++count_};
  put(key, std::to_string(buffer));
}

void Redactions::put(const Lines::key_type& key, std::string_view value) {
  states_.put(
      StateKind::kRedaction,
      {.user = user_, .network = key.first, .device = 0, .kind = 0, .key = key.second, .value = value});
}

// Whoever may take back a line in one place may not do so in another: the buffer must be the same.
bool Redactions::taken_back(const Lines& lines, const storage::Event& event) {
  if (lines.empty() || event.msgid.empty()) return false;
  const auto at = lines.find({event.network, std::string(event.msgid)});
  return at != lines.end() && std::ranges::find(event.buffers, at->second.buffer) != event.buffers.end();
}

void Redactions::forget_network(storage::NetworkId network) {
  std::erase_if(*lines_, [network](const auto& entry) { return entry.first.first == network; });
}

}  // namespace halley
