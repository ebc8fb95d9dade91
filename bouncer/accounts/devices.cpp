// Accounts: devices with their tokens, and web logins.
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/scram_keys.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/net/tls_certificate.h"

namespace halley {
namespace {

constexpr std::int64_t kSeenStep = 3'600'000;  // milliseconds between two writes of "seen"
constexpr std::size_t kMostSessions = 64;      // of one user
constexpr std::size_t kMostAgent = 200;        // bytes kept of a browser's User-Agent
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMaxSessionIdleMs = 90 * kDayMs;  // as long as its cookie
constexpr std::int64_t kMaxSessionAgeMs = 365 * kDayMs;  // however often it is seen

bool has_lapsed(const storage::SessionRow& row, std::int64_t now_ms) {
  return now_ms - row.seen_ms > kMaxSessionIdleMs || now_ms - row.created_ms > kMaxSessionAgeMs;
}

}  // namespace

void Accounts::put(storage::DeviceRow row) {
  const DeviceId id = row.id;
  std::function<void()> undo = [this, id] { unlink_device(id); };
  if (devices_.contains(id)) {
    storage::DeviceRow old = unlink_device(id);
    undo = [this, old = std::move(old)] {
      unlink_device(old.id);
      link(old);
    };
  }
  link(row);
  // What waits to be saved is on its way from now on.
  if (const auto unsaved = unsaved_.find(row.user); unsaved != unsaved_.end()) {
    if (const auto device = unsaved->second.devices.find(id); device != unsaved->second.devices.end())
      device->second = true;
  }
  record(storage::PutDevice{std::move(row)}, std::move(undo), nullptr);
}

void Accounts::drop_device(DeviceId id) {
  storage::DeviceRow old = unlink_device(id);
  record(
      storage::RemoveDevice{id}, [this, old = std::move(old)] { link(old); },
      [id](Observer& observer) { observer.device_revoked(id); });
}

// The row of that device, as it is or as it is to be made: what came with the password before keeps its
// position.
Accounts::Result<storage::DeviceRow> Accounts::device_to_be(std::string_view user_name, std::string_view name,
                                                            DeviceId spared) {
  const auto owner = require_user(user_name);
  if (!owner) return std::unexpected(owner.error());
  const UserId user_id = (*owner)->id;
  if (const auto* known = find_device(user_id, name)) return *known;
  if (const auto fits = check_account_name("device", name); !fits) return std::unexpected(fits.error());
  const auto room = oldest_device(user_id, spared);
  if (!room) return std::unexpected(room.error());
  if (*room != 0) drop_device(*room);
  storage::DeviceRow row;
  row.id = ++last_device_;
  row.user = user_id;
  row.name = name;
  row.created_ms = now_ms();
  return row;
}

Accounts::Result<std::string> Accounts::add_device(std::string_view user_name, std::string_view name,
                                                   NewToken made) {
  auto row = device_to_be(user_name, name);
  if (!row) return std::unexpected(row.error());
  if (!row->token_hash.empty()) {
    return std::unexpected(fmt::format("device {} of {} has a token already; say: device revoke {} {}", name,
                                       user_name, user_name, name));
  }
  if (made.token.empty()) made.token = random_token("halley_", random_);
  row->token_hash = sha256_hex(made.token);
  row->scram_keys = std::move(made.scram_keys);
  put(std::move(*row));
  return std::move(made.token);
}

Accounts::NewToken Accounts::make_token(std::string_view salt, net::Random& random) {
  NewToken made{.token = random_token("halley_", random)};
  made.scram_keys = make_scram_keys(made.token, salt);
  return made;
}

Accounts::Result<void> Accounts::add_certificate(std::string_view user_name, std::string_view name,
                                                 std::string_view fingerprint) {
  return give_certificate(device_to_be(user_name, name), fingerprint);
}

Accounts::Result<void> Accounts::give_certificate(Result<storage::DeviceRow> row,
                                                  std::string_view fingerprint) {
  const std::string normal = net::normal_fingerprint(std::string(fingerprint));
  if (normal.empty()) {
    return std::unexpected(
        fmt::format("\"{}\" is no fingerprint of a certificate: it takes the {} hex digits of a SHA-256, or "
                    "the {} of a SHA-512",
                    fingerprint, net::kSha256Digits, net::kSha512Digits));
  }
  if (!row) return std::unexpected(row.error());
  const std::string& owner = users_.at(row->user).row->name;
  if (!row->certificate.empty()) {
    return std::unexpected(
        fmt::format("device {0} of {1} has a certificate already; say: device revoke {1} "
                    "{0}",
                    row->name, owner));
  }
  for (const auto* other : find_certificate(normal)) {
    if (other->user != row->user) continue;
    return std::unexpected(fmt::format("device {} of {} has that certificate already", other->name, owner));
  }
  row->certificate = normal;
  put(std::move(*row));
  return {};
}

Accounts::Result<std::string> Accounts::pin_certificate(UserId user_id, DeviceId came_as,
                                                        const ShownCertificate& shown) {
  const auto* owner = user(user_id);
  if (owner == nullptr) return std::unexpected("there is no such user any more");
  const auto* own = device(came_as);
  const bool takes = own != nullptr && !own->name.empty() && own->certificate.empty();
  std::string name = takes ? own->name : free_device_name(user_id, account_name_like(shown.name));
  // The device that the client came as makes no place: that would end its connection.
  const auto given = give_certificate(device_to_be(owner->name, name, came_as), shown.fingerprint);
  if (!given) return std::unexpected(given.error());
  return name;
}

// As many tries as the user has devices, and one.
std::string Accounts::free_device_name(UserId user_id, std::string_view like) const {
  const std::string_view base = like.empty() ? "client" : like;
  std::string name(base);
  for (int number = 2; find_device(user_id, name) != nullptr; ++number) {
    const std::string suffix = fmt::format("-{}", number);
    name = base.substr(0, kLongestAccountName - suffix.size());
    name += suffix;
  }
  return name;
}

void Accounts::remove_certificate(DeviceId id) {
  storage::DeviceRow row = devices_.at(id);
  row.certificate.clear();
  put(std::move(row));
}

std::string Accounts::scram_salt(std::string_view user_name) const {
  const std::string_view secret(reinterpret_cast<const char*>(scram_salts_.data()), scram_salts_.size());
  std::string salt = irc::scram_stand_in_salt(secret, folded_name(user_name));
  if (const auto* row = find_user(user_name)) {
    for (const auto* one : devices(row->id)) {
      if (auto known = read_scram_keys(one->scram_keys)) return std::move(known->salt);
    }
  }
  return salt;
}

void Accounts::keep_scram_keys(DeviceId id, std::string keys) {
  const auto found = devices_.find(id);
  if (found == devices_.end()) return;
  storage::DeviceRow row = found->second;
  row.scram_keys = std::move(keys);
  device_changed(row);
}

Accounts::Result<const storage::DeviceRow*> Accounts::require_device(std::string_view user_name,
                                                                     std::string_view name) const {
  const auto owner = require_user(user_name);
  if (!owner) return std::unexpected(owner.error());
  if (const auto* device = find_device((*owner)->id, name)) return device;
  return std::unexpected(fmt::format("{} has no device \"{}\"; see device list", (*owner)->name, name));
}

Accounts::Result<void> Accounts::rename_device(std::string_view user_name, std::string_view name,
                                               std::string_view next) {
  const auto device = require_device(user_name, name);
  if (!device) return std::unexpected(device.error());
  if (const auto fits = check_account_name("device", next); !fits) return fits;
  storage::DeviceRow row = **device;
  if (const auto* other = find_device(row.user, next); other != nullptr && other->id != row.id)
    return std::unexpected(fmt::format("{} has a device {} already", user_name, other->name));
  row.name = next;
  put(std::move(row));
  return {};
}

Accounts::Result<void> Accounts::revoke_device(std::string_view user_name, std::string_view name) {
  const auto device = require_device(user_name, name);
  if (!device) return std::unexpected(device.error());
  drop_device((*device)->id);
  return {};
}

// 0: there is room for another. Else the one that makes place for it, which is not the `spared` one.
Accounts::Result<DeviceId> Accounts::oldest_device(UserId user_id, DeviceId spared) const {
  const auto all = devices(user_id);
  if (all.size() < config_.limits.devices_per_user) return DeviceId{0};
  const storage::DeviceRow* oldest = nullptr;
  for (const auto* device : all) {
    if (has_key(*device) || device->id == spared) continue;
    if (oldest == nullptr || device->seen_ms < oldest->seen_ms) oldest = device;
  }
  if (oldest != nullptr) return oldest->id;
  return std::unexpected(fmt::format(
      "there are {} devices with tokens already (limits.devices_per_user); revoke one", all.size()));
}

Accounts::Result<DeviceId> Accounts::device_for(UserId user_id, std::string_view name) {
  if (const auto* known = find_device(user_id, name)) {
    const DeviceId id = known->id;
    device_seen(id);
    return id;
  }
  if (!users_.contains(user_id)) return std::unexpected("there is no such user any more");
  if (!name.empty()) {
    if (const auto fits = check_account_name("device", name); !fits) return std::unexpected(fits.error());
  }
  const auto room = oldest_device(user_id);
  if (!room) return std::unexpected(room.error());
  if (*room != 0) forget_device(*room);
  storage::DeviceRow row;
  row.id = ++last_device_;
  row.user = user_id;
  row.name = name;
  row.created_ms = row.seen_ms = now_ms();
  const DeviceId id = row.id;
  device_changed(row);
  return id;
}

void Accounts::device_seen(DeviceId id) {
  const auto found = devices_.find(id);
  if (found == devices_.end() || now_ms() - found->second.seen_ms < kSeenStep) return;
  storage::DeviceRow row = found->second;
  row.seen_ms = now_ms();
  device_changed(row);
}

const storage::DeviceRow* Accounts::find_device(UserId user_id, std::string_view name) const {
  for (const auto* device : devices(user_id)) {
    if (same_name(device->name, name)) return device;
  }
  return nullptr;
}

const storage::DeviceRow* Accounts::find_token(std::string_view token) const {
  const auto found = tokens_.find(sha256_hex(token));
  return found == tokens_.end() ? nullptr : &devices_.at(found->second);
}

const storage::DeviceRow* Accounts::device(DeviceId id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : &found->second;
}

std::vector<const storage::DeviceRow*> Accounts::find_certificate(std::string_view fingerprint,
                                                                  std::string_view other_form) const {
  std::vector<const storage::DeviceRow*> out;
  for (const std::string_view form : {fingerprint, other_form}) {
    const auto [begin, end] = certificates_.equal_range(std::string(form));
    for (auto at = begin; at != end; ++at) out.push_back(&devices_.at(at->second));
  }
  return out;
}

std::vector<const storage::DeviceRow*> Accounts::devices(UserId user_id) const {
  std::vector<const storage::DeviceRow*> out;
  const auto found = users_.find(user_id);
  if (found == users_.end()) return out;
  for (const DeviceId id : found->second.devices) out.push_back(&devices_.at(id));
  return out;
}

// --- Web logins ---

void Accounts::drop_session(std::uint64_t id) {
  storage::SessionRow old = unlink_session(id);
  record(
      storage::RemoveSession{id}, [this, old = std::move(old)] { link(old); },
      [id](Observer& observer) { observer.session_revoked(id); });
}

std::string Accounts::open_session(UserId user_id, std::string_view agent, std::string_view address) {
  std::string token = random_token("", random_);
  const auto owner = users_.find(user_id);
  if (owner == users_.end()) return token;
  for (const std::uint64_t id : std::vector(owner->second.sessions))
    if (has_lapsed(sessions_.at(id), now_ms())) forget_session(id);
  while (owner->second.sessions.size() >= kMostSessions) forget_session(owner->second.sessions.front());
  storage::SessionRow row;
  row.id = ++last_session_;
  row.user = user_id;
  row.token_hash = sha256_hex(token);
  row.agent = agent.substr(0, kMostAgent);
  row.address = address;
  row.created_ms = row.seen_ms = now_ms();
  session_changed(row);
  return token;
}

const storage::SessionRow* Accounts::find_session(std::string_view token) const {
  const auto found = session_tokens_.find(sha256_hex(token));
  if (found == session_tokens_.end()) return nullptr;
  const storage::SessionRow& row = sessions_.at(found->second);
  return has_lapsed(row, now_ms()) ? nullptr : &row;
}

void Accounts::session_seen(std::uint64_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || now_ms() - found->second.seen_ms < kSeenStep) return;
  storage::SessionRow row = found->second;
  row.seen_ms = now_ms();
  session_changed(row);
}

Accounts::Result<void> Accounts::revoke_session(UserId user_id, std::uint64_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.user != user_id) {
    return std::unexpected(fmt::format("there is no web login {}; see session list", id));
  }
  drop_session(id);
  return {};
}

std::vector<const storage::SessionRow*> Accounts::sessions(UserId user_id) const {
  std::vector<const storage::SessionRow*> out;
  const auto found = users_.find(user_id);
  if (found == users_.end()) return out;
  for (const std::uint64_t id : found->second.sessions)
    if (const storage::SessionRow& row = sessions_.at(id); !has_lapsed(row, now_ms())) out.push_back(&row);
  return out;
}

}  // namespace halley
