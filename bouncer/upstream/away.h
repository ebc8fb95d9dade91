// Whether the user is away on one network, as it confirmed; said again on each link, also after a restart.
//
// Thread: the loop's. Owner: the Upstream.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/core/durable_state.h"

namespace halley {

class Away {
 public:
  // Takes what was kept. `states` outlives it.
  Away(DurableState& states, storage::UserId user, storage::NetworkId network)
      : states_(states), user_(user), network_(network) {
    states_.take(StateKind::kAway, user, [this](const storage::StateRow& row) {
      if (row.network == network_) text_ = row.value;
    });
  }

  // A client's AWAY is on its way to the network, or (`no_link`) will be. Empty: back again.
  // REQUIRES (as told()): the journal has room for a record.
  void ask(std::string_view text, bool no_link) {
    if (no_link) return keep(std::string(text));
    if (asked_.size() == kMostAsked) asked_.erase(asked_.begin());
    asked_.emplace_back(text);
  }
  // 305 or 306: the oldest question is answered.
  void told(bool away) {
    std::string asked = asked_.empty() ? text_ : asked_.front();
    if (!asked_.empty()) asked_.erase(asked_.begin());
    if (away && asked.empty()) asked = "away";
    keep(away ? std::move(asked) : std::string());
  }
  void link_gone() {
    // What was asked for and not answered is still wanted.
    if (!asked_.empty()) keep(std::move(asked_.back()));
    asked_.clear();
  }
  const std::string& text() const { return text_; }  // empty: not away

 private:
  static constexpr std::size_t kMostAsked = 8;

  void keep(std::string text) {
    if (text == text_) return;
    text_ = std::move(text);
    states_.put(StateKind::kAway, {.user = user_, .network = network_, .key = {}, .value = text_});
  }

  DurableState& states_;
  const storage::UserId user_;
  const storage::NetworkId network_;
  std::string text_;
  std::vector<std::string> asked_;
};

}  // namespace halley
