#include "bouncer/core/buffer_marks.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace halley {

namespace {

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
    : states_(states), kind_(kind), user_(user) {
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
  const Place place{network, buffer};
  const auto known = marks_.find(place);
  if (known != marks_.end() && known->second.time_ms >= time_ms) return false;
  if (known == marks_.end() && marks_.size() >= kMostMarks) make_place();
  marks_[place] = {time_ms, ++moves_};
  put(place, std::to_string(time_ms));
  return true;
}

void BufferMarks::make_place() {
  const auto oldest =
      std::ranges::min_element(marks_, {}, [](const auto& entry) { return entry.second.moved; });
  put(oldest->first, {});
  marks_.erase(oldest);
}

void BufferMarks::put(const Place& place, std::string_view value) {
  const std::string key = std::to_string(place.second);
  states_.put(kind_,
              {.user = user_, .network = place.first, .device = 0, .kind = 0, .key = key, .value = value});
}

void BufferMarks::forget_network(NetworkId network) {
  std::erase_if(marks_, [network](const auto& entry) { return entry.first.first == network; });
}

}  // namespace halley
