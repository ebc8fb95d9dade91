#include "bouncer/core/state_kinds.h"

#include <charconv>
#include <string>

namespace halley {

namespace {

// The number that `text` begins with; what is none stays as it is.
void add_to_number(std::string& text, storage::BufferId added) {
  storage::BufferId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || id == 0) return;
  text.replace(0, static_cast<std::size_t>(end - text.data()), std::to_string(id + added));
}

}  // namespace

void move_buffers(storage::StateRow& row, storage::BufferId added) {
  switch (static_cast<StateKind>(row.kind)) {
    case StateKind::kReadMarker:
    case StateKind::kPlaybackCleared:
    case StateKind::kDetached:
      return add_to_number(row.key, added);
    case StateKind::kRedaction:
      return add_to_number(row.value, added);
    case StateKind::kDevicePosition:
    case StateKind::kNumberedCommand:
    case StateKind::kOutbox:
    case StateKind::kAway:
    case StateKind::kNaming:
    case StateKind::kPushSubscription:
      return;  // no buffer is named there
  }
}

}  // namespace halley
