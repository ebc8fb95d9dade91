// Who tells the user's devices of what calls them while they have no connection: push/pusher.h.
//
// Thread: the loop's. Owner: the composition root; outlives the users.
#pragma once

#include <cstdint>

#include "bouncer/accounts/ids.h"

namespace halley {

class Network;

class NoticeSink {
 public:
  // What calls the user was logged, or what they said themselves (event_flag). The event is valid during the
  // call.
  virtual void logged(const Network& network, const storage::Event& event) = 0;
  // The user has read a buffer up to this time.
  virtual void read(const Network& network, BufferId buffer, std::int64_t time_ms) = 0;

 protected:
  ~NoticeSink() = default;
};

}  // namespace halley
