// A user of Halley: their networks, their clients, and their one ordered log.
//
// Thread: the loop's. Owner: the Bouncer; clients hold plain pointers and are told to end() before the user
// goes. A successor makes it from its row; what it needs besides have its parts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/rules.h"
#include "bouncer/config/config.h"
#include "bouncer/core/buffer_marks.h"
#include "bouncer/core/client.h"
#include "bouncer/core/detached.h"
#include "bouncer/core/device_positions.h"
#include "bouncer/core/event_kind.h"
#include "bouncer/core/in_band_commands.h"
#include "bouncer/core/notice_sink.h"
#include "bouncer/core/outbox.h"
#include "bouncer/core/redactions.h"
#include "bouncer/core/spools.h"
#include "bouncer/core/uplink.h"
#include "bouncer/core/user_log.h"
#include "bouncer/core/user_turns.h"
#include "bouncer/net/clock.h"
#include "bouncer/net/loop.h"
#include "storage/api/store.h"

namespace halley {

class Accounts;
class LineTracer;
class Network;
class ReplayTurns;
struct Channel;

class User {
 public:
  // What all users share. It outlives them.
  struct Parts {
    UserLog::Parts log;
    DurableState& states;
    Spools& spools;             // what clients share in this turn
    ReplayTurns& replay_turns;  // which of them goes on with a long replay
    UserTurns& user_turns;      // ... and with what is long and not in the log
    UserTurns& input_turns;     // whose input is handled
    ClientIds& client_ids;
    net::Loop& loop;
    const net::Clock& clock;
    const Config& config;
    Accounts& accounts;      // where the networks keep what clients change: channels and nicks
    std::uint64_t hash_key;  // random: no network knows it
    MakeUplink make_uplink;
    InBandCommands* in_band = nullptr;  // may be null
    NoticeSink* notices = nullptr;      // likewise
    // A client attached, or is about to be detached; likewise.
    std::function<void(const Client&)> client_came = nullptr, client_left = nullptr;
  };
  User(const Parts& parts, storage::SharedUserRow row, EventId head);
  ~User();

  UserId id() const { return row_->id; }
  const std::string& name() const { return row_->name; }
  const storage::UserRow& row() const { return *row_; }
  void update(storage::SharedUserRow row);
  const Rules& rules() const { return rules_; }  // what calls the user, and what is not heard
  const std::vector<Rule>& rule_list() const { return rule_list_; }  // the same, as they were set

  // --- Networks ---
  std::span<const std::unique_ptr<Network>> networks() const { return networks_; }
  Network* find_network(std::string_view name) const;  // without ASCII case
  Network* network(NetworkId id) const;
  Network& put_network(const storage::SharedNetworkRow& row);
  // Its clients that are bound to it are ended.
  void remove_network(NetworkId id);

  // --- While nobody has been here for long, the networks are left (daemon/idle_users.h) ---
  bool resting() const { return resting_ != nullptr; }
  const std::string& rest_reason() const { return *resting_; }  // REQUIRES: resting()
  // Leaves the networks, and stays away until wake(), or until a client attaches.
  void rest(std::string why);
  void wake();

  // --- The log ---
  EventId head() const { return log_.head(); }               // the newest event's id; 0: none yet
  const std::string& epoch() const { return log_.epoch(); }  // names the database: a cursor is EPOCH:ID
  // May what one input line causes be appended to the journal? When not, its reader stops, and hears of room.
  bool has_room(std::size_t bytes) const { return log_.has_room(bytes); }
  // Gives the event its id, appends it to the journal and delivers it to every live client that is shown the
  // network. `origin`: the client that said it; `answers`: the command that it answers.
  // REQUIRES: has_room() for a record.
  EventId log(Network& network, const Draft& draft, ClientId origin = kNobody, AskedBy answers = {});
  // An event turned out to be something else. As Corrections::put.
  void correct(EventId id, Correction correction, std::function<void()> done) {
    log_.correct(id, std::move(correction), std::move(done));
  }
  // Logs a sentence of Halley's own in the network's server buffer.
  void tell(Network& network, std::string_view text);
  // Logs a sentence of *halley's in its own buffer on each network: whichever the user looks at, it is there.
  // REQUIRES has_room() for two records for each network.
  void tell_as_service(std::string_view text);
  // A buffer's history, what a search finds, and the like: as UserLog's.
  const UserLog& past() const { return log_; }

  // --- News without a row, to the clients that are shown the network ---
  void pass(const Network& network, std::string_view line);  // no CR LF
  void network_changed(const Network& network, bool removed = false);
  // We joined and its first NAMES reply is complete: clients are shown topic and members.
  void channel_complete(const Network& network, const Channel& channel);
  void channel_renamed(const Network& network, const Channel& channel, std::string_view old_name,
                       std::string_view line);

  // A channel of ours is about not to be seen any more by ordinary clients, or is seen again: since the event
  // `since` it was not.
  void channel_hidden(const Network& network, const Channel& channel);
  void channel_shown(const Network& network, const Channel& channel, EventId since);
  // What is set for a buffer, whether it is detached, too; or it is about to go.
  void buffer_changed(const Network& network, BufferId buffer, bool removed = false);

  // The bytes of event `id` as clients of this `key` get them, encoded once (see Spools).
  template <typename Encode>
  const ChunkSpan& shared(std::uint64_t key, EventId id, Encode&& encode) {
    return parts_.spools.shared(row_->id, key, id, std::forward<Encode>(encode));
  }

  // --- Clients ---
  std::span<Client* const> clients() const { return clients_; }
  Client* client(ClientId id) const;  // null: it has gone
  // Does somebody sit before a client that is shown the network?
  bool present(const Network& network) const;
  // That may be another now. (Clients that go are noticed within a quarter of a minute.)
  void presence_changed();
  // A place for a question to the log that is answered in words, to be let go of with the answer; null: as
  // many as a user may have are on their way.
  std::shared_ptr<void> take_log_question_place();
  static constexpr long kMostLogQuestions = 4;
  // There is room again: clients that waited handle their input, at the end of this turn of the loop: what
  // they ask for may end whoever calls this.
  void wake_clients();
  // Is there a client of the network that a flood outruns, and that is to be waited for (100 ms at most)?
  bool crowded(const Network& network);
  // A client that was crowded is not any more: networks that waited are read on.
  void client_eased();
  DevicePositions& positions() { return positions_; }
  UserTurns& user_turns() { return parts_.user_turns; }

  // --- Input of the user's networks and clients: so much in each turn of the loop, fairly over users ---
  // False: the rest waits in input_turns().
  bool has_turn() const { return parts_.input_turns.has_left(input_); }
  // A line of so many bytes is about to be handled: that may be to encode and send it for each client.
  // `us`: the handling of it took that long.
  void has_read(std::size_t bytes, std::uint64_t us);
  UserTurns& input_turns() { return parts_.input_turns; }

  // --- How far the user has got, on any client ---
  BufferMarks& read_markers() { return read_markers_; }
  // One of them was moved: notices of what was read are over.
  void marker_moved(const Network& network, BufferId buffer, std::int64_t time_ms) {
    if (parts_.notices) parts_.notices->read(network, buffer, time_ms);
  }
  const BufferMarks& read_markers() const { return read_markers_; }
  Redactions& redactions() { return redactions_; }  // lines that are not to be shown again
  Detached& detached() { return detached_; }        // what ordinary clients, or a device's, are not shown
  const Detached& detached() const { return detached_; }
  BufferMarks& playback_marks() { return playback_marks_; }  // what *playback was told to forget

  // Hands `/msg *halley line` to the in-band service; false: there is none. As InBandCommands::run.
  bool ask_service(std::string_view line, ProvenBy proven_by, std::function<void(std::string text)> reply);
  // The same for a program on the web, of a line or of its words. As InBandCommands::run_line and run_words.
  bool run_command(std::string_view line, std::function<void(CommandAnswer answer)> done);
  bool run_command(const std::vector<std::string>& words, ProvenBy proven_by,
                   std::function<void(CommandAnswer answer)> done);

  // --- What all users share, for those who work on this one ---
  const std::string& hostname() const { return parts_.config.hostname; }
  // Bytes that may wait for one client: limits.client_queue, less where the user has many clients, so that
  // all of them together have a bound, too.
  std::size_t client_queue_limit() const {
    constexpr std::size_t kAtFull = 16, kLeast = std::size_t{64} * 1024;
    const std::size_t one = parts_.config.limits.client_queue;
    if (clients_.size() <= kAtFull) return one;  // asked for each line and client
    return std::min(one, std::max(kLeast, one * kAtFull / clients_.size()));
  }
  std::uint64_t now_ms() const { return parts_.clock.monotonic_ms(); }
  std::int64_t wall_ms() const { return parts_.clock.wall_us() / 1000; }
  // Expires with this user: for answers that come later.
  std::weak_ptr<int> alive() const { return alive_; }
  // Who follows the raw lines of the user's connections; null: nobody. It outlives this, or takes itself
  // away.
  LineTracer* tracer() const { return tracer_; }
  void set_tracer(LineTracer* tracer) { tracer_ = tracer; }
  OutboxIds& outbox_ids() { return outbox_ids_; }
  Outbox* outbox_with(std::uint64_t id) const;  // null: in none does a line of that number wait

 private:
  friend class Client;
  void add_client(Client& client, LogCursor& cursor, View view);
  void client_leaves(const Client& client) const;
  void remove_client(Client& client);
  void take_rules();

  const Parts& parts_;
  storage::SharedUserRow row_;  // the accounts have the same
  std::vector<Rule> rule_list_;
  Rules rules_;  // of them
  UserLog log_;
  OutboxIds outbox_ids_;
  std::vector<std::unique_ptr<Network>> networks_;
  std::vector<Client*> clients_;
  DevicePositions positions_;
  BufferMarks read_markers_, playback_marks_;
  Redactions redactions_;
  Detached detached_;
  std::vector<std::unique_ptr<Network>> removed_;  // in this turn of the loop
  UserTurns::Share input_;
  LineTracer* tracer_ = nullptr;
  std::unique_ptr<std::string> resting_;  // why; null: it is not
  bool waking_ = false;
  std::shared_ptr<int> log_places_;  // null: none was asked; held once more by each question
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
