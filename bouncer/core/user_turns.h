// Whose turn it is to go on with what is long: the members of a channel, an answer from the history; and,
// with turns of their own, what networks and clients have said and is not handled yet. One piece in each turn
// of the loop for all users, who take turns, as do the peers of each: what others say goes out between the
// pieces.
//
// Thread: the loop's. Owner: the Bouncer; outlives the clients. A successor needs nothing of it: whoever
// waits for a turn asks for it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>

#include "bouncer/accounts/ids.h"
#include "bouncer/net/loop.h"

namespace halley {

class UserTurns {
 public:
  class Taker {
   public:
    // Goes on by kPiece bytes or so. May destroy the taker, or have it wait again.
    virtual void take_turn() = 0;

   protected:
    ~Taker() = default;
  };
  static constexpr std::size_t kPiece = 32 * 1024;
  // What is short need not wait for a turn: so much of it all users together may have made in one.
  static constexpr std::size_t kMostBytesAtOnce = 64 * 1024;

  // Of input so much, for all users in a turn of the loop: 2 ms at most, and a line.
  static constexpr std::size_t kMostInput = 256 * 1024;
  // A line costs that beside its bytes; and not less than what its handling took, whatever made it long: so
  // many bytes a microsecond.
  static constexpr std::size_t kOfEachLine = 64;
  static constexpr std::size_t kOfAMicrosecond = 128;
  // ... and so much for each of them, whatever the others have spent: who says little never waits.
  static constexpr std::size_t kMostUnasked = 4 * 1024;

  // What a user has spent of a turn.
  struct Share {
    std::uint64_t turn = 0;
    std::size_t spent = 0;
  };

  explicit UserTurns(net::Loop& loop, std::size_t at_once = kMostBytesAtOnce)
      : loop_(loop), at_once_(at_once) {}

  // False: it is too much for this turn of the loop.
  bool spend(std::size_t bytes);
  // May whose share this is go on in this turn?
  bool has_left(const Share& share) const {
    return loop_.turn_number() != turn_ || spent_ < at_once_ || share.turn != turn_ ||
           share.spent < kMostUnasked;
  }
  // What has been done is counted: so many bytes, which took `us`. REQUIRES: has_left().
  void spend(std::size_t bytes, std::uint64_t us, Share& share);
  // Calls taker.take_turn() once. REQUIRES: it does not wait already, and is forgotten before it goes.
  void wait(UserId user, Taker& taker);
  void forget(Taker& taker);

 private:
  struct Waiting {
    UserId user;
    std::list<Taker*> takers;  // mostly one; an empty deque is half a kilobyte
  };
  void begin_turn();  // if it is another one
  void arm();
  void serve();

  net::Loop& loop_;
  const std::size_t at_once_;
  std::deque<Waiting> waiting_;  // each user once, the next one first
  std::uint64_t turn_ = 0;       // the last one in which something was spent
  std::size_t spent_ = 0;        // in it
  bool armed_ = false;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);  // what was posted checks it
};

}  // namespace halley
