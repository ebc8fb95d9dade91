#include "bouncer/core/replay_turns.h"

#include "bouncer/core/log_cursor.h"
#include "storage/api/spoken.h"

namespace halley {

namespace {
// At 256 KiB others' median latency was 0.5 ms while one client replayed a million lines.
constexpr std::size_t kReplayPiece = 32 * 1024, kGentlePiece = 16 * 1024;
// The kernel lets a thread that reads a whole page go on for a millisecond though it is nice, and whoever is
// woken on that processor waits.
constexpr std::size_t kGentlePage = 32 * 1024;
constexpr std::uint64_t kGentlePauseMs = 4;  // 4 MB, about 30,000 lines a second for all that replay
}  // namespace

ReplayTurns::ReplayTurns(net::Loop& loop, storage::Store& store)
    : loop_(loop),
      store_(store),
      timer_(loop.timer([this] { serve(); })),
      alive_(std::make_shared<const int>(0)) {}

void ReplayTurns::wait(LogCursor& cursor, From from) {
  (from == From::kRing ? from_ring_ : from_store_).push_back(&cursor);
  arm();
}

void ReplayTurns::forget(LogCursor& cursor) {
  std::erase(from_ring_, &cursor);
  std::erase(from_store_, &cursor);
}

std::size_t ReplayTurns::piece() const {
  return gently() ? kGentlePiece : kReplayPiece;
}

std::size_t ReplayTurns::page() const {
  return gently() ? kGentlePage : storage::LogQuery{}.max_bytes;
}

bool ReplayTurns::gently() const {
  return storage::spoken_lately(last_spoken_, loop_.clock().wall_us());
}

void ReplayTurns::arm() {
  if (posted_ || (from_ring_.empty() && from_store_.empty())) return;
  const std::uint64_t now = loop_.clock().monotonic_ms();
  if (from_ring_.empty() && gently() && now < store_due_ms_) {
    timer_->start(store_due_ms_ - now);
    return;
  }
  posted_ = true;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    posted_ = false;
    serve();
  });
}

void ReplayTurns::serve() {
  const std::uint64_t now = loop_.clock().monotonic_ms();
  const bool store_due = !from_store_.empty() && (!gently() || now >= store_due_ms_);
  // By turns: what the ring has is soon over, and must not wait for a million lines.
  if (store_due && (from_ring_.empty() || !store_was_last_)) {
    store_was_last_ = true;
    store_due_ms_ = now + kGentlePauseMs;
    call_first(from_store_);
  } else if (!from_ring_.empty()) {
    store_was_last_ = false;
    call_first(from_ring_);
  }
  arm();
}

// A client that goes on waiting is put behind the others by its own call of wait().
void ReplayTurns::call_first(std::deque<LogCursor*>& queue) {
  LogCursor* const cursor = queue.front();
  queue.pop_front();
  cursor->take_turn();
}

}  // namespace halley
