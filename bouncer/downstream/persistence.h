// PERSISTENCE (draft/persistence): what each user has asked for of what becomes of them while no client is
// attached. Halley always stays connected; the wish is kept, durably, and told, as the extension has it.
// Source: https://github.com/ircv3/ircv3-specifications/pull/503
//
// Thread: the loop's. Owner: the Bouncer. A successor takes what is durable.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "bouncer/core/durable_state.h"

namespace halley {

class PersistenceSettings final : public StateOwner {
 public:
  enum class ClientSetting : std::uint8_t { kDefault, kOn, kOff };

  // REQUIRES: the states have not been taken() yet.
  explicit PersistenceSettings(DurableState& states);
  void forget_user(storage::UserId user) override;

  // As it is called on the wire: "DEFAULT", "ON", "OFF", of any case. nullopt: there is none of that name.
  static std::string_view word(ClientSetting setting);
  static std::optional<ClientSetting> parse(std::string_view word);

  ClientSetting of(storage::UserId user) const;
  // False: it was so before. REQUIRES: the states have room.
  bool set(storage::UserId user, ClientSetting setting);

 private:
  std::map<storage::UserId, ClientSetting> settings_;  // of those who have set one
};

}  // namespace halley
