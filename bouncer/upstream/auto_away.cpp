#include "bouncer/upstream/auto_away.h"

#include <algorithm>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

void AutoAway::look() {
  const bool present = up_.user().present(up_.network());
  const std::uint64_t now = up_.now_ms();
  if (present) {
    state_.absent_since_ms = 0;
  } else if (state_.absent_since_ms == 0) {
    state_.absent_since_ms = std::max<std::uint64_t>(now, 1);
  }
  if (up_.link() != Link::kConnected || up_.away().asked()) return;
  const std::string text = auto_away(up_.network().row(), up_.user().row());
  // Who said so themselves is away by that.
  const bool due =
      !present && now - state_.absent_since_ms >= kAfterMs && !text.empty() && up_.away().text().empty();
  if (due != state_.said && say(due ? text : std::string())) state_.said = due;
}

// Empty: back again. What the user has said meanwhile is not undone.
bool AutoAway::say(const std::string& text) {
  if (text.empty() && !up_.away().text().empty()) return true;
  return up_.say_away(text);
}

}  // namespace halley
