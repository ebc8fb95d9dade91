#include "bouncer/core/user_turns.h"

#include <algorithm>
#include <utility>

namespace halley {

void UserTurns::begin_turn() {
  if (turn_ == loop_.turn_number()) return;
  turn_ = loop_.turn_number();
  spent_ = 0;
}

bool UserTurns::spend(std::size_t bytes) {
  begin_turn();
  if (spent_ + bytes > at_once_) return false;
  spent_ += bytes;
  return true;
}

void UserTurns::spend(std::size_t bytes, std::uint64_t us, Share& share) {
  begin_turn();
  if (share.turn != turn_) share = {.turn = turn_, .spent = 0};
  const std::size_t cost = std::max(bytes, us * kOfAMicrosecond);
  share.spent += cost;
  spent_ += cost;
}

void UserTurns::wait(UserId user, Taker& taker) {
  auto at = std::ranges::find(waiting_, user, &Waiting::user);
  if (at == waiting_.end()) at = waiting_.insert(at, Waiting{user, {}});
  at->takers.push_back(&taker);
  arm();
}

void UserTurns::forget(Taker& taker) {
  for (Waiting& waiting : waiting_) std::erase(waiting.takers, &taker);
  std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.takers.empty(); });
}

void UserTurns::arm() {
  if (std::exchange(armed_, true)) return;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    armed_ = false;
    serve();
  });
}

void UserTurns::serve() {
  if (waiting_.empty()) return;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  Taker* const taker = next.takers.front();
  next.takers.pop_front();
  if (!next.takers.empty()) waiting_.push_back(std::move(next));
  if (!waiting_.empty()) arm();
  taker->take_turn();
}

}  // namespace halley
