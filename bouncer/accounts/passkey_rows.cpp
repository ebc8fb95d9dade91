// Accounts: the passkeys of browsers.
#include <fmt/format.h>

#include <utility>

#include "bouncer/accounts/accounts.h"

namespace halley {
namespace {

constexpr std::size_t kMostPasskeys = 16;     // of a user
constexpr std::size_t kMostPasskeyName = 64;  // bytes
constexpr std::size_t kHandleBytes = 32;

std::expected<void, std::string> check_name(std::string_view name) {
  if (!name.empty() && name.size() <= kMostPasskeyName && Audit::clean(name) == name) return {};
  return std::unexpected(fmt::format("a passkey's name is one line of 1 to {} bytes", kMostPasskeyName));
}

std::string no_such(std::uint64_t id) {
  return fmt::format("there is no passkey {}; see passkey list", id);
}

}  // namespace

void Accounts::link(storage::PasskeyRow passkey) {
  if (!users_.contains(passkey.user)) return;
  const PasskeyPlace place{passkey.user, passkey.id};
  credential_ids_.insert_or_assign(passkey.credential_id, place);
  passkeys_.insert_or_assign(place, std::move(passkey));
}

storage::PasskeyRow Accounts::unlink_passkey(const PasskeyPlace& place) {
  auto node = passkeys_.extract(place);
  credential_ids_.erase(node.mapped().credential_id);
  return std::move(node.mapped());
}

Accounts::Result<const storage::PasskeyRow*> Accounts::add_passkey(storage::PasskeyRow row) {
  if (!users_.contains(row.user)) return std::unexpected("there is no such user any more");
  if (const auto fits = check_name(row.name); !fits) return std::unexpected(fits.error());
  if (find_passkey(row.credential_id) != nullptr)
    return std::unexpected("this passkey is known here already; see passkey list");
  if (passkeys(row.user).size() >= kMostPasskeys)
    return std::unexpected(
        fmt::format("there are {} passkeys already; revoke one, see passkey list", kMostPasskeys));
  row.id = ++last_passkey_;
  row.created_ms = now_ms();
  const PasskeyPlace place{row.user, row.id};
  link(row);
  record(
      storage::PutPasskey{std::move(row)}, [this, place] { unlink_passkey(place); }, nullptr);
  return &passkeys_.at(place);
}

std::string Accounts::passkey_handle(UserId user_id) const {
  const auto known = passkeys(user_id);
  if (!known.empty()) return known.front()->handle;
  std::string handle(kHandleBytes, '\0');
  random_.fill({reinterpret_cast<unsigned char*>(handle.data()), handle.size()});
  return handle;
}

Accounts::Result<void> Accounts::rename_passkey(UserId user_id, std::uint64_t id, std::string_view name) {
  const auto found = passkeys_.find({user_id, id});
  if (found == passkeys_.end()) return std::unexpected(no_such(id));
  if (auto fits = check_name(name); !fits) return fits;
  std::string old = std::exchange(found->second.name, std::string(name));
  record(
      storage::PutPasskey{found->second},
      [this, place = found->first, old = std::move(old)] {
        const auto now = passkeys_.find(place);
        if (now != passkeys_.end()) now->second.name = old;
      },
      nullptr);
  return {};
}

Accounts::Result<void> Accounts::revoke_passkey(UserId user_id, std::uint64_t id) {
  if (!passkeys_.contains({user_id, id})) return std::unexpected(no_such(id));
  drop_passkey({user_id, id});
  return {};
}

void Accounts::drop_passkey(const PasskeyPlace& place) {
  record(
      storage::RemovePasskey{place.second}, [this, old = unlink_passkey(place)] { link(old); }, nullptr);
}

void Accounts::drop_passkeys(UserId user_id) {
  for (const auto* row : passkeys(user_id)) drop_passkey({user_id, row->id});
}

void Accounts::passkey_used(UserId user_id, std::uint64_t id, std::uint32_t counter) {
  const auto found = passkeys_.find({user_id, id});
  if (found == passkeys_.end()) return;
  found->second.counter = counter;
  found->second.used_ms = now_ms();
  unsaved_[user_id].passkeys.insert(id);
  save(user_id);
}

const storage::PasskeyRow* Accounts::find_passkey(std::string_view credential_id) const {
  const auto found = credential_ids_.find(std::string(credential_id));
  return found == credential_ids_.end() ? nullptr : &passkeys_.at(found->second);
}

std::vector<const storage::PasskeyRow*> Accounts::passkeys(UserId user_id) const {
  std::vector<const storage::PasskeyRow*> out;
  for (auto at = passkeys_.lower_bound({user_id, 0}); at != passkeys_.end() && at->first.first == user_id;
       ++at)
    out.push_back(&at->second);
  return out;
}

}  // namespace halley
