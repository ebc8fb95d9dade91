// Whoever follows a user's log: an ordinary IRC client (Downstream) or a browser's stream (gateway). A client
// is a cursor over the log; replay and live delivery are the same calls in the same order.
//
// Thread: the loop's. Owner: whoever accepted the connection; the User holds a plain pointer between attach()
// and detach().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/out_queue.h"
#include "storage/api/store.h"

namespace halley {

class Client;
class Network;
class User;
struct Channel;

// An event at its moment: valid during the call.
struct Delivery {
  const storage::Event& event;
  EventId prev;            // the event before it in the user's whole log; 0: none
  const Network* network;  // null when the network has been removed since
  bool live;               // false: replayed from the store or the journal
  // Who said it, when one of the user's own clients did; of a replay, only when the client that hears it did
  // so itself, while it was behind.
  const Client* origin = nullptr;
};

class Client {
 public:
  // So long a network is not read for a live client that a flood outruns.
  static constexpr std::uint64_t kLongestWaitMs = 100;

  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client();  // detaches

  // Joins `user`; `network` null: all of the user's networks. Live lines without a row (pass) come from now
  // on, logged events only after follow().
  void attach(User& user, Network* network);
  void detach();
  // Delivers all events after `after` in id order, from the store, then from the journal, then live. Calls
  // caught_up() once, when the first live event may come (at once when there is nothing to replay).
  void follow(EventId after);
  // Stops delivery; follow() starts it again. For a queue that outgrew its bound:
  // follow(queue.drop_unsent()).
  void stop_following();
  // Call when wants_more() has turned true again.
  void more();

  User* user() const { return user_; }
  Network* network() const { return network_; }
  bool live() const { return state_ == State::kLive; }
  EventId cursor() const { return cursor_; }  // the last event delivered

  // --- What a client does with it ---
  virtual void deliver(const Delivery& delivery) = 0;
  virtual void caught_up() = 0;
  // False while the queue towards the peer is long: the next page of a replay waits.
  virtual bool wants_more() const = 0;
  virtual std::size_t queued() const = 0;  // bytes that the peer has yet to take
  // An IRC line without a row (numerics, errors, typing...), without CR LF: to this client now, in order with
  // the events.
  virtual void pass(const Network* network, std::string_view line) = 0;
  // The network's link, nick or channels changed, it was added, renamed, or (removed = true) is about to go.
  virtual void network_changed(const Network& network, bool removed) = 0;
  // A channel that we joined is known whole: topic, modes and members may be shown.
  // (Unless overridden: passes them as lines.)
  virtual void channel_complete(const Network& network, const Channel& channel);
  // Answers NAMES from what is known, in this client's style.
  virtual void channel_names(const Network& network, const Channel& channel);
  // Room again (in the journal, or towards the network): handle the input that waited.
  virtual void room() = 0;
  // End the connection soon, telling `reason`. The client is destroyed later by its owner.
  virtual void end(std::string_view reason) = 0;
  virtual DeviceId device() const = 0;
  // A short word on this client for `status`: "irc 127.0.0.1 weechat@laptop".
  virtual std::string description() const = 0;

 protected:
  // To be called when the queue has become shorter: networks that waited for it are read on.
  void eased();

 private:
  friend class User;
  friend class ReplayTurns;
  enum class State { kIdle, kReading, kWaiting, kLive };
  bool worth_waiting_for();
  void offer(const Delivery& delivery) {  // from User, for each new event
    if (state_ != State::kLive) {
      if (delivery.origin == this) said_behind(delivery.event.id);
      return;
    }
    cursor_ = delivery.event.id;
    deliver(delivery);
  }
  void said_behind(EventId id);
  void deliver_old(const storage::Event& event, EventId prev);
  void read_on();
  void read_page(EventId after);
  void take_page(storage::Page& page);
  void begin_page(std::unique_ptr<storage::Page> page);
  void deliver_page();
  void catch_up();
  void go_on_later();
  void take_turn();  // from ReplayTurns

  User* user_ = nullptr;
  Network* network_ = nullptr;
  State state_ = State::kIdle;
  EventId cursor_ = 0;
  // While events are read: where in the journal all that is newer than the cursor is found; nothing: in the
  // store.
  std::optional<std::uint64_t> journal_at_;
  std::unique_ptr<storage::Page> page_;  // being delivered, from this event on:
  std::size_t page_at_ = 0;
  std::unique_ptr<storage::Page> ahead_;  // the next page, when it came before its turn
  bool page_asked_for_ = false;
  bool had_page_ = false;             // of this replay
  std::vector<EventId> said_behind_;  // said by it while behind, not yet passed; beyond 1,000 it hears them
  std::uint64_t crowded_at_ms_ = 0;   // since when a network may be waiting for our queue; 0: none is
  bool goes_on_later_ = false;
  std::shared_ptr<int> alive_;  // answers from the store check that we still live
};

}  // namespace halley
