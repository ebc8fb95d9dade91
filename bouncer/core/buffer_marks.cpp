#include "bouncer/core/buffer_marks.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string>

namespace halley {

namespace {

constexpr std::size_t kSoughtAtOnce = 256;

template <typename Number>
std::optional<Number> read_number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

// Key: the buffer; value: the time. What nobody could have put is passed over.
BufferMarks::BufferMarks(DurableState& states, StateKind kind, UserId user)
    : StateOwner(states), kind_(kind), user_(user) {
  states_.take(kind_, user, [this](const storage::StateRow& row) {
    const auto buffer = read_number<BufferId>(row.key);
    const auto time_ms = read_number<std::int64_t>(row.value);
    if (buffer && time_ms && marks_.size() < kMostMarks)
      marks_[{row.network, *buffer}] = {*time_ms, ++moves_};
  });
}

std::optional<std::int64_t> BufferMarks::of(NetworkId network, BufferId buffer) const {
  const auto at = marks_.find({network, buffer});
  return at == marks_.end() ? std::nullopt : std::optional(at->second.time_ms);
}

bool BufferMarks::advance(NetworkId network, BufferId buffer, std::int64_t time_ms) {
  const BufferKey place{network, buffer};
  const auto known = marks_.find(place);
  if (known != marks_.end() && known->second.time_ms >= time_ms) return false;
  if (known == marks_.end() && marks_.size() >= kMostMarks) make_place();
  marks_[place] = {time_ms, ++moves_};
  put(place, std::to_string(time_ms));
  return true;
}

// Whoever marks ever new buffers does not have all of them looked at each time.
void BufferMarks::make_place() {
  for (bool searched = false;; oldest_.pop_back()) {
    if (oldest_.empty()) {
      if (std::exchange(searched, true)) return;
      find_oldest();
    }
    const auto at = marks_.find(oldest_.back().second);
    if (at == marks_.end() || at->second.moved != oldest_.back().first) continue;  // moved since, or gone
    put(at->first, {});
    marks_.erase(at);
    oldest_.pop_back();
    return;
  }
}

void BufferMarks::find_oldest() {
  ++searches_;
  for (const auto& [place, mark] : marks_) oldest_.emplace_back(mark.moved, place);
  const auto kept = oldest_.begin() + static_cast<std::ptrdiff_t>(std::min(oldest_.size(), kSoughtAtOnce));
  std::ranges::nth_element(oldest_, kept);
  oldest_.erase(kept, oldest_.end());
  oldest_.shrink_to_fit();
  std::ranges::sort(oldest_, std::greater());
}

void BufferMarks::put(const BufferKey& place, std::string_view value) {
  const std::string key = std::to_string(place.second);
  states_.put(kind_,
              {.user = user_, .network = place.first, .device = 0, .kind = 0, .key = key, .value = value});
}

void BufferMarks::forget_network(UserId user, NetworkId network) {
  if (user != user_) return;
  std::erase_if(marks_, [network](const auto& entry) { return entry.first.first == network; });
}

}  // namespace halley
