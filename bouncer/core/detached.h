// Channels that the user stays in without seeing them: their lines are kept, and ordinary
// clients are shown neither them nor that the user is there, until somebody joins, or something is said there
// that the user's setting reattach-on names. Browsers and programs see them as any. Kept over restarts.
//
// Thread: the loop's. Owner: the User.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/core/durable_state.h"

namespace halley {

class Network;

class Detached final : public StateOwner {
 public:
  static constexpr std::size_t kMostDetached = 1000;  // of a user; no more can be

  // Takes what was kept. `states` outlives it.
  Detached(DurableState& states, UserId user);

  bool has(NetworkId network, BufferId buffer) const {
    return !since_.empty() && since_.contains({network, buffer});
  }
  bool empty() const { return since_.empty(); }
  // The newest event when it was detached. REQUIRES: has().
  EventId since(NetworkId network, BufferId buffer) const { return since_.at({network, buffer}); }
  // Is the event to be seen in such channels alone, and from after they were detached?
  bool hides(const storage::Event& event) const { return !since_.empty() && hides_there(event); }
  std::vector<BufferId> of(NetworkId network) const;
  bool full() const { return since_.size() >= kMostDetached; }

  // REQUIRES: the journal has room for a record; add(): not full().
  void add(NetworkId network, BufferId buffer, EventId head);
  void remove(NetworkId network, BufferId buffer);
  void forget_network(UserId user, NetworkId network) override;

 private:
  using BufferKey = std::pair<NetworkId, BufferId>;
  bool hides_there(const storage::Event& event) const;
  void put(const BufferKey& place, std::string_view value);

  const UserId user_;
  std::map<BufferKey, EventId> since_;
};

// Is the channel one of these?
bool is_detached(const Network& network, std::string_view channel);
// Hides the channel from ordinary clients, which are told that it was left. Not empty: why it is not.
// REQUIRES: the journal has room for two records.
std::string detach_channel(Network& network, std::string_view channel);
// Shows it again, as if it had been joined. False: it is not detached.
// REQUIRES: the journal has room for a record.
bool attach_channel(Network& network, std::string_view channel);

}  // namespace halley
