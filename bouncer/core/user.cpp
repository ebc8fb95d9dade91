#include "bouncer/core/user.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/accounts.h"
#include "bouncer/commands/client_commands.h"
#include "bouncer/core/network.h"
#include "bouncer/core/replay_turns.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {
constexpr std::size_t kMostProgramClients = 64;
constexpr std::size_t kRoomPerCommand = 4 * storage::kMaxRecord;
}  // namespace

User::User(const Parts& parts, storage::UserRow row, EventId head)
    : parts_(parts), row_(std::move(row)), log_(parts.log, row_.id, head) {}

User::~User() {
  while (!clients_.empty()) clients_.back()->detach();
}

Network* User::find_network(std::string_view name) const {
  for (const auto& network : networks_) {
    if (same_name(network->name(), name)) return network.get();
  }
  return nullptr;
}

Network* User::network(NetworkId id) const {
  for (const auto& network : networks_) {
    if (network->id() == id) return network.get();
  }
  return nullptr;
}

Network& User::put_network(const storage::NetworkRow& row) {
  if (Network* known = network(row.id)) {
    known->update(row);
    return *known;
  }
  networks_.push_back(std::make_unique<Network>(*this, row,
                                                Network::Parts{.accounts = parts_.accounts,
                                                               .config = parts_.config,
                                                               .journal = parts_.log.journal,
                                                               .ids = parts_.log.ids,
                                                               .make_uplink = parts_.make_uplink}));
  network_changed(*networks_.back());
  return *networks_.back();
}

void User::remove_network(NetworkId id) {
  Network* gone = network(id);
  if (!gone) return;
  gone->uplink().stop("This network has been removed");
  network_changed(*gone, true);
  for (Client* client : std::vector<Client*>(clients_)) {
    if (client->view().bound() != id) continue;
    client->end("The network was removed");
    client->detach();
  }
  std::erase_if(positions_, [id](const storage::PositionRow& row) { return row.network == id; });
  std::erase_if(networks_, [gone](const auto& network) { return network.get() == gone; });
}

EventId User::log(Network& network, const Draft& draft, ClientId origin) {
  const EventId prev = log_.head();
  // Durable first, then seen.
  const storage::Event stored = log_.append(network.id(), draft);
  const Delivery delivery{.event = stored, .prev = prev, .network = &network, .live = true, .origin = origin};
  bool heard = false;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (!client->view().shows(stored.network)) continue;
    heard = heard || client->live();
    client->offer(delivery);
  }
  if (heard) parts_.replay_turns.spoken(stored.id);
  return stored.id;
}

void User::tell(Network& network, std::string_view text) {
  std::string line;
  const std::string_view params[] = {network.nick(), text};
  irc::append_line(line, {}, hostname(), "NOTICE", params, true);
  if (!has_room(kRoomPerCommand)) {
    pass(network, line);  // a stalled disk: better said once than not at all
    return;
  }
  const BufferId buffer = network.buffers().make("");
  log(network, {.kind = Kind::kServer,
                .text_at = static_cast<std::uint16_t>(line.size() - text.size()),
                .buffers = {&buffer, 1},
                .line = line});
}

void User::pass(const Network& network, std::string_view line) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->pass(&network, line);
  }
}

void User::network_changed(const Network& network, bool removed) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->network_changed(network, removed);
  }
}

void User::channel_complete(const Network& network, const Channel& channel) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->channel_complete(network, channel);
  }
}

void User::add_client(Client& client, LogCursor& cursor, View view) {
  cursor.open(log_, parts_.replay_turns, parts_.client_ids.next(), std::move(view));
  clients_.push_back(&client);
}

void User::remove_client(Client& client) {
  std::erase(clients_, &client);
  for (const auto& network : networks_) network->uplink().forget(client.id());
}

Client* User::client(ClientId id) const {
  const auto at = std::ranges::find_if(clients_, [id](const Client* client) { return client->id() == id; });
  return at == clients_.end() ? nullptr : *at;
}

void User::wake_clients() {
  for (std::size_t i = 0; i < clients_.size(); ++i) clients_[i]->room();
}

bool User::crowded(const Network& network) {
  bool wait = false;
  for (Client* client : clients_) {
    if (client->view().shows(network.id()) && client->worth_waiting_for()) wait = true;
  }
  return wait;
}

void User::client_eased() {
  for (const auto& network : networks_) network->uplink().clients_eased();
}

EventId User::position(DeviceId device, NetworkId network) const {
  for (const storage::PositionRow& row : positions_) {
    if (row.device == device && row.network == network) return row.id;
  }
  return 0;
}

void User::set_position(DeviceId device, NetworkId network, EventId id) {
  load_position({device, network, id});
  parts_.log.journal.append(storage::PositionRecord{device, network, id});
  parts_.log.store.journal_grew();
}

void User::load_position(const storage::PositionRow& row) {
  for (storage::PositionRow& known : positions_) {
    if (known.device != row.device || known.network != row.network) continue;
    known.id = row.id;
    return;
  }
  positions_.push_back(row);
}

bool User::ask_service(std::string_view line, std::function<void(std::string text)> reply) {
  if (!parts_.in_band) return false;
  parts_.in_band->run(*this, line, std::move(reply));
  return true;
}

User::Answer User::command_once(Client* from, std::string_view client, std::uint64_t seq,
                                std::string_view network, std::string_view line) {
  const auto known =
      std::find_if(commands_.begin(), commands_.end(), [&](const auto& row) { return row.client == client; });
  const std::uint64_t last = known == commands_.end() ? 0 : known->seq;
  if (seq == last && seq != 0) return {Answer::Kind::kDone, seq, known->result};
  if (seq != last + 1) return {Answer::Kind::kHole, last + 1, {}};
  if (!has_room(kRoomPerCommand)) return {Answer::Kind::kNoRoom, seq, {}};
  Network* target = find_network(network);
  if (target && !target->uplink().has_room()) return {Answer::Kind::kNoRoom, seq, {}};
  const std::string result =
      target ? run_client_command(from, *target, line) : fmt::format("no network is called '{}'", network);
  storage::CommandRow row{row_.id, std::string(client), seq, result};
  parts_.log.journal.append(storage::CommandRecord{row.user, row.client, row.seq, row.result});
  parts_.log.store.journal_grew();
  remember(std::move(row));
  return {Answer::Kind::kDone, seq, result};
}

void User::remember(storage::CommandRow row) {
  std::erase_if(commands_, [&](const auto& known) { return known.client == row.client; });
  if (commands_.size() == kMostProgramClients) commands_.erase(commands_.begin());
  commands_.push_back(std::move(row));
}

}  // namespace halley
