// Who fills the journal's ring: bytes of each user that are still needed there. While little of the ring is
// in use anybody may append; beyond, nobody has more than a fair share, so that one user's flood leaves room
// for the others.
//
// Owner and thread: the MappedJournal's producer. Bound: a counter for each user in each of 64 stretches of
// the ring.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "storage/api/event.h"

namespace halley::storage {

class RingShares {
 public:
  explicit RingShares(std::size_t ring) : ring_(ring) {}

  // A record of the user's was laid down at `offset`; offsets grow. True now and then, when it is time for
  // release().
  bool add(UserId user, std::uint64_t offset, std::size_t bytes);
  // All before `offset` is no longer needed.
  void release(std::uint64_t offset);
  // May the user append `bytes` more, where `used` of the ring are in use?
  bool allows(UserId user, std::size_t bytes, std::uint64_t used) const;

 private:
  struct Stretch {
    std::uint64_t begin, end;  // of its first record, and behind its last one
    std::unordered_map<UserId, std::uint64_t> bytes;
  };

  const std::size_t ring_;
  std::deque<Stretch> stretches_;  // oldest first
  std::unordered_map<UserId, std::uint64_t> bytes_;
};

}  // namespace halley::storage
