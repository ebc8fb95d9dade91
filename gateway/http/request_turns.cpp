#include "gateway/http/request_turns.h"

#include "gateway/http/http_connection.h"

namespace halley::gateway {

bool RequestTurns::take() {
  if (!waiting_.empty()) return false;
  const std::uint64_t now_ms = loop_.clock().monotonic_ms();
  if (turn_ == loop_.turn_number()) return now_ms - began_ms_ < kMostRequestMs;
  turn_ = loop_.turn_number();
  began_ms_ = now_ms;
  return true;
}

void RequestTurns::wait(HttpConnection& connection) {
  waiting_.push_back(&connection);
  arm();
}

void RequestTurns::forget_ended() {
  std::erase_if(waiting_, [](const HttpConnection* connection) { return connection->over(); });
}

void RequestTurns::arm() {
  if (armed_) return;
  armed_ = true;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    armed_ = false;
    serve();
  });
}

// Each that waits now has one request handled, and is behind all others with its next. None is destroyed
// meanwhile: connections are swept at the end of a turn.
void RequestTurns::serve() {
  turn_ = loop_.turn_number();
  began_ms_ = loop_.clock().monotonic_ms();
  for (std::size_t left = waiting_.size(); left > 0; --left) {
    HttpConnection* const connection = waiting_.front();
    waiting_.pop_front();
    connection->take_turn();
    if (loop_.clock().monotonic_ms() - began_ms_ >= kMostRequestMs) break;
  }
  if (!waiting_.empty()) arm();
}

}  // namespace halley::gateway
