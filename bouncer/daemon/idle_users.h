// Which users have not been here for so long that their networks are left (limits.idle_days and the user's
// own idle-days): nobody has been attached, by no device and no browser. Looks once an hour; they are
// connected again when somebody attaches (User::rest).
//
// When somebody was last here is durable, to the hour: devices and web logins know it, and are seen for as
// long as they are attached; as these rows go - a logout, a new password - it is also kept by itself. A wall
// clock that was set meanwhile is not believed until the next look.
// Thread: the loop's. Owner: the Bouncer, which tells of clients that attach; what it is given outlives it.
// A successor begins anew, with what is durable.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/config/config.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/net/loop.h"

namespace halley {

class User;

class IdleUsers final : public StateOwner {
 public:
  using Users = std::function<std::vector<User*>()>;
  IdleUsers(DurableState& states, net::Loop& loop, Accounts& accounts, const Config& config, Users users);
  void forget_user(UserId user) override;

  // Before the user's networks are connected: one who has been away for so long stays so. Nobody is told
  // again.
  void before_start(User& user) const;
  // The user's settings have changed: one who is not to be away any more is connected.
  void settings_changed(User& user) const;
  // A client attaches.
  void seen(UserId user) { keep(user, now_ms()); }

 private:
  void look();
  void see(const User& user);
  // Keeps that somebody was here then, unless it is known to the hour.
  void keep(UserId user, std::int64_t at_ms);
  // Days that the user has been away for, when those are enough; else 0.
  std::uint32_t days_away(const User& user) const;
  std::int64_t rows_seen_ms(UserId user) const;  // 0: there are no rows
  std::int64_t last_seen_ms(UserId user) const;
  std::int64_t now_ms() const { return loop_.clock().wall_us() / 1000; }
  std::int64_t offset_ms() const;

  net::Loop& loop_;
  Accounts& accounts_;
  const Config& config_;
  const Users users_;
  std::map<UserId, std::int64_t> seen_;  // as it is kept
  std::int64_t offset_ms_;               // by which the wall clock is ahead of the monotonic one
  std::unique_ptr<net::Timer> timer_;
};

}  // namespace halley
