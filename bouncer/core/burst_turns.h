// Whose turn it is to go on with what is long and not in the log: the members of a channel, an answer from
// the history. One piece in each turn of the loop for all users, who take turns, as do the clients of each:
// what others say goes out between the pieces.
//
// Thread: the loop's. Owner: the Bouncer; outlives the clients.
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <memory>

#include "bouncer/accounts/ids.h"
#include "bouncer/net/loop.h"

namespace halley {

class BurstTurns {
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
  static constexpr std::size_t kMostAtOnce = 64 * 1024;

  explicit BurstTurns(net::Loop& loop) : loop_(loop) {}

  // False: it is too much for this turn of the loop.
  bool spend(std::size_t bytes);
  // Calls taker.take_turn() once. REQUIRES: it does not wait already, and is forgotten before it goes.
  void wait(UserId user, Taker& taker);
  void forget(Taker& taker);

 private:
  struct Waiting {
    UserId user;
    std::list<Taker*> takers;  // mostly one; an empty deque is half a kilobyte
  };
  void arm();
  void serve();

  net::Loop& loop_;
  std::deque<Waiting> waiting_;  // each user once, the next one first
  std::size_t spent_ = 0;        // in this turn
  bool armed_ = false;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);  // what was posted checks it
};

}  // namespace halley
