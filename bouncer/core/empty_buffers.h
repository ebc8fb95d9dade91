// Forgets buffers of which nothing is left in the log: talks with people who spoke once, whose lines are
// older than the retention says; channels that were left. They would be in memory, and in each list, for
// ever.
//
// Looks once a day, one network at a time, and forgets what the store has no line of, unless the user is in
// that channel or wants to be, has set something for it, or keeps it otherwise (StateOwner), or something
// happens there meanwhile. Thread: the loop's. Owner: the Bouncer; what it is given outlives it. A successor
// begins anew.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/net/loop.h"
#include "storage/api/store.h"

namespace halley {

class Network;
class User;

class EmptyBuffers {
 public:
  using Users = std::function<std::vector<User*>()>;
  EmptyBuffers(net::Loop& loop, storage::Store& store, const Accounts& accounts, const DurableState& states,
               Users users);

 private:
  void begin();
  void ask_next();
  void ask(std::size_t limit);
  Network* find(UserId user, NetworkId network) const;
  void forget(Network& network, std::vector<storage::TargetRow> shown);

  storage::Store& store_;
  const Accounts& accounts_;
  const DurableState& states_;
  const Users users_;
  std::vector<std::pair<UserId, NetworkId>> left_;  // to be looked at today
  std::unique_ptr<net::Timer> timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // the store's answers check that we still live
};

}  // namespace halley
