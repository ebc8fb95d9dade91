#include "gateway/http/request_turns.h"

#include <utility>

#include "gateway/http/http_connection.h"

namespace halley::gateway {

bool RequestTurns::take() {
  if (!waiting_.empty() || !behind_.empty()) return false;
  const std::uint64_t now_ms = loop_.clock().monotonic_ms();
  if (turn_ == loop_.turn_number()) return now_ms - began_ms_ < kMostRequestMs;
  turn_ = loop_.turn_number();
  began_ms_ = now_ms;
  return true;
}

void RequestTurns::wait(HttpConnection& connection, const std::string& whose) {
  if (serving_) {
    behind_.emplace_back(&connection, whose);
    return;
  }
  const auto [at, is_new] = by_address_.try_emplace(whose);
  if (is_new) at->second = waiting_.insert(waiting_.end(), {.whose = whose, .connections = {}});
  at->second->connections.push_back(&connection);
  ++connections_;
  arm();
}

void RequestTurns::forget_ended() {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    connections_ -=
        at->connections.remove_if([](const HttpConnection* connection) { return connection->over(); });
    if (at->connections.empty()) {
      by_address_.erase(at->whose);
      at = waiting_.erase(at);
    } else {
      ++at;
    }
  }
}

// Of the address whose turn it is, which is behind the others then. REQUIRES: one waits.
HttpConnection& RequestTurns::take_next() {
  const auto at = waiting_.begin();
  HttpConnection& connection = *at->connections.front();
  at->connections.pop_front();
  --connections_;
  if (at->connections.empty()) {
    by_address_.erase(at->whose);
    waiting_.erase(at);
  } else {
    waiting_.splice(waiting_.end(), waiting_, at);
  }
  return connection;
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
  serving_ = true;
  while (connections_ > 0) {
    take_next().take_turn();
    if (loop_.clock().monotonic_ms() - began_ms_ >= kMostRequestMs) break;
  }
  serving_ = false;
  for (const auto& [connection, whose] : std::exchange(behind_, {})) wait(*connection, whose);
  if (!waiting_.empty()) arm();
}

}  // namespace halley::gateway
