// A user of Halley: their networks, their clients, and their one ordered log.
//
// Thread: the loop's. Owner: the Bouncer; clients hold plain pointers and are told to end() before the user
// goes.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/core/client.h"
#include "bouncer/core/event_kind.h"
#include "bouncer/core/services.h"
#include "bouncer/core/spools.h"
#include "storage/api/store.h"

namespace halley {

class Network;
struct Channel;

// An event that is about to be logged. Views are copied into the journal by log().
struct Draft {
  Kind kind;
  std::uint8_t flags = 0;
  std::int64_t time_ms = 0;  // the network's; 0 or too far off: now
  std::uint16_t text_at = 0;
  std::span<const BufferId> buffers;
  std::string_view msgid, tags, line;
};

class User {
 public:
  User(const Services& services, storage::UserRow row, EventId head);
  ~User();

  UserId id() const { return row_.id; }
  const std::string& name() const { return row_.name; }
  const storage::UserRow& row() const { return row_; }
  void update(const storage::UserRow& row) { row_ = row; }
  const Services& services() const { return services_; }

  // --- Networks ---
  std::span<const std::unique_ptr<Network>> networks() const { return networks_; }
  Network* find_network(std::string_view name) const;  // without ASCII case
  Network* network(NetworkId id) const;
  Network& put_network(const storage::NetworkRow& row);
  void remove_network(NetworkId id);

  // --- The log ---
  EventId head() const { return head_; }  // the newest event's id; 0: none yet
  const std::string& epoch() const;       // names the database: a cursor is EPOCH:ID
  // Gives the event its id, appends it to the journal and delivers it to every live client. The journal must
  // have room.
  EventId log(Network& network, const Draft& draft, const Client* origin = nullptr);
  // Logs a sentence of Halley's own in the network's server buffer.
  void tell(Network& network, std::string_view text);
  // Sends a line without a row to every client of the network (but `except`).
  void pass(const Network& network, std::string_view line, const Client* except = nullptr);
  void network_changed(const Network& network, bool removed = false);
  // We joined and its first NAMES reply is complete: clients are shown topic and members.
  void channel_complete(const Network& network, const Channel& channel);

  // The bytes of event `id` as clients of this `key` get them, encoded once (see Spools).
  template <typename Encode>
  ChunkSpan shared(std::uint64_t key, EventId id, Encode&& encode) {
    return services_.spools->shared(row_.id, key, id, std::forward<Encode>(encode));
  }

  // --- Clients ---
  std::span<Client* const> clients() const { return clients_; }
  // There is room again: clients that waited handle their input.
  void wake_clients();
  // Is there a client of the network that a flood outruns, and that is to be waited for (100 ms at most)?
  bool crowded(const Network& network);
  // A client that was crowded is not any more: networks that waited are read on.
  void client_eased();
  // How far each device has got on each network. Moves are journalled; they survive a restart and a kill -9.
  EventId position(DeviceId device, NetworkId network) const;  // 0: never here
  void set_position(DeviceId device, NetworkId network, EventId id);
  void load_position(const storage::PositionRow& row);  // at start

  // --- What a client may ask ---
  // Handles one command line for `network` as if typed in an IRC client. Replies and errors come by
  // client->pass(); from a program without a stream `from` is null and the error is returned. Empty: done.
  std::string command(Client* from, Network& network, std::string_view line);

  // POST /api/commands: `seq` counts from 1 for each `client` name. The same seq again gives the remembered
  // answer and does nothing; a hole is refused with the expected one. At most 64 client names a user; the
  // least recent is forgotten.
  struct Answer {
    enum class Kind { kDone, kHole, kNoRoom } kind;
    std::uint64_t seq;   // kHole: the expected one
    std::string result;  // kDone: empty, or what was refused
  };
  Answer command_once(Client* from, std::string_view client, std::uint64_t seq, std::string_view network,
                      std::string_view line);
  void remember(storage::CommandRow row);  // at start

  // A buffer's history, oldest first. The store is asked; `done` on the loop's thread.
  using PageDone = std::function<void(std::expected<storage::Page, std::string>)>;
  void history(storage::HistoryQuery query, PageDone done);  // user is filled in

 private:
  friend class Client;

  Services services_;
  storage::UserRow row_;
  std::vector<std::unique_ptr<Network>> networks_;
  std::vector<Client*> clients_;
  EventId head_;
  std::vector<storage::PositionRow> positions_;
  std::vector<storage::CommandRow> commands_;  // most recent last
};

}  // namespace halley
