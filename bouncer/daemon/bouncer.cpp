#include "bouncer/daemon/bouncer.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/core/network.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/time_tag.h"

namespace halley {

namespace {
constexpr std::uint64_t kTickMs = 30'000;
// What a kill -9 may have an ordinary client hear again. Hosts acknowledge within a round trip, or 40 ms
// later.
constexpr std::uint64_t kPositionsEveryMs = 200;
constexpr std::uint64_t kStopWithinMs = 3'000;
constexpr std::size_t kRoomToGoOn = 32 * storage::kMaxRecord;
}  // namespace

Bouncer::Bouncer(const Parts& parts, const storage::Loaded& loaded)
    : loop_(parts.loop),
      journal_(parts.journal),
      store_(parts.store),
      accounts_(parts.accounts),
      config_(parts.config),
      epoch_(loaded.epoch),
      states_(parts.journal, parts.store, loaded.states),
      commands_(states_),
      audits_(states_, parts.loop.clock()),
      visits_(states_, parts.accounts, parts.loop.clock()),
      ids_(parts.loop.clock(), loaded.last_event, loaded.last_buffer),
      pacer_(parts.loop.clock(), parts.config.upstream.connect_pacing),
      farewells_(parts.loop),
      spools_(parts.loop),
      replay_turns_(parts.loop, parts.store),
      user_turns_(parts.loop),
      input_turns_(parts.loop, UserTurns::kMostInput),
      persistence_(states_),
      live_user_([this](UserId id) {
        User* const who = user(id);
        return who && who->row().enabled ? who : nullptr;
      }),
      login_({.loop = parts.loop,
              .dialer = parts.dialer,
              .random = parts.random,
              .accounts = accounts_,
              .config = config_,
              .is_live = [this](UserId id) { return live_user_(id) != nullptr; }}),
      pusher_({.loop = parts.loop,
               .random = parts.random,
               .dialer = parts.dialer,
               .states = states_,
               .sealer = parts.sealer,
               .accounts = accounts_,
               .config = config_,
               .user = [this](UserId id) { return user(id); }}),
      upstream_parts_(upstream_parts(parts)),
      user_parts_(user_parts(parts)),
      downstream_parts_(downstream_parts()),
      traces_(parts.loop.clock(), parts.sealer),
      empty_buffers_(loop_, store_, accounts_, states_, [this] { return users(); }),
      idle_users_(states_, loop_, accounts_, config_, [this] { return users(); }),
      text_logs_({.loop = loop_,
                  .states = states_,
                  .accounts = accounts_,
                  .config = config_,
                  .user = [this](UserId id) { return user(id); },
                  .users = [this] { return users(); }}) {
  positions_timer_ = loop_.timer([this] { save_positions(); });
  farewells_.on_swept([this] { check_stopped(); });
  drop_task_ = loop_.task([this] { drop_ended(); });
  tick_timer_ = loop_.timer([this] { tick(); });
  load(loaded);
  tell_damage(loaded.damage);
  accounts_.observe(this);
  store_.on_room([this] { room(); });
  tick_timer_->start(kTickMs);
}

Upstream::Parts Bouncer::upstream_parts(const Parts& parts) {
  return {.loop = parts.loop,
          .random = parts.random,
          .dialer = parts.dialer,
          .pacer = pacer_,
          .farewells = farewells_,
          .isupports = isupports_,
          .sealer = parts.sealer,
          .states = states_,
          .idents = idents_,
          .config = parts.config.upstream};
}

User::Parts Bouncer::user_parts(const Parts& parts) {
  return {.log = {.journal = journal_, .store = store_, .ids = ids_, .epoch = epoch_},
          .states = states_,
          .spools = spools_,
          .replay_turns = replay_turns_,
          .user_turns = user_turns_,
          .input_turns = input_turns_,
          .client_ids = client_ids_,
          .loop = parts.loop,
          .clock = parts.loop.clock(),
          .config = config_,
          .accounts = accounts_,
          .hash_key = parts.random.next(),
          .make_uplink =
              [this](Network& network) { return std::make_unique<Upstream>(network, upstream_parts_); },
          .in_band = parts.in_band,
          .notices = &pusher_,
          .client_came =
              [this](const Client& client) {
                idle_users_.seen(client.user()->id());
                visits_.came(client);
              },
          .client_left = [this](const Client& client) { visits_.left(client); }};
}

Downstream::Parts Bouncer::downstream_parts() {
  return {.loop = loop_,
          .login = login_,
          .live_user = live_user_,
          .accounts = accounts_,
          .config = config_,
          .pusher = pusher_,
          .store = store_,
          .positions_move =
              [this] {
                if (!positions_timer_->active()) positions_timer_->start(kPositionsEveryMs);
              },
          .held_pages = held_pages_,
          .unread = unread_,
          .persistence = persistence_,
          .input_turns = input_turns_,
          .strangers = strangers_};
}

Bouncer::~Bouncer() {
  accounts_.observe(nullptr);
  store_.on_room(nullptr);
  downstreams_.clear();
  removed_users_.clear();
  users_.clear();
}

void Bouncer::load(const storage::Loaded& loaded) {
  const std::map<UserId, EventId> heads(loaded.heads.begin(), loaded.heads.end());
  for (const storage::UserRow* row : accounts_.users()) {
    const auto head = heads.find(row->id);
    put_user(accounts_.user_row(row->id), head == heads.end() ? 0 : head->second);
  }
  for (const storage::BufferRow& row : loaded.buffers) {
    User* who = user(row.user);
    if (Network* network = who ? who->network(row.network) : nullptr) network->buffers().load(row);
  }
  states_.taken();
  for (const auto& [id, who] : users_) {
    for (const auto& network : who->networks()) network->outbox().loaded();
  }
}

void Bouncer::tell_damage(const std::vector<storage::DamageRow>& damage) {
  bool told = false;
  for (const storage::DamageRow& found : damage) {
    if (found.told) continue;
    std::string when;
    irc::append_time(when, found.found_ms);
    const std::string text =
        fmt::format("Damage was found at {}: lines may have been lost, perhaps yours: {}", when, found.what);
    for (const auto& [id, user] : users_) {
      // What does not fit into the journal now is told at the next start.
      if (!user->has_room(2 * storage::kMaxRecord * (user->networks().size() + 1))) return;
      user->tell_as_service(text);
    }
    told = true;
  }
  if (told) store_.commit({storage::DamageTold{}}, nullptr);
}

User& Bouncer::put_user(const storage::SharedUserRow& row, EventId head) {
  auto& slot = users_[row->id];
  slot = std::make_unique<User>(user_parts_, row, head);
  for (const storage::NetworkRow* network : accounts_.networks(row->id))
    slot->put_network(accounts_.network_row(network->id));
  return *slot;
}

void Bouncer::start() {
  running_ = true;
  text_logs_.look();
  for (const auto& [id, user] : users_) start_networks(*user);
}

void Bouncer::start_networks(User& user) {
  if (!running_ || !user.row().enabled) return;
  idle_users_.before_start(user);
  if (user.resting()) return;
  for (const auto& network : user.networks()) {
    if (network->row().enabled) network->uplink().start();
  }
}

void Bouncer::close_user(User& user, std::string_view reason) {
  for (Client* client : std::vector<Client*>(user.clients().begin(), user.clients().end())) {
    client->end(reason);
    client->detach();
  }
  for (const auto& client : downstreams_) client->forget_grant(user, reason);
  for (const auto& network : user.networks()) network->uplink().stop(reason);
}

void Bouncer::stop(std::function<void()> done) {
  running_ = false;
  stopped_ = std::move(done);
  for (const auto& [id, user] : users_) {
    for (const auto& network : user->networks()) network->uplink().stop("Halley is being restarted");
  }
  for (const auto& client : downstreams_) client->end("Halley is being restarted");
  pusher_.room();
  stop_timer_ = loop_.timer([this] {
    if (stopped_) std::exchange(stopped_, nullptr)();
  });
  stop_timer_->start(kStopWithinMs);
  check_stopped();
}

void Bouncer::check_stopped() {
  if (!stopped_ || !downstreams_.empty() || !farewells_.empty()) return;
  stop_timer_->stop();
  loop_.defer(std::exchange(stopped_, nullptr));
}

User* Bouncer::find_user(std::string_view name) const {
  const storage::UserRow* row = accounts_.find_user(name);
  return row ? user(row->id) : nullptr;
}

User* Bouncer::user(UserId id) const {
  const auto at = users_.find(id);
  return at == users_.end() ? nullptr : at->second.get();
}

std::vector<User*> Bouncer::users() const {
  std::vector<User*> all;
  for (const auto& [id, user] : users_) all.push_back(user.get());
  std::sort(all.begin(), all.end(), [](const User* a, const User* b) { return a->name() < b->name(); });
  return all;
}

std::size_t Bouncer::tell_everybody(std::string_view text) {
  std::size_t count = 0;
  for (const auto& [id, user] : users_) {
    if (!user->row().enabled) continue;
    ++count;
    const bool kept =
        !user->networks().empty() && user->has_room(2 * storage::kMaxRecord * (user->networks().size() + 1));
    if (kept) {
      user->tell_as_service(text);
      continue;
    }
    const std::string source = fmt::format("{0}!{0}@{1}", kServiceName, config_.hostname);
    for (const auto& part : irc::split_text(text, irc::text_room(source.size(), "NOTICE", user->name()))) {
      const std::string line = irc::format_line(source, "NOTICE", {user->name(), part});
      for (Client* client : user->clients()) client->pass_own(line);
    }
  }
  return count;
}

bool Bouncer::journal_stalled() const {
  return !journal_.has_room(kRoomToGoOn);
}

void Bouncer::accept_irc(std::unique_ptr<net::Stream> stream, net::Peer peer) {
  downstreams_.push_back(std::make_unique<Downstream>(downstream_parts_, std::move(stream), std::move(peer),
                                                      [this](Downstream& client) {
                                                        ended_.push_back(&client);
                                                        drop_task_->schedule();
                                                      }));
}

void Bouncer::drop_ended() {
  for (Downstream* gone : std::exchange(ended_, {})) {
    std::erase_if(downstreams_, [gone](const auto& client) { return client.get() == gone; });
  }
  removed_users_.clear();
  check_stopped();
}

std::size_t Bouncer::downstream_queued() const {
  std::size_t bytes = 0;
  for (const auto& client : downstreams_) bytes += client->queued();
  return bytes;
}

// One timer for all: a client that is quiet costs nothing, one that is spoken to a system call each fifth of
// a second.
void Bouncer::save_positions() {
  bool more = false;
  for (const auto& client : downstreams_) more = client->save_position() || more;
  if (more) positions_timer_->start(kPositionsEveryMs);
}

void Bouncer::tick() {
  tick_timer_->start(kTickMs);
  for (const auto& client : downstreams_) client->tick();
  text_logs_.look();
}

// The journal has room again: everybody who waited reads on.
void Bouncer::room() {
  states_.room();
  pusher_.room();
  if (journal_stalled()) return;
  for (const auto& [id, user] : users_) {
    for (const auto& network : user->networks()) network->uplink().room();
    user->wake_clients();
  }
}

void Bouncer::user_changed(const storage::SharedUserRow& row) {
  User* known = user(row->id);
  if (!known) {
    User& fresh = put_user(row, 0);
    text_logs_.look_at(fresh);
    start_networks(fresh);
    return;
  }
  const bool was_enabled = known->row().enabled;
  const std::string old_name = known->name();
  known->update(row);
  if (known->name() != old_name) text_logs_.rename_user(old_name, known->name());
  text_logs_.look_at(*known);
  if (was_enabled && !row->enabled) close_user(*known, "This account has been disabled");
  if (!was_enabled && row->enabled) start_networks(*known);
  idle_users_.settings_changed(*known);
}

void Bouncer::user_removed(UserId id) {
  const auto at = users_.find(id);
  states_.forget_user(id);
  if (user_removed_) user_removed_(id);
  if (at == users_.end()) return;
  close_user(*at->second, "This account has been removed");
  traces_.forget(id);
  text_logs_.remove(at->second->name());
  // Whoever called us may stand inside this user's code.
  removed_users_.push_back(std::move(at->second));
  users_.erase(at);
  drop_task_->schedule();
}

void Bouncer::network_changed(const storage::SharedNetworkRow& row) {
  User* who = user(row->user);
  if (!who) return;
  const Network* known = who->network(row->id);
  const bool fresh = known == nullptr;
  const std::string old_name = fresh ? row->name : known->name();
  Network& network = who->put_network(row);
  if (network.name() != old_name) text_logs_.rename_network(who->name(), old_name, network.name());
  if (fresh && running_ && row->enabled && who->row().enabled && !who->resting()) network.uplink().start();
}

void Bouncer::network_removed(const storage::NetworkRow& row) {
  User* who = user(row.user);
  if (!who) return;
  text_logs_.remove(who->name(), row.name);
  who->remove_network(row.id);
  traces_.forget(row.user, row.id);
}

void Bouncer::buffer_changed(const storage::BufferRow& buffer) {
  User* who = user(buffer.user);
  if (const Network* network = who ? who->network(buffer.network) : nullptr)
    who->buffer_changed(*network, buffer.id);
}

void Bouncer::buffer_removed(const storage::BufferRow& buffer) {
  User* who = user(buffer.user);
  Network* network = who ? who->network(buffer.network) : nullptr;
  if (!network) return;
  who->buffer_changed(*network, buffer.id, true);
  text_logs_.remove_window(*network, buffer.id);
  states_.forget_buffer(buffer.user, buffer.network, buffer.id);
  network->buffers().remove(buffer.id);
}

// Whoever came in by the old password has to show the new one.
void Bouncer::password_changed(UserId id) {
  login_.password_changed(id);
  pusher_.password_changed(id);
  const User* who = user(id);
  for (const auto& client : downstreams_) {
    if (who) client->password_changed(*who);
  }
}

void Bouncer::device_revoked(DeviceId id) {
  for (const auto& client : downstreams_) {
    if (client->device() == id) client->end("This device has been revoked");
  }
  states_.forget_device(id);
}

void Bouncer::session_revoked(std::uint64_t id) {
  pusher_.forget_session(id);
  if (session_revoked_) session_revoked_(id);
}

}  // namespace halley
