// Whether the user is away on one network, as it confirmed; said again on each link, also after a restart.
//
// Thread: the loop's. Owner: the Upstream.
#pragma once

#include <algorithm>
#include <cstdint>
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

  // Without a link: what the network will be told. Empty: back again.
  // REQUIRES (as told()): the journal has room for a record.
  void want(std::string_view text) { keep(std::string(text)); }
  // An AWAY is on its way to the network, as the question of this number (Requests).
  void sent(std::uint64_t question, std::string_view text) {
    if (state_.asked.size() == kMostAsked) state_.asked.erase(state_.asked.begin());
    state_.asked.push_back({question, std::string(text), false});
  }
  // That was Halley's own (AutoAway, or said again): what the user has said stays as it is.
  void sent_was_own() {
    if (!state_.asked.empty()) state_.asked.back().unkept = true;
  }
  // 305 or 306, which answers that question; 0: none that is known. The network is past those before it.
  void told(std::uint64_t question, bool away) {
    SentAway sent{question, state_.text, false};
    std::erase_if(state_.asked, [&sent](SentAway& asked) {
      if (asked.question == sent.question) sent = std::move(asked);
      return sent.question != 0 && asked.question <= sent.question;
    });
    if (sent.unkept) return;
    if (away && sent.text.empty()) sent.text = "away";
    keep(away ? std::move(sent.text) : std::string());
  }
  // The network has refused those that are not `open` any more, in whichever words: all stays as it was.
  template <typename IsOpen>
  void passed(IsOpen&& open) {
    std::erase_if(state_.asked, [&open](const SentAway& sent) { return !open(sent.question); });
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
    std::uint64_t question;
    std::string text;
    bool unkept;
  };
  struct State {
    std::string text;             // that the network confirmed, or will be told
    std::vector<SentAway> asked;  // and not answered, the oldest first
  };

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
