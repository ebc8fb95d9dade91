// How far each device of a user has got on each network: the id of the last event that it has. Moves are
// journalled; they survive a restart and a kill -9.
//
// Thread: the loop's. Owner: the User.
#pragma once

#include <vector>

#include "bouncer/core/durable_state.h"
#include "storage/api/event.h"

namespace halley {

class DevicePositions final : public StateOwner {
 public:
  // Takes what was kept of the user's devices. `states` outlives it.
  DevicePositions(DurableState& states, storage::UserId user);

  storage::EventId of(storage::DeviceId device, storage::NetworkId network) const;  // 0: never here
  // REQUIRES: the journal has room for a record.
  void set(storage::DeviceId device, storage::NetworkId network, storage::EventId id);
  void forget_network(storage::UserId user, storage::NetworkId network) override;
  void forget_device(storage::DeviceId device) override;

  struct Position {
    storage::DeviceId device;
    storage::NetworkId network;
    storage::EventId id;
  };
  // Of what the store has of StateKind::kDevicePosition of one user.
  static std::vector<Position> read(const std::vector<storage::StateRow>& rows);

 private:
  static Position position_of(const storage::StateRow& row);
  void remember(const Position& position);

  const storage::UserId user_;
  std::vector<Position> positions_;
};

}  // namespace halley
