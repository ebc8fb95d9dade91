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
    add({std::string(text), false});
  }
  // One of Halley's own (AutoAway) is on its way: what the user has said stays as it is.
  void ask_unkept() { add({{}, true}); }
  // 305 or 306: the oldest question is answered.
  void told(bool away) {
    Asked asked = asked_.empty() ? Asked{text_, false} : std::move(asked_.front());
    if (!asked_.empty()) asked_.erase(asked_.begin());
    if (asked.unkept) return;
    if (away && asked.text.empty()) asked.text = "away";
    keep(away ? std::move(asked.text) : std::string());
  }
  void link_gone() {
    // What was asked for and not answered is still wanted.
    std::erase_if(asked_, [](const Asked& asked) { return asked.unkept; });
    if (!asked_.empty()) keep(std::move(asked_.back().text));
    asked_.clear();
  }
  const std::string& text() const { return text_; }  // empty: not away
  // Is what the user has said still on its way?
  bool asked() const {
    return std::ranges::any_of(asked_, [](const Asked& asked) { return !asked.unkept; });
  }

 private:
  static constexpr std::size_t kMostAsked = 8;
  struct Asked {
    std::string text;
    bool unkept;
  };

  void add(Asked asked) {
    if (asked_.size() == kMostAsked) asked_.erase(asked_.begin());
    asked_.push_back(std::move(asked));
  }
  void keep(std::string text) {
    if (text == text_) return;
    text_ = std::move(text);
    states_.put(StateKind::kAway, {.user = user_, .network = network_, .key = {}, .value = text_});
  }

  DurableState& states_;
  const storage::UserId user_;
  const storage::NetworkId network_;
  std::string text_;
  std::vector<Asked> asked_;
};

}  // namespace halley
