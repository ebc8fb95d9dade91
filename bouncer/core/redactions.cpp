#include "bouncer/core/redactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "bouncer/core/event_kind.h"

namespace halley {

namespace {

constexpr std::string_view kErased = " erased";
constexpr std::uint32_t kErasable = kMessageKinds | kind_bit(EventKind::kTagmsg);

}  // namespace

// Key: the msgid; value: the buffer, and " erased" once its text is gone.
Redactions::Redactions(DurableState& states, storage::Store& store, storage::UserId user)
    : StateOwner(states), store_(store), user_(user) {
  states_.take(StateKind::kRedaction, user, [this](const storage::StateRow& row) {
    storage::BufferId buffer = 0;
    std::from_chars(row.value.data(), row.value.data() + row.value.size(), buffer);
    if (buffer == 0 || lines()->size() >= kMostRedactions) return;
    const auto at = lines_->insert_or_assign({row.network, row.key}, Line{buffer, ++kept().count}).first;
    if (row.value.ends_with(kErased)) {
      mark_erased(at);
    } else {
      kept_->unerased[at->second.added] = at;
      erase_later(at->first);
    }
  });
  if (kept_) erase();
}

const std::shared_ptr<Redactions::Lines>& Redactions::lines() const {
  if (!lines_) lines_ = std::make_shared<Lines>();
  return lines_;
}

Redactions::Kept& Redactions::kept() {
  if (!kept_) kept_ = std::make_unique<Kept>();
  return *kept_;
}

void Redactions::add(storage::NetworkId network, storage::BufferId buffer, std::string_view msgid) {
  // No line bears a longer one: a network's tags are not that long.
  if (msgid.empty() || msgid.size() > storage::kMaxStateKey) return;
  const Lines::key_type key{network, std::string(msgid)};
  if (lines()->contains(key)) return;
  if (lines_->size() >= kMostRedactions) forget_oldest();
  const auto at = lines_->emplace(key, Line{buffer, ++kept().count}).first;
  kept_->unerased[at->second.added] = at;
  put(key, std::to_string(buffer));
  erase_later(key);
  erase();
}

// One whose text is gone, unless there is none: that of others would be shown again.
void Redactions::forget_oldest() {
  ByAge& from = kept_->erased.empty() ? kept_->unerased : kept_->erased;
  const auto oldest = from.begin()->second;
  from.erase(from.begin());
  put(oldest->first, {});
  lines_->erase(oldest);
}

void Redactions::mark_erased(Lines::const_iterator line) {
  kept_->unerased.erase(line->second.added);
  kept_->erased[line->second.added] = line;
}

void Redactions::put(const Lines::key_type& key, std::string_view value) {
  states_.put(
      StateKind::kRedaction,
      {.user = user_, .network = key.first, .device = 0, .kind = 0, .key = key.second, .value = value});
}

void Redactions::erase_later(const Lines::key_type& key) {
  if (kept_->to_erase.size() >= kMostRedactions) kept_->to_erase.pop_front();
  kept_->to_erase.push_back(key);
}

// One commit at a time. A store in trouble tries again by itself; one that refuses for good is asked again at
// the next start.
void Redactions::erase() {
  if (kept_->erasing) return;
  std::vector<storage::Change> changes;
  std::vector<Lines::key_type> keys;
  for (; !kept_->to_erase.empty() && changes.size() < kMostErasedAtOnce; kept_->to_erase.pop_front()) {
    const auto at = lines_->find(kept_->to_erase.front());
    if (at == lines_->end()) continue;  // forgotten since
    keys.push_back(at->first);
    changes.emplace_back(storage::EraseText{.user = user_,
                                            .network = at->first.first,
                                            .buffer = at->second.buffer,
                                            .msgid = at->first.second,
                                            .kind = static_cast<std::uint8_t>(EventKind::kRedacted),
                                            .kinds = kErasable});
  }
  if (changes.empty()) return;
  kept_->erasing = true;
  store_.commit(std::move(changes), [this, alive = std::weak_ptr<int>(kept_->alive),
                                     keys = std::move(keys)](const storage::Status& status) {
    if (alive.expired()) return;
    kept_->erasing = false;
    if (status) std::ranges::for_each(keys, [this](const auto& key) { erased(key); });
    erase();
  });
}

void Redactions::erased(const Lines::key_type& key) {
  const auto at = lines_->find(key);
  if (at == lines_->end()) return;
  mark_erased(at);
  // A full journal goes without: the next start erases once more what is erased.
  if (states_.has_room()) put(key, fmt::format("{}{}", at->second.buffer, kErased));
}

// Whoever may take back a line in one place may not do so in another: the buffer must be the same.
bool Redactions::taken_back(const Lines& lines, const storage::Event& event) {
  if (lines.empty() || event.msgid.empty()) return false;
  const auto at = lines.find(Order::KeyView{event.network, event.msgid});
  return at != lines.end() && std::ranges::find(event.buffers, at->second.buffer) != event.buffers.end();
}

bool Redactions::has(storage::NetworkId network, storage::BufferId buffer, std::string_view msgid) const {
  if (!lines_ || msgid.empty()) return false;
  const auto at = lines_->find(Order::KeyView{network, msgid});
  return at != lines_->end() && at->second.buffer == buffer;
}

storage::Event Redactions::without_text(const storage::Event& event) {
  storage::Event bare = event;
  bare.kind = static_cast<std::uint8_t>(EventKind::kRedacted);
  bare.tags = {};
  if (event.text_at != 0) bare.line = event.line.substr(0, event.text_at);
  bare.text_at = 0;
  return bare;
}

void Redactions::forget_network(storage::UserId user, storage::NetworkId network) {
  if (user != user_ || !kept_) return;
  for (ByAge* ages : {&kept_->erased, &kept_->unerased})
    std::erase_if(*ages, [network](const auto& entry) { return entry.second->first.first == network; });
  std::erase_if(*lines_, [network](const auto& entry) { return entry.first.first == network; });
}

}  // namespace halley
