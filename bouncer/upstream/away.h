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
      if (row.network == network_) state_.text = row.value;
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
    SentAway sent = state_.asked.empty() ? SentAway{state_.text, false} : std::move(state_.asked.front());
    if (!state_.asked.empty()) state_.asked.erase(state_.asked.begin());
    if (sent.unkept) return;
    if (away && sent.text.empty()) sent.text = "away";
    keep(away ? std::move(sent.text) : std::string());
  }
  void link_gone() {
    // What was asked for and not answered is still wanted.
    std::erase_if(state_.asked, [](const SentAway& sent) { return sent.unkept; });
    if (!state_.asked.empty()) keep(std::move(state_.asked.back().text));
    state_.asked.clear();
  }
  const std::string& text() const { return state_.text; }  // empty: not away
  // Is what the user has said still on its way?
  bool asked() const {
    return std::ranges::any_of(state_.asked, [](const SentAway& sent) { return !sent.unkept; });
  }

 private:
  static constexpr std::size_t kMostAsked = 8;
  struct SentAway {
    std::string text;
    bool unkept;
  };
  struct State {
    std::string text;             // that the network confirmed, or will be told
    std::vector<SentAway> asked;  // and not answered, the oldest first
  };

  void add(SentAway sent) {
    if (state_.asked.size() == kMostAsked) state_.asked.erase(state_.asked.begin());
    state_.asked.push_back(std::move(sent));
  }
  void keep(std::string text) {
    if (text == state_.text) return;
    state_.text = std::move(text);
    states_.put(StateKind::kAway, {.user = user_, .network = network_, .key = {}, .value = state_.text});
  }

  DurableState& states_;
  const storage::UserId user_;
  const storage::NetworkId network_;
  State state_;
};

}  // namespace halley
