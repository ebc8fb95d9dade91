// Whose turn it is to go on with a long replay: one client a turn of the loop, so that what others say waits
// for one piece, whoever else is catching up. While people are being spoken to, what comes from the database
// goes on every 4 ms only: with one client replaying a million lines a third's p99 was 3 to 8 times its quiet
// value without that, and is about the same with it (tests/bench, long-reads). What comes from the journal's
// ring is soon over, and in a flood a client that was outrun must not fall further behind: it need not wait.
//
// Owner: the Bouncer, one for all users. Thread: the loop's. A successor needs nothing of it: whoever waits
// for a turn asks for it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "bouncer/net/loop.h"
#include "storage/api/store.h"

namespace halley {

class LogCursor;

class ReplayTurns {
 public:
  ReplayTurns(net::Loop& loop, storage::Store& store);

  enum class From { kRing, kStore };
  // Calls cursor.take_turn() once, in a later turn of the loop.
  // REQUIRES: the cursor is not waiting already; it is forgotten before it goes.
  void wait(LogCursor& cursor, From from);
  void forget(LogCursor& cursor);
  // Bytes to queue in one turn.
  std::size_t piece() const;
  // Bytes to ask the store for at once.
  std::size_t page() const;

  // A client that has caught up was just given the event. Ids are the time an event came.
  void spoken(storage::EventId id) {
    last_spoken_ = id;
    store_.spoken(id);
  }

 private:
  bool gently() const;
  void arm();
  void serve();
  static void call_first(std::deque<LogCursor*>& queue);

  net::Loop& loop_;
  storage::Store& store_;
  std::deque<LogCursor*> from_ring_, from_store_;
  storage::EventId last_spoken_ = 0;
  std::uint64_t store_due_ms_ = 0;  // the next piece of from_store_, while gently
  bool store_was_last_ = false;     // the last turn was of from_store_
  bool posted_ = false;
  std::unique_ptr<net::Timer> timer_;
  std::shared_ptr<const int> alive_;  // what was posted checks that we still live
};

}  // namespace halley
