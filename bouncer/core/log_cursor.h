// A place in a user's log that moves on: reads what is newer from the store, then from the journal's ring,
// and then follows live. Replay and live delivery are the same call in the same order of ids.
//
// Thread: the loop's. Owner: the Client, which hears of each event through the Consumer. Between open() and
// close() it belongs to one log; the log and the turns outlive that.
//
// The invariants:
//  1. Each event that the view shows is delivered once, in the order of ids, whatever stops and goes on.
//  2. Between the last event of a replay and the first live one nothing else happens: they are one call.
//  3. While the listener does not want more, at most two pages of the store are held for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bouncer/core/client_id.h"
#include "bouncer/core/user_log.h"
#include "bouncer/core/view.h"

namespace halley {

class Network;
class ReplayTurns;

// An event at its moment: valid during the call.
struct Delivery {
  const storage::Event& event;
  EventId prev;            // the event before it in the user's whole log; 0: none
  const Network* network;  // null when the network has been removed since
  bool live;               // false: replayed from the store or the journal
  // The client that said it, if one did; of a replay, only when the client that hears it did so itself, while
  // it was behind.
  ClientId origin = kNobody;
  // The command that it answers, if it does; of a replay nobody's.
  AskedBy answers = {};
};

class LogCursor {
 public:
  // Any call may close() or stop() the cursor, or destroy it with its owner.
  class Consumer {
   public:
    virtual void deliver(const Delivery& delivery) = 0;
    // All that was there has been delivered; what comes from now on is live.
    virtual void caught_up() = 0;
    // False while the queue towards the peer is long: the replay waits for more().
    virtual bool wants_more() const = 0;
    virtual std::size_t queued() const = 0;  // bytes that the peer has yet to take
    virtual void log_unreadable(std::string_view reason) = 0;
    // Null when it has been removed.
    virtual const Network* network_of(NetworkId id) const = 0;

   protected:
    ~Consumer() = default;
  };

  explicit LogCursor(Consumer& listener) : listener_(listener) {}
  LogCursor(const LogCursor&) = delete;
  LogCursor& operator=(const LogCursor&) = delete;
  ~LogCursor() { close(); }

  // Belongs to this log from now on, on behalf of the client `owner`; nothing is delivered before follow().
  void open(UserLog& log, ReplayTurns& turns, ClientId owner, View view);
  void close();

  // Delivers all events after `after` that the view shows, then live ones. Calls caught_up() once, at once
  // when there is nothing to replay.
  // REQUIRES: open.
  void follow(EventId after);
  // Stops delivery; follow() starts it again.
  void stop();
  // Goes on with a replay that waits. REQUIRES: wants_more() has turned true again.
  void more();

  const View& view() const { return state_.view; }
  ClientId owner() const { return state_.owner; }
  EventId at() const { return state_.at; }  // the last event delivered, or passed over
  bool live() const { return phase_ == Phase::kLive; }

  // From User. REQUIRES: open; the event is newer than each one before, and the view shows it.
  void offer(const Delivery& delivery) {
    if (phase_ != Phase::kLive) {
      if (delivery.origin == state_.owner) said_behind(delivery.event.id);
      return;
    }
    state_.at = delivery.event.id;
    listener_.deliver(delivery);
  }
  void take_turn();  // from ReplayTurns

 private:
  enum class Phase : std::uint8_t { kIdle, kReading, kWaiting, kLive };
  // What a cursor is, as values: whoever has it and follows from `at` gets what this one would have got.
  struct State {
    View view = View::none();
    ClientId owner = kNobody;
    EventId at = 0;
    std::vector<EventId>
        said_behind;  // said by the owner while behind, not yet passed; beyond 1,000 it hears them
  };

  void said_behind(EventId id);
  void deliver_old(const storage::Event& event, EventId prev, const Network* network);
  void read_on();
  void read_page(EventId after);
  void take_page(storage::Page& page);
  void begin_page(std::unique_ptr<storage::Page> page);
  void deliver_page();
  void catch_up();
  bool catch_up_with(const storage::Event& event, EventId& prev, const std::weak_ptr<int>& alive);
  void become_live();
  void go_on_later();

  Consumer& listener_;
  UserLog* log_ = nullptr;  // null: closed
  ReplayTurns* turns_ = nullptr;
  State state_;
  Phase phase_ = Phase::kIdle;
  bool page_asked_for_ = false;
  bool had_page_ = false;  // of this replay
  bool goes_on_later_ = false;
  // While events are read: where in the journal all that is newer than the cursor is found; nothing: in the
  // store.
  std::optional<std::uint64_t> journal_at_;
  std::unique_ptr<storage::Page> page_;  // being delivered, from this event on:
  std::size_t page_at_ = 0;
  std::unique_ptr<storage::Page> ahead_;  // the next page, when it came before its turn
  // Expires when delivery is stopped: answers from the store on their way then belong to nobody, and a
  // delivery that stopped it all is noticed.
  std::shared_ptr<int> alive_;
};

}  // namespace halley
