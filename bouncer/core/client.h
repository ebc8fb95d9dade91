// Whoever is attached to a user: an ordinary IRC client (Downstream) or a browser's stream (gateway). Follows
// the user's log by a LogCursor; what is not in the log (lines without a row, the networks' news) comes
// beside it, in order.
//
// Thread: the loop's. Owner: whoever accepted the connection; the User holds a plain pointer between attach()
// and detach(). What a successor needs of it are its cursor's State and the NamesQueue's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bouncer/core/burst.h"
#include "bouncer/core/event_kind.h"
#include "bouncer/core/in_band_commands.h"
#include "bouncer/core/log_cursor.h"
#include "bouncer/core/out_queue.h"
#include "bouncer/core/said_news.h"

namespace halley {

class NamesQueue;
class Network;
class User;
struct Channel;

// Where a client came from, and what it says that it is.
struct ClientSource {
  std::string address = {};    // "192.0.2.1", "unix"
  std::string transport = {};  // "irc", "irc TLS", "websocket", "sse" ...; empty: not to be told
  std::string software = {};   // HTTP's User-Agent; empty: it has said nothing
};

class Client : public LogCursor::Consumer {
 public:
  // So long a network is not read for a live client that a flood outruns.
  static constexpr std::uint64_t kLongestWaitMs = 100;

  Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client();  // detaches, but tells nobody that it has left: whoever has overridden what is told does

  // Joins `user` under a new id. Live lines without a row (pass) come from now on, logged events only after
  // follow().
  void attach(User& user, View view);
  void detach();

  User* user() const { return user_; }  // null: not attached
  ClientId id() const { return cursor_.owner(); }
  const View& view() const { return cursor_.view(); }
  // The network that it is bound to; null: it is not attached, or shows none, several or all.
  Network* bound_network() const;
  bool live() const { return cursor_.live(); }
  EventId cursor() const { return cursor_.at(); }     // the last event delivered
  bool telling() const { return names_ != nullptr; }  // members of channels, and is not done

  // --- Commands whose answers belong together (labeled-response): the Answering below says of which one what
  // is passed is the answer. (Unless overridden: none is told apart.) ---
  AnswerId answering() const { return answering_; }
  // More of the answer may come, until it has been released as often as it was held.
  virtual void hold_answer(AnswerId) {}
  virtual void release_answer(AnswerId) {}
  // Has it not been told to its end?
  virtual bool awaits_answer(AnswerId) const { return false; }

  // --- What a client does with it, besides what a cursor's listener does ---
  // An IRC line without a row (numerics, errors, typing...), without CR LF: to this client now, in order with
  // the events. From a network that it is shown.
  virtual void pass(const Network& network, std::string_view line) = 0;
  // The same about somebody whom it watches by MONITOR, and who shares no channel with the user. (Unless
  // overridden: as any line.)
  virtual void pass_watched(const Network& network, std::string_view line) { pass(network, line); }
  // The same from Halley itself, about no network in particular.
  virtual void pass_own(std::string_view line) = 0;
  // The network's link, nick or channels changed, it was added, renamed, or (removed = true) is about to go.
  virtual void network_changed(const Network& network, bool removed) = 0;
  // Is it told so of networks that it is not shown, too?
  virtual bool watches_networks() const { return false; }
  // A channel that we joined is known whole: topic and members may be shown.
  virtual void channel_complete(const Network& network, const Channel& channel);
  // A channel of ours that was called `old_name`; `line` is the network's RENAME. (Unless overridden: as if
  // the old one were left and the new one joined.)
  virtual void channel_renamed(const Network& network, const Channel& channel, std::string_view old_name,
                               std::string_view line);
  // A channel of ours is about to be hidden, as it is detached or hidden on this client's device, or it is
  // shown again (core/detached.h): what was said there after `since` this client has not been shown. (Unless
  // overridden: it sees all channels, always.)
  virtual void channel_hidden(const Network&, const Channel&) {}
  virtual void channel_shown(const Network&, const Channel&, EventId /*since*/) {}
  // Likewise a query.
  virtual void query_shown(const Network&, const std::string& /*name*/, EventId /*since*/) {}
  // What is set for a buffer is something else (accounts/buffer_settings.h, core/detached.h), or it has been
  // removed with all that was said there. (Unless overridden: nothing is done with it.)
  virtual void buffer_changed(const Network&, BufferId, bool /*removed*/) {}
  // The user's rules are others (accounts/rules.h).
  virtual void rules_changed() {}
  // What the user wants to become of them without clients (PERSISTENCE) is something else. (Unless
  // overridden: nothing is done with it.)
  virtual void persistence_changed() {}
  // What becomes of a line that the user said. (Unless overridden: nothing is done with it.)
  virtual void said(const Network&, const SaidNews&) {}
  // Answers NAMES from what is known, in this client's style. REQUIRES: it is attached; a channel of ours.
  virtual void channel_names(const Network& network, const Channel& channel);
  // Room again (in the journal, or towards the network): handle the input that waited.
  virtual void room() = 0;
  // End the connection soon, telling `reason`. The client is destroyed later by its owner.
  virtual void end(std::string_view reason) = 0;
  // Does somebody sit before it? A program, or a client that only fetches something, says that it is not so.
  virtual bool present() const { return true; }
  virtual DeviceId device() const = 0;
  // Is it shown what its device hides (detached.h), as browsers and programs are?
  virtual bool sees_hidden() const { return false; }
  // How it is known who uses it.
  virtual ProvenBy proven_by() const { return ProvenBy::kToken; }
  // A short word on this client for `status`: "irc 127.0.0.1 weechat@laptop".
  virtual std::string description() const = 0;
  // (Unless overridden: not to be told.)
  virtual ClientSource source() const { return {}; }

 protected:
  // As LogCursor's. REQUIRES (follow): attached.
  void follow(EventId after) { cursor_.follow(after); }
  void stop_following() { cursor_.stop(); }
  void more() { cursor_.more(); }
  // The queue has become shorter: networks that waited for it are read on. REQUIRES: called whenever it has.
  void eased();

  // --- Members of channels ---
  enum class Occasion { kLive, kWelcome };
  // Tells who is in the channel, and before that what tell_topic() does if we have just `joined`: at once
  // where that is little, else in turns (NamesQueue). In the welcome, which shows the log's head, also before
  // the client is live.
  void tell_channel(const Network& network, const Channel& channel, bool joined,
                    Occasion when = Occasion::kLive);
  // What is still to be told of a channel is told under its new name.
  void rename_telling(const Network& network, std::string_view old_name, std::string_view name);
  // A channel is not shown any more: what is still to be told of it is not.
  void forget_telling(const Network& network, std::string_view name);
  // To be called when all was caught up with, and when the queue has become shorter.
  void go_on_telling();
  void stop_telling();
  // Lists of members that wait, and are answers to be told apart.
  std::size_t names_answers() const;
  virtual NamesStyle names_style() const { return {.multi_prefix = true, .userhost = false}; }
  // Bytes of what is said now that may wait for it; beyond, it reads on from the log. Unless overridden: so
  // much that all clients of a user together have a bound, whatever each holds. REQUIRES: attached.
  virtual std::size_t queue_limit() const;
  // False: of a channel that we join it is told the members only when it asks.
  virtual bool takes_names_unasked() const { return true; }
  // What stands between our JOIN and the members. (Unless overridden: the topic.)
  virtual void tell_topic(const Network& network, const Channel& channel);
  // The peer has room for more of them.
  virtual bool takes_more_names() const { return true; }
  // One of the lines; it is not left out.
  virtual void tell(const Network& network, std::string_view line) { pass(network, line); }
  // Nothing more is to be told.
  virtual void all_told() {}

 private:
  void drop();
  friend class User;
  friend class NamesQueue;
  friend class Answering;
  EventId hold();
  void names_told(std::optional<EventId> held_at);
  void log_unreadable(std::string_view reason) final { end(reason); }
  const Network* network_of(NetworkId id) const final;
  void offer(const Delivery& delivery) { cursor_.offer(delivery); }  // from User, for what the view shows
  bool worth_waiting_for();                                          // likewise

  User* user_ = nullptr;
  AnswerId answering_ = 0;
  std::unique_ptr<NamesQueue> names_;  // null: nothing is to be told
  LogCursor cursor_{*this};
  std::uint64_t crowded_at_ms_ = 0;  // since when a network may be waiting for our queue; 0: none is
};

// While it lives, what the client is passed answers that command of its; 0: none. The client outlives it.
class Answering {
 public:
  Answering(Client& client, AnswerId answer)
      : client_(client), before_(std::exchange(client.answering_, answer)) {}
  ~Answering() { client_.answering_ = before_; }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

 private:
  Client& client_;
  AnswerId before_;
};

}  // namespace halley
