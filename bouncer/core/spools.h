// What all clients of a user get alike, encoded once: the open chunk of each encoding that was asked for in
// this turn. Owner: the Bouncer, one for all users: an idle user holds no buffer. Thread: the loop's. Nothing
// of it outlives a turn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bouncer/core/out_queue.h"
#include "bouncer/net/loop.h"

namespace halley {

class Spools {
 public:
  explicit Spools(net::Loop& loop);

  // The bytes of event `id` of `user` as clients of this `key` get them: `encode(std::string&)` runs for the
  // first that asks. A key names the encoding in full (transport, capabilities, network).
  // Valid until the next call. REQUIRES: the event is live: those of one key are asked for in the order of
  // ids.
  template <typename Encode>
  const ChunkSpan& shared(storage::UserId user, std::uint64_t key, EventId id, Encode&& encode) {
    Spool& spool = spool_for(user, key);
    if (spool.last != id) {
      scratch_.clear();
      encode(scratch_);
      spool.span = spool.writer.append(scratch_, id);
      spool.last = id;
    }
    return spool.span;
  }

 private:
  struct Spool {
    storage::UserId user;
    std::uint64_t key;
    EventId last = 0;
    ChunkSpan span = {};
    ChunkWriter writer = {};
  };
  Spool& spool_for(storage::UserId user, std::uint64_t key) {
    for (Spool& spool : open_) {
      if (spool.user == user && spool.key == key) return spool;
    }
    return open_spool(user, key);
  }
  Spool& open_spool(storage::UserId user, std::uint64_t key);

  std::vector<Spool> open_;  // at most kMostOpenSpools
  std::string scratch_;
  std::unique_ptr<net::Task> end_turn_;
};

}  // namespace halley
