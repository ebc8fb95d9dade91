#include "bouncer/core/device_positions.h"

#include <charconv>
#include <string>

namespace halley {

DevicePositions::DevicePositions(DurableState& states, storage::UserId user)
    : StateOwner(states), user_(user) {
  states_.take(StateKind::kDevicePosition, user,
               [this](const storage::StateRow& row) { remember(position_of(row)); });
}

DevicePositions::Position DevicePositions::position_of(const storage::StateRow& row) {
  storage::EventId id = 0;
  std::from_chars(row.value.data(), row.value.data() + row.value.size(), id);
  return {.device = row.device, .network = row.network, .id = id};
}

std::vector<DevicePositions::Position> DevicePositions::read(const std::vector<storage::StateRow>& rows) {
  std::vector<Position> positions;
  positions.reserve(rows.size());
  for (const storage::StateRow& row : rows) positions.push_back(position_of(row));
  return positions;
}

storage::EventId DevicePositions::of(storage::DeviceId device, storage::NetworkId network) const {
  for (const Position& position : positions_) {
    if (position.device == device && position.network == network) return position.id;
  }
  return 0;
}

void DevicePositions::set(storage::DeviceId device, storage::NetworkId network, storage::EventId id) {
  remember({device, network, id});
  const std::string value = std::to_string(id);
  states_.put(StateKind::kDevicePosition,
              {.user = user_, .network = network, .device = device, .kind = 0, .key = {}, .value = value});
}

void DevicePositions::remember(const Position& position) {
  for (Position& known : positions_) {
    if (known.device != position.device || known.network != position.network) continue;
    known.id = position.id;
    return;
  }
  positions_.push_back(position);
}

void DevicePositions::forget_network(storage::UserId user, storage::NetworkId network) {
  if (user != user_) return;
  std::erase_if(positions_, [network](const Position& position) { return position.network == network; });
}

void DevicePositions::forget_device(storage::DeviceId device) {
  std::erase_if(positions_, [device](const Position& position) { return position.device == device; });
}

}  // namespace halley
