// Which users have not been here for so long that their networks are left (limits.idle_days and the user's
// own idle-days): nobody has been attached, by no device and no browser. Looks once an hour; they are
// connected again when somebody attaches (User::rest).
//
// When somebody was last here is durable: the devices and web logins know it, to the hour, and are seen for
// as long as they are attached. A wall clock that was set meanwhile is not believed until the next look.
// Thread: the loop's. Owner: the Bouncer; what it is given outlives it. A successor begins anew.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/config/config.h"
#include "bouncer/net/loop.h"

namespace halley {

class User;

class IdleUsers {
 public:
  using Users = std::function<std::vector<User*>()>;
  IdleUsers(net::Loop& loop, Accounts& accounts, const Config& config, Users users);

  // Before the user's networks are connected: one who has been away for so long stays so. Nobody is told
  // again.
  void before_start(User& user) const;
  // The user's settings have changed: one who is not to be away any more is connected.
  void settings_changed(User& user) const;

 private:
  void look();
  void see_attached(const User& user);
  // Days that the user has been away for, when those are enough; else 0.
  std::uint32_t days_away(const User& user) const;
  std::int64_t last_seen_ms(UserId user) const;
  std::int64_t offset_ms() const;

  net::Loop& loop_;
  Accounts& accounts_;
  const Config& config_;
  const Users users_;
  std::int64_t offset_ms_;  // by which the wall clock is ahead of the monotonic one
  std::unique_ptr<net::Timer> timer_;
};

}  // namespace halley
