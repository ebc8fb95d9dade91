// Tables, undo and users. Networks: networks.cpp; buffers: set_buffers.cpp; devices and web logins:
// devices.cpp; codes for those without a login: tickets.cpp; passkeys: passkey_rows.cpp; what commits by
// itself: unsaved.cpp.
#include "bouncer/accounts/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/password.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/irc/casemapping.h"

namespace halley {
namespace {

// Beside the settings of a user's table, of which people know nothing.
constexpr std::string_view kPasswordDigest = "password-digest", kHomes = "was-in-from";
constexpr std::size_t kMostHomes = 8;

template <typename Row>
std::shared_ptr<const Row> shared(Row row) {
  return std::make_shared<const Row>(std::move(row));
}

template <typename Id>
void insert_sorted(std::vector<Id>& ids, Id id) {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  if (at == ids.end() || *at != id) ids.insert(at, id);
}

}  // namespace

Accounts::Accounts(const Parts& parts, storage::Loaded loaded)
    : store_(parts.store),
      clock_(parts.clock),
      random_(parts.random),
      sealer_(parts.sealer),
      config_(parts.config),
      audit_(parts.audit),
      scram_salts_(parts.sealer.derive("scram salts")),
      last_user_(loaded.last_user),
      last_network_(loaded.last_network),
      last_device_(loaded.last_device),
      last_session_(loaded.last_session),
      last_ticket_(loaded.last_ticket),
      last_passkey_(loaded.last_passkey) {
  for (auto& row : loaded.users) link(UserEntry{.row = shared(std::move(row))});
  for (auto& row : loaded.networks) link(NetworkEntry{shared(std::move(row)), {}, {}});
  for (auto& row : loaded.channels) {
    const auto network = networks_.find(row.network);
    if (network != networks_.end()) network->second.channels.push_back(std::move(row));
  }
  for (auto& [id, network] : networks_) network.channels.shrink_to_fit();
  for (auto& row : loaded.buffers) {
    if (!row.settings.empty()) link(std::move(row));
  }
  for (auto& row : loaded.devices) link(std::move(row));
  for (auto& row : loaded.sessions) link(std::move(row));
  for (auto& row : loaded.tickets) tickets_.emplace(row.id, std::move(row));
  for (auto& row : loaded.passkeys) link(std::move(row));
  seal_old_lines();
}

// Databases of before had what is said on connect in the clear.
void Accounts::seal_old_lines() {
  std::vector<storage::Change> changes;
  for (auto& [id, network] : networks_) {
    storage::NetworkRow row = *network.row;
    if (!seal_connect_lines(row, sealer_)) continue;
    network.row = shared(std::move(row));
    changes.emplace_back(storage::PutNetwork{network.row});
  }
  if (changes.empty()) return;
  changes.emplace_back(storage::ForgetReplaced{});
  store_.commit(std::move(changes), nullptr);
}

Accounts::~Accounts() {
  std::vector<storage::Change> changes;
  for (auto& [user, unsaved] : unsaved_)
    std::ranges::move(take_unsaved(user, unsaved), std::back_inserter(changes));
  if (!changes.empty()) store_.commit(std::move(changes), nullptr);
}

// --- Tables ---

void Accounts::link(UserEntry user) {
  const UserId id = user.row->id;
  user_names_[folded_name(user.row->name)] = id;
  users_.insert_or_assign(id, std::move(user));
}

void Accounts::link(NetworkEntry network) {
  const NetworkId id = network.row->id;
  const auto user = users_.find(network.row->user);
  if (user == users_.end()) return;  // of a user that the store is still removing
  insert_sorted(user->second.networks, id);
  networks_.insert_or_assign(id, std::move(network));
}

void Accounts::link(storage::DeviceRow device) {
  const auto user = users_.find(device.user);
  if (user == users_.end()) return;
  insert_sorted(user->second.devices, device.id);
  if (!device.token_hash.empty()) tokens_[device.token_hash] = device.id;
  if (!device.certificate.empty()) certificates_.emplace(device.certificate, device.id);
  devices_.insert_or_assign(device.id, std::move(device));
}

void Accounts::link(storage::SessionRow session) {
  const auto user = users_.find(session.user);
  if (user == users_.end()) return;
  insert_sorted(user->second.sessions, session.id);
  session_tokens_[session.token_hash] = session.id;
  sessions_.insert_or_assign(session.id, std::move(session));
}

Accounts::UserEntry Accounts::unlink_user(UserId id) {
  auto node = users_.extract(id);
  user_names_.erase(folded_name(node.mapped().row->name));
  return std::move(node.mapped());
}

Accounts::NetworkEntry Accounts::unlink_network(NetworkId id) {
  auto node = networks_.extract(id);
  std::erase(users_.at(node.mapped().row->user).networks, id);
  return std::move(node.mapped());
}

storage::DeviceRow Accounts::unlink_device(DeviceId id) {
  auto node = devices_.extract(id);
  std::erase(users_.at(node.mapped().user).devices, id);
  tokens_.erase(node.mapped().token_hash);
  const auto [begin, end] = certificates_.equal_range(node.mapped().certificate);
  if (const auto own = std::find_if(begin, end, [id](const auto& one) { return one.second == id; });
      own != end)
    certificates_.erase(own);
  return std::move(node.mapped());
}

storage::SessionRow Accounts::unlink_session(std::uint64_t id) {
  auto node = sessions_.extract(id);
  std::erase(users_.at(node.mapped().user).sessions, id);
  session_tokens_.erase(node.mapped().token_hash);
  return std::move(node.mapped());
}

// --- Recording ---

void Accounts::record(storage::Change change, std::function<void()> undo,
                      std::function<void(Observer&)> notice) {
  pending_.push_back(std::move(change));
  undo_.push_back(std::move(undo));
  if (notice) notices_.push_back(std::move(notice));
}

void Accounts::flush(std::function<void(storage::Status)> done, UserId by) {
  std::vector<storage::Change> changes = std::exchange(pending_, {});
  const auto notices = std::exchange(notices_, {});
  undo_.clear();
  if (changes.empty()) {
    if (done) done({});
    return;
  }
  // The commit is queued first, so that what an observer commits in turn (a channel, a device) comes after
  // it.
  commit(std::move(changes), std::move(done), by);
  for (const auto& notice : notices) {
    if (observer_ != nullptr) notice(*observer_);
  }
}

void Accounts::commit(std::vector<storage::Change> changes, std::function<void(storage::Status)> done,
                      UserId by) {
  if (by != 0) {
    ++changing_[by];
    done = [this, by, alive = std::weak_ptr<int>(alive_),
            done = std::move(done)](const storage::Status& status) {
      if (!alive.expired() && --changing_[by] == 0) changing_.erase(by);
      if (done) done(status);
    };
  }
  store_.commit(std::move(changes), std::move(done));
}

void Accounts::rollback() {
  const auto undo = std::exchange(undo_, {});
  for (auto step = undo.rbegin(); step != undo.rend(); ++step) (*step)();
  pending_.clear();
  notices_.clear();
}

void Accounts::put(storage::UserRow row) {
  const UserId id = row.id;
  std::function<void()> undo;
  const auto old = users_.find(id);
  if (old == users_.end()) {
    undo = [this, id] { unlink_user(id); };
    link(UserEntry{.row = shared(row)});
  } else {
    const auto replace = [this](const storage::SharedUserRow& by) {
      storage::SharedUserRow& now = users_.at(by->id).row;
      user_names_.erase(folded_name(now->name));
      user_names_[folded_name(by->name)] = by->id;
      now = by;
    };
    undo = [replace, before = old->second.row] { replace(before); };
    replace(shared(row));
  }
  record(storage::PutUser{std::move(row)}, std::move(undo), [this, id](Observer& observer) {
    if (const storage::SharedUserRow now = user_row(id)) observer.user_changed(now);
  });
}

// --- Users ---

Accounts::Result<const storage::UserRow*> Accounts::require_user(std::string_view name) const {
  if (const auto* row = find_user(name)) return row;
  return std::unexpected(fmt::format("there is no user \"{}\"; see user list", name));
}

Accounts::Result<void> Accounts::check_new_user(std::string_view name) const {
  if (auto fits = check_account_name("user", name); !fits) return fits;
  if (const auto* other = find_user(name)) {
    return std::unexpected(fmt::format("there is a user \"{}\" already; choose another name", other->name));
  }
  return {};
}

Accounts::Result<const storage::UserRow*> Accounts::add_user(std::string_view name, std::string password_hash,
                                                             bool admin) {
  if (const auto good = check_new_user(name); !good) return std::unexpected(good.error());
  if (const std::string wrong = check_password_hash(password_hash);
      !password_hash.empty() && !wrong.empty()) {
    return std::unexpected(fmt::format("the password hash of user {} is {}", name, wrong));
  }
  storage::UserRow row;
  row.id = ++last_user_;
  row.name = name;
  row.password_hash = std::move(password_hash);
  row.admin = admin;
  row.created_ms = now_ms();
  const UserId id = row.id;
  put(std::move(row));
  return user(id);
}

Accounts::Result<void> Accounts::set_password_hash(std::string_view name, std::string password_hash,
                                                   Tokens tokens) {
  const auto found = require_user(name);
  if (!found) return std::unexpected(found.error());
  if (const std::string wrong = check_password_hash(password_hash); !wrong.empty()) {
    return std::unexpected(fmt::format("the password hash of user {} is {}", name, wrong));
  }
  storage::UserRow row = **found;
  const UserId id = row.id;
  row.password_hash = std::move(password_hash);
  keep_value(row.settings, kPasswordDigest, {});
  put(std::move(row));
  // Whoever came in with the old one, on the web or by a token they made, is put out.
  for (const std::uint64_t session : std::vector(users_.at(id).sessions)) drop_session(session);
  for (const DeviceId device : std::vector(users_.at(id).devices)) {
    if (tokens == Tokens::kRevoke && has_key(devices_.at(device))) drop_device(device);
  }
  if (tokens == Tokens::kRevoke) drop_passkeys(id);
  drop_tickets(id);
  notices_.push_back([id](Observer& observer) { observer.password_changed(id); });
  return {};
}

Accounts::Result<void> Accounts::rename_user(std::string_view name, std::string_view to) {
  const auto found = require_user(name);
  if (!found) return std::unexpected(found.error());
  if (auto fits = check_account_name("user", to); !fits) return fits;
  if (const auto* other = find_user(to); other != nullptr && other != *found)
    return std::unexpected(fmt::format("there is a user \"{}\" already; choose another name", other->name));
  storage::UserRow row = **found;
  row.name = to;
  put(std::move(row));
  return {};
}

void Accounts::remember_login(UserId id, std::string_view address, std::string digest, std::string hash) {
  const auto found = users_.find(id);
  if (found == users_.end()) return;
  storage::UserRow row = *found->second.row;
  auto& settings = row.settings;
  if (!hash.empty()) row.password_hash = std::move(hash);
  const bool at_home = was_in_from(id, address);
  if (at_home && digest.empty()) return;
  if (!digest.empty()) keep_value(settings, kPasswordDigest, std::move(digest));
  if (!at_home) {
    std::string homes(address);
    const std::string before = kept_value(settings, kHomes);
    std::string_view rest = before;
    for (std::size_t count = 1; count < kMostHomes && !rest.empty(); ++count) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      homes.append(" ").append(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    keep_value(settings, kHomes, std::move(homes));
  }
  found->second.row = shared(std::move(row));
  unsaved_[id].user = true;
  save(id);
}

bool Accounts::was_in_from(UserId id, std::string_view address) const {
  const auto* row = user(id);
  if (row == nullptr || address.empty() || address.find(' ') != std::string_view::npos) return false;
  const std::string homes = " " + kept_value(row->settings, kHomes) + " ";
  return homes.find(fmt::format(" {} ", address)) != std::string::npos;
}

std::string Accounts::password_digest(UserId id) const {
  const auto* row = user(id);
  return row == nullptr ? std::string() : kept_value(row->settings, kPasswordDigest);
}

namespace {

// Who may manage all: nobody could make another one but from the machine.
bool manages(const storage::UserRow& row) {
  return row.admin && row.enabled;
}

}  // namespace

// `next` null: the user goes.
Accounts::Result<void> Accounts::keeps_administrator(const storage::UserRow& now,
                                                     const storage::UserRow* next) const {
  if (!manages(now) || (next != nullptr && manages(*next))) return {};
  for (const auto& [id, entry] : users_) {
    if (id != now.id && manages(*entry.row)) return {};
  }
  return std::unexpected(
      fmt::format("{} is the last administrator who can log in, and nobody could manage Halley then: make "
                  "another one first "
                  "(user set NAME admin=yes)",
                  now.name));
}

Accounts::Result<void> Accounts::set_enabled(std::string_view name, bool enabled) {
  const auto found = require_user(name);
  if (!found) return std::unexpected(found.error());
  storage::UserRow row = **found;
  row.enabled = enabled;
  if (auto kept = keeps_administrator(**found, &row); !kept) return kept;
  put(std::move(row));
  return {};
}

Accounts::Result<void> Accounts::set_user(std::string_view name, const SettingValues& settings) {
  const auto found = require_user(name);
  if (!found) return std::unexpected(found.error());
  storage::UserRow row = **found;
  if (const auto taken = take_settings(row, settings, false, context_of(**found)); !taken) return taken;
  if (auto kept = keeps_administrator(**found, &row); !kept) return kept;
  put(std::move(row));
  return {};
}

Accounts::Result<void> Accounts::remove_user(std::string_view name) {
  const auto found = require_user(name);
  if (!found) return std::unexpected(found.error());
  const UserId id = (*found)->id;
  if (auto kept = keeps_administrator(**found, nullptr); !kept) return kept;

  // All that belongs to the user leaves the tables as one bundle, which the undo puts back.
  struct Bundle {
    UserEntry user;
    std::vector<NetworkEntry> networks;
    std::vector<storage::DeviceRow> devices;
    std::vector<storage::SessionRow> sessions;
    std::vector<storage::TicketRow> tickets;
    std::vector<storage::PasskeyRow> passkeys;
  };
  auto bundle = std::make_shared<Bundle>();
  const UserEntry owned = users_.at(id);
  for (const NetworkId network : owned.networks) {
    bundle->networks.push_back(unlink_network(network));
    notices_.push_back(
        [gone = bundle->networks.back().row](Observer& observer) { observer.network_removed(*gone); });
  }
  for (const DeviceId device : owned.devices) bundle->devices.push_back(unlink_device(device));
  for (const std::uint64_t session : owned.sessions) bundle->sessions.push_back(unlink_session(session));
  for (const auto& [number, ticket] : tickets_)
    if (ticket.user == id) bundle->tickets.push_back(ticket);
  for (const auto& ticket : bundle->tickets) tickets_.erase(ticket.id);
  for (const auto* passkey : passkeys(id)) bundle->passkeys.push_back(unlink_passkey({id, passkey->id}));
  bundle->user = unlink_user(id);

  record(
      storage::RemoveUser{id},
      [this, bundle] {
        link(bundle->user);
        for (const auto& network : bundle->networks) link(network);
        for (const auto& device : bundle->devices) link(device);
        for (const auto& session : bundle->sessions) link(session);
        for (const auto& ticket : bundle->tickets) tickets_.emplace(ticket.id, ticket);
        for (const auto& passkey : bundle->passkeys) link(passkey);
      },
      [id](Observer& observer) { observer.user_removed(id); });
  return {};
}

const storage::UserRow* Accounts::find_user(std::string_view name) const {
  const auto found = user_names_.find(folded_name(name));
  return found == user_names_.end() ? nullptr : user(found->second);
}

const storage::UserRow* Accounts::user(UserId id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : found->second.row.get();
}

storage::SharedUserRow Accounts::user_row(UserId id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : found->second.row;
}

std::vector<const storage::UserRow*> Accounts::users() const {
  std::vector<const storage::UserRow*> out;
  out.reserve(users_.size());
  for (const auto& [id, entry] : users_) out.push_back(entry.row.get());
  std::ranges::sort(out, {}, [](const storage::UserRow* row) { return folded_name(row->name); });
  return out;
}

}  // namespace halley
