// Who follows which users' raw lines (halley trace): shows them without secrets, and is no more once nobody
// holds those who follow.
//
// Thread: the loop's. Owner: the Bouncer, which tells of users and networks that go. While nobody follows a
// user, a line costs one comparison. Nothing to hand over: who follows asks again.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <string>

#include "bouncer/accounts/ids.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/cli/follower.h"
#include "bouncer/net/clock.h"

namespace halley {

class User;

class Traces {
 public:
  static constexpr std::size_t kMostTraces = 16, kMostTracesOfUser = 4;

  Traces(const net::Clock& clock, const Sealer& sealer);
  ~Traces();

  // `network` 0: all of them. The error is a sentence. REQUIRES: forget() is called before the user goes.
  std::expected<void, std::string> add(User& user, NetworkId network, std::weak_ptr<cli::Follower> follower);
  void forget(UserId user);                     // ends those who follow them
  void forget(UserId user, NetworkId network);  // ends those who follow that network alone

 private:
  class OfUser;

  const net::Clock& clock_;
  const Sealer& sealer_;
  std::map<UserId, std::unique_ptr<OfUser>> users_;
};

}  // namespace halley
