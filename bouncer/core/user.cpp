#include "bouncer/core/user.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/network.h"
#include "bouncer/core/replay_turns.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {
constexpr std::size_t kRoomForNotice = 4 * storage::kMaxRecord;
}  // namespace

User::User(const Parts& parts, storage::SharedUserRow row, EventId head)
    : parts_(parts),
      row_(std::move(row)),
      log_(parts.log, row_->id, head),
      positions_(parts.states, row_->id),
      read_markers_(parts.states, StateKind::kReadMarker, row_->id),
      playback_marks_(parts.states, StateKind::kPlaybackCleared, row_->id),
      redactions_(parts.states, parts.log.store, row_->id),
      detached_(parts.states, *this) {
  log_.leave_out(redactions_);
  take_rules();
}

User::~User() {
  while (!clients_.empty()) clients_.back()->detach();
}

// They were found good when they were set. What another version of the library minds is without effect.
void User::take_rules() {
  rule_list_ = rules_of(*row_);
  rules_ = Rules::make(rule_list_).value_or(Rules());
}

void User::update(storage::SharedUserRow row) {
  const auto before = std::exchange(row_, std::move(row));
  if (kept_value(before->settings, kRulesSetting) == kept_value(row_->settings, kRulesSetting)) return;
  take_rules();
  for (std::size_t i = 0; i < clients_.size(); ++i) clients_[i]->rules_changed();
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

Network& User::put_network(const storage::SharedNetworkRow& row) {
  if (Network* known = network(row->id)) {
    known->update(row);
    return *known;
  }
  networks_.push_back(std::make_unique<Network>(*this, row,
                                                Network::Parts{.accounts = parts_.accounts,
                                                               .states = parts_.states,
                                                               .limits = parts_.config.limits,
                                                               .journal = parts_.log.journal,
                                                               .ids = parts_.log.ids,
                                                               .hash_key = parts_.hash_key,
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
  parts_.states.forget_network(row_->id, id);
  // Whoever called us may stand inside this network's code.
  const auto at = std::ranges::find(networks_, gone, &std::unique_ptr<Network>::get);
  removed_.push_back(std::move(*at));
  networks_.erase(at);
  parts_.loop.defer([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) removed_.clear();
  });
}

void User::rest(std::string why) {
  resting_ = std::make_unique<std::string>(std::move(why));
  for (const auto& network : networks_) {
    if (!network->row().enabled) continue;
    network->uplink().stop(*resting_);
    network_changed(*network);
  }
}

void User::wake() {
  resting_.reset();
  if (!row_->enabled) return;
  for (const auto& network : networks_) {
    if (network->row().enabled) network->uplink().start();
  }
}

EventId User::log(Network& network, const Draft& draft, ClientId origin, AskedBy answers) {
  const EventId prev = log_.head();
  network.buffers().used(draft.buffers);
  // Durable first, then seen.
  const storage::Event stored = log_.append(network.id(), draft);
  const Delivery delivery{
      .event = stored, .prev = prev, .network = &network, .live = true, .origin = origin, .answers = answers};
  bool heard = false;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (!client->view().shows(stored.network)) continue;
    heard = heard || client->live();
    client->offer(delivery);
  }
  if (heard) parts_.replay_turns.spoken(stored.id);
  constexpr auto kNoticed = event_flag::kHighlight | event_flag::kSelf;
  if (parts_.notices && (draft.flags & kNoticed) != 0) parts_.notices->logged(network, stored);
  return stored.id;
}

void User::tell(Network& network, std::string_view text) {
  std::string line;
  const std::string_view params[] = {network.nick(), text};
  irc::append_line(line, {.source = hostname(), .command = "NOTICE", .params = params, .colon = true});
  if (!has_room(kRoomForNotice)) {
    pass(network, line);  // a stalled disk: better said once than not at all
    return;
  }
  const BufferId buffer = network.buffers().make("");
  log(network, {.kind = EventKind::kServer,
                .text_at = static_cast<std::uint16_t>(line.size() - text.size()),
                .buffers = {&buffer, 1},
                .line = line});
}

void User::tell_as_service(std::string_view text) {
  const std::string source = fmt::format("{0}!{0}@{1}", kServiceName, hostname());
  for (const auto& network : networks_) {
    const auto parts = irc::split_text(text, irc::text_room(source.size(), "PRIVMSG", network->nick()));
    for (const std::string_view part : parts) {
      std::string line;
      const std::string_view params[] = {network->nick(), part};
      irc::append_line(line, {.source = source, .command = "PRIVMSG", .params = params, .colon = true});
      const BufferId buffer = network->buffers().make(kServiceName);
      log(*network, {.kind = EventKind::kPrivmsg,
                     .flags = event_flag::kHighlight,
                     .text_at = static_cast<std::uint16_t>(line.size() - part.size()),
                     .buffers = {&buffer, 1},
                     .line = line});
    }
  }
}

void User::pass(const Network& network, std::string_view line) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->pass(network, line);
  }
}

void User::network_changed(const Network& network, bool removed) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id()) || client->watches_networks())
      client->network_changed(network, removed);
  }
}

void User::channel_complete(const Network& network, const Channel& channel) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->channel_complete(network, channel);
  }
}

void User::channel_renamed(const Network& network, const Channel& channel, std::string_view old_name,
                           std::string_view line) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->channel_renamed(network, channel, old_name, line);
  }
}

void User::channel_hidden(const Network& network, const Channel& channel) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->channel_hidden(network, channel);
  }
}

void User::channel_shown(const Network& network, const Channel& channel, EventId since) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->channel_shown(network, channel, since);
  }
}

void User::buffer_changed(const Network& network, BufferId buffer, bool removed) {
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client* client = clients_[i];
    if (client->view().shows(network.id())) client->buffer_changed(network, buffer, removed);
  }
}

void User::add_client(Client& client, LogCursor& cursor, View view) {
  cursor.open(log_, parts_.replay_turns, parts_.client_ids.next(), std::move(view));
  clients_.push_back(&client);
  presence_changed();
  if (parts_.client_came) parts_.client_came(client);
  // Not from within: the client is to be shown how things are first.
  if (!resting_) return;
  parts_.loop.defer([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired() && resting_) wake();
  });
}

void User::client_leaves(const Client& client) const {
  if (parts_.client_left) parts_.client_left(client);
}

void User::remove_client(Client& client) {
  std::erase(clients_, &client);
  for (const auto& network : networks_) network->uplink().forget(client.id());
}

Client* User::client(ClientId id) const {
  if (id == kNobody) return nullptr;
  const auto at = std::ranges::find_if(clients_, [id](const Client* client) { return client->id() == id; });
  return at == clients_.end() ? nullptr : *at;
}

Outbox* User::outbox_with(std::uint64_t id) const {
  for (const auto& network : networks_) {
    if (network->outbox().knows(id)) return &network->outbox();
  }
  return nullptr;
}

std::shared_ptr<void> User::take_log_question_place() {
  if (!log_places_) log_places_ = std::make_shared<int>(0);
  return log_places_.use_count() > kMostLogQuestions ? nullptr : log_places_;
}

bool User::present(const Network& network) const {
  return std::ranges::any_of(clients_, [&](const Client* client) {
    return client->present() && client->view().shows(network.id());
  });
}

void User::presence_changed() {
  for (const auto& network : networks_) network->uplink().presence_changed();
}

void User::wake_clients() {
  if (std::exchange(waking_, true)) return;
  parts_.loop.defer([this, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    waking_ = false;
    // What one does may have others leave.
    std::vector<ClientId> ids;
    for (const Client* client : clients_) ids.push_back(client->id());
    for (const ClientId id : ids) {
      if (Client* there = client(id)) there->room();
    }
  });
}

// A line to one client costs as much as a hundred bytes or so whatever its size, and a sixteenth of that to
// each further one. What a network has made long for its handlers is known by the time alone.
void User::has_read(std::size_t bytes, std::uint64_t us) {
  constexpr std::size_t kClientsOfALine = 16, kStepsOfAByte = 16;
  const std::size_t cost =
      (bytes + UserTurns::kOfEachLine) * (kClientsOfALine + clients_.size()) / kClientsOfALine +
      bytes * rules_.steps() / kStepsOfAByte;
  parts_.input_turns.spend(cost, us, input_);
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

bool User::ask_service(std::string_view line, ProvenBy proven_by,
                       std::function<void(std::string text)> reply) {
  if (!parts_.in_band) return false;
  parts_.in_band->run(*this, line, proven_by, std::move(reply));
  return true;
}

bool User::run_command(std::string_view line, std::function<void(CommandAnswer answer)> done) {
  if (parts_.in_band == nullptr) return false;
  parts_.in_band->run_line(*this, line, std::move(done));
  return true;
}

bool User::run_command(const std::vector<std::string>& words, ProvenBy proven_by,
                       std::function<void(CommandAnswer answer)> done) {
  if (parts_.in_band == nullptr) return false;
  parts_.in_band->run_words(*this, words, proven_by, std::move(done));
  return true;
}

}  // namespace halley
