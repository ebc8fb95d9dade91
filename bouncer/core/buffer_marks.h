// How far something has got in each buffer of a user's networks: a time that only grows, such as that of the
// newest line that the user has read. Moves are journalled; they survive a restart and a kill -9. A mark
// belongs to the buffer, not to its name: it stays when a query's partner or a channel is renamed.
//
// Thread: the loop's. Owner: the User, one for each kind. Times are milliseconds since 1970.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/core/durable_state.h"

namespace halley {

class BufferMarks final : public StateOwner {
 public:
  // Of a user; the mark that was moved longest ago makes place for a new one.
  static constexpr std::size_t kMostMarks = 4000;

  // Takes what was kept of this kind. `states` outlives it.
  BufferMarks(DurableState& states, StateKind kind, UserId user);

  // Nothing: never set.
  std::optional<std::int64_t> of(NetworkId network, BufferId buffer) const;
  // False: it is there already, or further on.
  // REQUIRES: the journal has room for two records.
  bool advance(NetworkId network, BufferId buffer, std::int64_t time_ms);
  // Calls visit(BufferId, time_ms) for each mark of the network.
  template <typename Visit>
  void each(NetworkId network, Visit&& visit) const {
    for (auto at = marks_.lower_bound({network, 0}); at != marks_.end() && at->first.first == network; ++at)
      visit(at->first.second, at->second.time_ms);
  }
  void forget_network(UserId user, NetworkId network) override;

 private:
  friend struct CostProbe;  // tests look at the counters
  struct Mark {
    std::int64_t time_ms;
    std::uint64_t moved;  // counts moves: the smallest was moved longest ago
  };
  using BufferKey = std::pair<NetworkId, BufferId>;
  void put(const BufferKey& place, std::string_view value);
  void make_place();
  void find_oldest();

  const StateKind kind_;
  const UserId user_;
  std::map<BufferKey, Mark> marks_;
  std::uint64_t moves_ = 0;
  // Those that were moved longest ago when it was last looked for them, the oldest last: found by the
  // hundred.
  std::vector<std::pair<std::uint64_t, BufferKey>> oldest_;
  std::uint64_t searches_ = 0;  // by find_oldest()
};

}  // namespace halley
