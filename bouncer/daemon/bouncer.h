// The running bouncer: all users, their networks and their ordinary clients.
//
// Thread: the loop's. Owner: the composition root. What it is given (Parts) outlives it. What a successor
// needs of it have its parts, but for `client_ids_`, which goes on.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/login.h"
#include "bouncer/commands/numbered_commands.h"
#include "bouncer/core/client_id.h"
#include "bouncer/core/device_visits.h"
#include "bouncer/core/durable_state.h"
#include "bouncer/core/empty_buffers.h"
#include "bouncer/core/event_ids.h"
#include "bouncer/core/in_band_commands.h"
#include "bouncer/core/live_user.h"
#include "bouncer/core/network_state.h"
#include "bouncer/core/replay_turns.h"
#include "bouncer/core/spools.h"
#include "bouncer/core/user.h"
#include "bouncer/core/user_audits.h"
#include "bouncer/core/user_turns.h"
#include "bouncer/daemon/idle_users.h"
#include "bouncer/daemon/text_logs.h"
#include "bouncer/daemon/traces.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/persistence.h"
#include "bouncer/downstream/unread_sum.h"
#include "bouncer/net/farewells.h"
#include "bouncer/push/pusher.h"
#include "bouncer/upstream/backoff.h"
#include "bouncer/upstream/idents.h"
#include "bouncer/upstream/upstream.h"
#include "storage/api/store.h"

namespace halley {

class Bouncer final : private Accounts::Observer {
 public:
  // What reaches outside: a test gives its own.
  struct Parts {
    net::Loop& loop;
    net::Random& random;
    net::Dialer& dialer;
    storage::Journal& journal;
    storage::Store& store;
    Accounts& accounts;
    const Sealer& sealer;
    const Config& config;
    InBandCommands* in_band = nullptr;  // may be null
  };
  // `loaded` gives buffers, states and heads (Accounts has taken the rest, or a copy of all).
  // REQUIRES: nobody observes the Accounts yet.
  Bouncer(const Parts& parts, const storage::Loaded& loaded);
  ~Bouncer();

  // Connects every enabled network. REQUIRES: called once.
  void start();
  // QUITs all networks, ends all clients; `done` when the last bytes are out, or after 3 s. REQUIRES: called
  // once.
  void stop(std::function<void()> done);

  Login& login() { return login_; }
  const Login& login() const { return login_; }
  const LiveUser& live_user() const { return live_user_; }
  NumberedCommands& numbered_commands() { return commands_; }
  push::Pusher& pusher() { return pusher_; }
  const push::Pusher& pusher() const { return pusher_; }
  Idents& idents() { return idents_; }
  Traces& traces() { return traces_; }
  const TextLogs& text_logs() const { return text_logs_; }
  UserAudits& audits() { return audits_; }
  User* find_user(std::string_view name) const;
  User* user(UserId id) const;
  std::vector<User*> users() const;  // by name
  std::size_t downstream_count() const { return downstreams_.size(); }
  std::size_t downstream_queued() const;  // bytes that ordinary clients have yet to take
  // Bytes of history that ordinary clients have asked for and not yet been told.
  std::size_t held_pages() const { return held_pages_.in_all(); }
  bool journal_stalled() const;  // networks are not read because the journal is full

  // An administrator's word to all users who are enabled; how many there are. Who has no network hears it
  // while a client is attached.
  std::size_t tell_everybody(std::string_view text);

  // Tells each user of the damage that nobody has been told of yet: whose lines were lost nobody knows.
  void tell_damage(const std::vector<storage::DamageRow>& damage);

  // REQUIRES: the stream is paused, and nobody listens.
  void accept_irc(std::unique_ptr<net::Stream> stream, net::Peer peer);

  // Hears of web sessions that were revoked, so that the gateway ends their streams.
  void on_session_revoked(std::function<void(std::uint64_t)> notify) { session_revoked_ = std::move(notify); }
  // ... and of users who are gone, so that it forgets their files.
  void on_user_removed(std::function<void(UserId)> notify) { user_removed_ = std::move(notify); }

 private:
  void user_changed(const storage::SharedUserRow& row) override;
  void user_removed(UserId id) override;
  void network_changed(const storage::SharedNetworkRow& row) override;
  void network_removed(const storage::NetworkRow& row) override;
  void buffer_changed(const storage::BufferRow& buffer) override;
  void buffer_removed(const storage::BufferRow& buffer) override;
  void password_changed(UserId id) override;
  void device_revoked(DeviceId id) override;
  void session_revoked(std::uint64_t id) override;

  // What it hands on. What they refer to lives as long as it does.
  Upstream::Parts upstream_parts(const Parts& parts);
  User::Parts user_parts(const Parts& parts);
  Downstream::Parts downstream_parts();
  User& put_user(const storage::SharedUserRow& row, EventId head);
  void start_networks(User& user);
  void close_user(User& user, std::string_view reason);
  void load(const storage::Loaded& loaded);
  void tick();
  void save_positions();
  void drop_ended();
  void room();
  void check_stopped();

  net::Loop& loop_;
  storage::Journal& journal_;
  storage::Store& store_;
  Accounts& accounts_;
  const Config& config_;
  const std::string epoch_;
  // What it owns itself and hands to its parts, each of which is given just what it needs.
  DurableState states_;
  NumberedCommands commands_;
  UserAudits audits_;
  DeviceVisits visits_;
  EventIds ids_;
  ClientIds client_ids_;
  Pacer pacer_;
  Idents idents_;
  IsupportPool isupports_;
  net::Farewells farewells_;
  Spools spools_;
  ReplayTurns replay_turns_;
  UserTurns user_turns_, input_turns_;
  UserTurns::Share strangers_;  // of input_turns_: all who have not logged in are as one user
  HeldPages held_pages_;
  UnreadSum unread_;
  PersistenceSettings persistence_;
  const LiveUser live_user_;
  Login login_;
  push::Pusher pusher_;
  const Upstream::Parts upstream_parts_;
  const User::Parts user_parts_;
  const Downstream::Parts downstream_parts_;
  std::map<UserId, std::unique_ptr<User>> users_;
  Traces traces_;                                     // of these
  std::vector<std::unique_ptr<User>> removed_users_;  // in this turn of the loop
  EmptyBuffers empty_buffers_;
  IdleUsers idle_users_;
  TextLogs text_logs_;
  std::vector<std::unique_ptr<Downstream>> downstreams_;
  std::vector<Downstream*> ended_;
  std::unique_ptr<net::Task> drop_task_;
  std::unique_ptr<net::Timer> tick_timer_, stop_timer_, positions_timer_;
  std::function<void()> stopped_;
  std::function<void(std::uint64_t)> session_revoked_;
  std::function<void(UserId)> user_removed_;
  bool running_ = false;
};

}  // namespace halley
