// The way to one IRC network, as everything but the link itself knows it. The bouncer's own is the Upstream;
// a test has a fake.
//
// Thread: the loop's. Owner: the Network, which has it made when it is made itself. What comes from the
// network goes into Network::state() and User::log(), not through here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/core/client_id.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"

namespace halley {

class Network;

enum class Link : std::uint8_t { kDisabled, kWaiting, kConnecting, kRegistering, kConnected };
std::string_view link_name(Link link);  // "disabled", "waiting", "connecting", "registering", "connected"

class Uplink {
 public:
  virtual ~Uplink() = default;

  // --- Being connected ---
  // Wants to be connected from now on, for ever; no-op when it does already.
  virtual void start() = 0;
  // Says QUIT and stays away until start().
  virtual void stop(std::string_view reason) = 0;
  // Drops the link and tries again soon (settings have changed); no-op while it is stopped.
  virtual void restart(std::string_view reason) = 0;
  virtual Link link() const = 0;
  virtual const std::string& trouble() const = 0;  // why the link is down; empty: it is not, or not yet tried

  // --- Being read: it stops by itself when the journal has no room, or a client that follows is behind ---
  virtual void room() = 0;           // the journal has room again
  virtual void clients_eased() = 0;  // a client that was behind has caught up

  // --- Saying something. Lines without CR LF; while the link is down they are dropped ---
  // Queues a line, paced by the configured rate. False, and nothing is queued: the queue is full, and the
  // sender waits for Client::room().
  [[nodiscard]] virtual bool send(std::string_view line) = 0;
  // The same for a line of a client's: its answers, refusals among them, are for `asker` alone, whose answer
  // is held until they have come.
  [[nodiscard]] virtual bool ask(AskedBy asker, std::string_view line) = 0;
  // The same for a line of the outbox (core/outbox.h). kSent: it is on its way. kQueued:
  // Outbox::leave(number) is asked when its turn comes. `number` grows from call to call. A message of
  // several lines is a batch of them, with CR LF between.
  enum class Spoken : std::uint8_t { kFull, kQueued, kSent };
  [[nodiscard]] virtual Spoken speak(AskedBy asker, std::string_view line, std::uint64_t number) = 0;
  virtual bool has_room() const = 0;
  // What the network takes of messages of several lines; no bytes: nothing.
  virtual irc::MultilineLimits multiline() const { return {}; }
  // While has_room(), so many lines are taken: as many as one command may make.
  static constexpr std::size_t kLinesAtOnce = 64;
  // The client has gone: what it asked is still answered, but not to it.
  virtual void forget(ClientId asker) = 0;

  // --- What clients ask for there: kept once the network has confirmed it. Sending it is another matter ---
  virtual void ask_channel(std::string_view name, std::string_view key) = 0;  // JOIN; may be without a link
  virtual void give_up_channel(std::string_view name) = 0;                    // PART
  virtual void ask_nick(std::string_view nick) = 0;                           // NICK; may be without a link
  virtual void ask_away(std::string_view text) = 0;                           // AWAY; may be without a link
  // Somebody may have come to, or gone from, the clients: for the setting auto-away.
  virtual void presence_changed() = 0;
  // MONITOR: done by the link, which has one list with the network for all clients, and answers.
  virtual void monitor(ClientId from, const irc::Message& message) = 0;

  // --- The nick that the user wants: kept over reconnects, and regained when it becomes free ---
  virtual const std::string& wanted_nick() const = 0;
  virtual void want_nick(std::string_view nick) = 0;  // by the settings
  // Asks the network for the wanted nick now, if it is connected and has another.
  virtual void regain_nick() = 0;
};

// REQUIRES: called by the Network's constructor; the Network outlives what is made.
using MakeUplink = std::function<std::unique_ptr<Uplink>(Network&)>;

}  // namespace halley
