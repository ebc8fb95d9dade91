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

void RequestTurns::wait(HttpConnection& connection, const std::string& whose) {
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

// As many requests are handled as wait now; an address is behind all others with its next. None is destroyed
// meanwhile: connections are swept at the end of a turn.
void RequestTurns::serve() {
  turn_ = loop_.turn_number();
  began_ms_ = loop_.clock().monotonic_ms();
  for (std::size_t left = connections_; left > 0; --left) {
    take_next().take_turn();
    if (loop_.clock().monotonic_ms() - began_ms_ >= kMostRequestMs) break;
  }
  if (!waiting_.empty()) arm();
}

}  // namespace halley::gateway
