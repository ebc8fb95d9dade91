#include "bouncer/core/user.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "bouncer/commands/client_commands.h"
#include "bouncer/core/event_ids.h"
#include "bouncer/core/network.h"
#include "bouncer/core/replay_turns.h"
#include "bouncer/irc/message.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {
constexpr std::int64_t kClockTrustMs =
    5 * 60 * 1000;  // a network's clock that is further off is not shown to people
constexpr std::size_t kMostProgramClients = 64;
constexpr std::size_t kRoomPerCommand = 4 * storage::kMaxRecord;
}  // namespace

User::User(const Services& services, storage::UserRow row, EventId head)
    : services_(services), row_(std::move(row)), head_(head) {}

User::~User() {
  while (!clients_.empty()) clients_.back()->detach();
}

const std::string& User::epoch() const {
  return *services_.epoch;
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
  networks_.push_back(std::make_unique<Network>(*this, row));
  network_changed(*networks_.back());
  return *networks_.back();
}

void User::remove_network(NetworkId id) {
  Network* gone = network(id);
  if (!gone) return;
  gone->upstream().stop("This network has been removed");
  network_changed(*gone, true);
  for (Client* client : std::vector<Client*>(clients_)) {
    if (client->network() != gone) continue;
    client->end("The network was removed");
    client->detach();
  }
  std::erase_if(positions_, [id](const storage::PositionRow& row) { return row.network == id; });
  std::erase_if(networks_, [gone](const auto& network) { return network.get() == gone; });
}

EventId User::log(Network& network, const Draft& draft, const Client* origin) {
  storage::Event event;
  event.id = services_.ids->next();
  const auto now_ms = static_cast<std::int64_t>(event.id / 1000);
  event.time_ms = std::abs(draft.time_ms - now_ms) <= kClockTrustMs ? draft.time_ms : now_ms;
  event.user = row_.id;
  event.network = network.id();
  event.kind = static_cast<std::uint8_t>(draft.kind);
  event.flags = draft.flags;
  event.text_at = draft.text_at;
  event.buffers = draft.buffers;
  event.msgid = draft.msgid;
  event.tags = draft.tags;
  event.line = draft.line;
  // Durable first, then seen.
  const storage::Event stored = services_.journal->append(event);
  services_.store->journal_grew();
  const Delivery delivery{stored, head_, &network, true, origin};
  head_ = stored.id;
  bool heard = false;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->network() && client->network() != &network) continue;
    heard = heard || client->live();
    client->offer(delivery);
  }
  if (heard) services_.replay_turns->spoken(stored.id);
  return stored.id;
}

void User::tell(Network& network, std::string_view text) {
  std::string line;
  const std::string& nick = network.state().nick.empty() ? network.row().nick : network.state().nick;
  const std::string_view params[] = {nick, text};
  irc::append_line(line, {}, services_.config->hostname, "NOTICE", params, true);
  if (!services_.journal->has_room(kRoomPerCommand)) {
    pass(network, line);  // a stalled disk: better said once than not at all
    return;
  }
  const BufferId buffer = network.buffer("");
  const auto text_at = static_cast<std::uint16_t>(line.size() - text.size());
  log(network, {Kind::kServer, 0, 0, text_at, {&buffer, 1}, {}, {}, line});
}

void User::pass(const Network& network, std::string_view line, const Client* except) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client != except && (!client->network() || client->network() == &network))
      client->pass(&network, line);
  }
}

void User::network_changed(const Network& network, bool removed) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (!client->network() || client->network() == &network) client->network_changed(network, removed);
  }
}

void User::channel_complete(const Network& network, const Channel& channel) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (!client->network() || client->network() == &network) client->channel_complete(network, channel);
  }
}

void User::wake_clients() {
  for (std::size_t i = 0; i < clients_.size(); ++i) clients_[i]->room();
}

bool User::crowded(const Network& network) {
  bool wait = false;
  for (Client* client : clients_) {
    if ((!client->network() || client->network() == &network) && client->worth_waiting_for()) wait = true;
  }
  return wait;
}

void User::client_eased() {
  for (const auto& network : networks_) network->upstream().clients_eased();
}

EventId User::position(DeviceId device, NetworkId network) const {
  for (const storage::PositionRow& row : positions_) {
    if (row.device == device && row.network == network) return row.id;
  }
  return 0;
}

void User::set_position(DeviceId device, NetworkId network, EventId id) {
  load_position({device, network, id});
  services_.journal->append(storage::PositionRecord{device, network, id});
  services_.store->journal_grew();
}

void User::load_position(const storage::PositionRow& row) {
  for (storage::PositionRow& known : positions_) {
    if (known.device != row.device || known.network != row.network) continue;
    known.id = row.id;
    return;
  }
  positions_.push_back(row);
}

std::string User::command(Client* from, Network& network, std::string_view line) {
  return run_client_command(from, network, line);
}

User::Answer User::command_once(Client* from, std::string_view client, std::uint64_t seq,
                                std::string_view network, std::string_view line) {
  const auto known =
      std::find_if(commands_.begin(), commands_.end(), [&](const auto& row) { return row.client == client; });
  const std::uint64_t last = known == commands_.end() ? 0 : known->seq;
  if (seq == last && seq != 0) return {Answer::Kind::kDone, seq, known->result};
  if (seq != last + 1) return {Answer::Kind::kHole, last + 1, {}};
  if (!services_.journal->has_room(kRoomPerCommand)) return {Answer::Kind::kNoRoom, seq, {}};
  Network* target = find_network(network);
  if (target && !target->upstream().has_room()) return {Answer::Kind::kNoRoom, seq, {}};
  const std::string result =
      target ? command(from, *target, line) : fmt::format("no network is called '{}'", network);
  storage::CommandRow row{row_.id, std::string(client), seq, result};
  services_.journal->append(storage::CommandRecord{row.user, row.client, row.seq, row.result});
  services_.store->journal_grew();
  remember(std::move(row));
  return {Answer::Kind::kDone, seq, result};
}

void User::remember(storage::CommandRow row) {
  std::erase_if(commands_, [&](const auto& known) { return known.client == row.client; });
  if (commands_.size() == kMostProgramClients) commands_.erase(commands_.begin());
  commands_.push_back(std::move(row));
}

void User::history(storage::HistoryQuery query, PageDone done) {
  query.user = row_.id;
  services_.store->read_history(std::move(query), std::move(done));
}

}  // namespace halley
