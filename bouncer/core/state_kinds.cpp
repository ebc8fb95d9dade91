#include "bouncer/core/state_kinds.h"

#include <algorithm>
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
  using BufferIn = StateKindRow::BufferIn;
  const auto* const kind =
      std::ranges::find(kStateKinds, static_cast<StateKind>(row.kind), &StateKindRow::kind);
  if (kind == kStateKinds.end() || kind->buffer == BufferIn::kNone) return;
  add_to_number(kind->buffer == BufferIn::kKey ? row.key : row.value, added);
}

}  // namespace halley
