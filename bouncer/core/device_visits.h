// Where each device was last here from, with what, and until when, for `device list`. Durable, and gone with
// the device; nothing of it is in memory.
//
// Thread: the loop's. Owner: the Bouncer; what it is given outlives it. Bounds: two records of a device.
// While the journal has no room none is kept. After a kill a device was last here when it came, or when
// Accounts::device_seen() says. A successor takes nothing: what is kept stands in the database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/client.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/net/clock.h"

namespace halley {

class DeviceVisits final : public StateOwner {
 public:
  static constexpr std::size_t kMostSoftwareBytes = 120;  // the rest is not kept
  // Of a user; beyond, a device's visits are told as they were before.
  static constexpr std::size_t kMostRecordsAMinute = 60;

  DeviceVisits(DurableState& states, const Accounts& accounts, const net::Clock& clock);

  // A client attached, or is about to be detached. What has no device, one that is no more, or does not say
  // where it comes from, is not kept. REQUIRES: it is attached.
  void came(const Client& client);
  void left(const Client& client);

  struct Visit {
    std::int64_t came_ms = 0, left_ms = 0;  // 0: not known
    ClientSource source = {};
  };
  // Of what the store has of StateKind::kDeviceVisit of one user.
  static std::map<storage::DeviceId, Visit> read(const std::vector<storage::StateRow>& rows);

 private:
  bool is_kept(const Client& client, const ClientSource& source) const;
  void put(const Client& client, std::string_view key, std::string_view value);
  std::int64_t now_ms() const { return clock_.wall_us() / 1000; }

  const Accounts& accounts_;
  const net::Clock& clock_;
  // In this minute, by user.
  std::uint64_t minute_ = 0;
  std::map<storage::UserId, std::size_t> records_;
};

}  // namespace halley
