// Whose turn it is to tell a fresh stream the state: one in a turn of the loop, so that what others say waits
// for one snapshot only, and none while all clients of the user together have 16 MiB that nobody has taken
// yet.
//
// Thread: the loop's. Owner: the StreamHub. A successor needs nothing of it: a stream without its snapshot
// waits again.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "bouncer/net/loop.h"

namespace halley::gateway {

class FrameClient;

class SnapshotTurns {
 public:
  static constexpr std::size_t kMostUnreadBytes = std::size_t{16} << 20;  // bytes, of a user

  explicit SnapshotTurns(net::Loop& loop) : loop_(loop) {}

  // Calls stream.begin() once: now, where it is the first of this turn, or in a later one.
  // REQUIRES: the stream does not wait already, and is forgotten before it goes.
  void wait(FrameClient& stream);
  void forget(FrameClient& stream);
  // Twice a second: those whose user had too much unread are looked at again.
  void tick();

 private:
  void serve();
  void arm();

  net::Loop& loop_;
  std::deque<FrameClient*> waiting_;
  bool armed_ = false;                                     // one has begun in this turn
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what was posted checks that we still live
};

}  // namespace halley::gateway
