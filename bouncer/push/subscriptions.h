// All users' subscriptions, kept over restarts, sealed: an endpoint and its secret let whoever has them push.
//
// Thread: the loop's. Owner: the Pusher. States and sealer outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "bouncer/accounts/sealer.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/push/subscription.h"

namespace halley::push {

class Subscriptions {
 public:
  static constexpr std::size_t kMostSubscriptions = 16;

  // Takes what was kept. What cannot be opened, as halley.key is another, is passed over.
  Subscriptions(DurableState& states, const Sealer& sealer);

  // By id. Valid until the next change.
  std::span<const Subscription> of(UserId user) const;
  const Subscription* find(UserId user, std::uint64_t id) const;  // null: there is none
  std::size_t size() const;
  std::vector<UserId> users() const;  // who have had some

  // Takes the place of the user's with the same endpoint; its id is given here. nullopt: the user has as many
  // as may be.
  // REQUIRES: the journal has room for two records.
  std::optional<std::uint64_t> put(Subscription subscription);
  // Removes those of which `goes` says so, and tells of each. What the journal has no room for is kept in
  // mind: write_removed() writes it.
  using Goes = std::function<bool(const Subscription& subscription)>;
  using Gone = std::function<void(std::uint64_t id)>;
  void remove(UserId user, const Goes& goes, const Gone& gone);
  // The user is no more; what was kept of theirs goes by itself.
  void forget(UserId user, const Gone& gone);
  // Writes which were removed, as far as there is room. False: there is not, and after a kill now some would
  // be there again.
  bool write_removed();

 private:
  void put_state(const Subscription& subscription, bool kept);

  // Beside what is durable.
  struct State {
    std::vector<Subscription> removed;  // not yet written; put() needs room: kMostSubscriptions of each
  };

  DurableState& states_;
  const Sealer& sealer_;
  std::map<UserId, std::vector<Subscription>> users_;
  State state_;
  std::uint64_t last_ = 0;
};

}  // namespace halley::push
