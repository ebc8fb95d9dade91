// The newest logins and changes of each account, for `user show`: who, when, from where, how. Durable, and
// gone with the user; only where the next ones go is in memory. Never a secret, nor what people say.
//
// Thread: the loop's. Owner: the Bouncer, or a command line without a daemon; what it is given outlives it.
// Bounds: so many of each kind of a user; a newer one takes the place of the oldest. While the journal has no
// room they stand in the operator's log alone. A successor takes them as a start does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bouncer/accounts/audit.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/net/clock.h"

namespace halley {

class UserAudits final : public StateOwner {
 public:
  static constexpr std::size_t kMostAuditLogins = 25, kMostAuditChanges = 25;

  UserAudits(DurableState& states, const net::Clock& clock);

  void add(storage::UserId user, const AuditEntry& entry);
  void forget_user(storage::UserId user) override;

  struct Kept {
    std::int64_t time_ms = 0;
    AuditEntry entry;
  };
  // Of what the store has of StateKind::kUserAudit of one user, the newest first.
  static std::vector<Kept> read(const std::vector<storage::StateRow>& rows);

 private:
  struct Next {
    std::size_t login = 0, change = 0;  // places in their rings
  };

  const net::Clock& clock_;
  std::map<storage::UserId, Next> next_;
};

}  // namespace halley
