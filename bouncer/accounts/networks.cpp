// Accounts: networks and the channels the user wants to be in.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/irc/bytes.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/text.h"

namespace halley {
namespace {

constexpr std::string_view kChannelTypes = "#&+!";  // a network's own CHANTYPES is not known here

Accounts::Result<void> check_channel(const storage::ChannelRow& channel) {
  if (!irc::is_valid_channel(channel.name, kChannelTypes)) {
    return std::unexpected(
        fmt::format("\"{}\" is no channel; write for instance '#one,#two key'", channel.name));
  }
  if (irc::has_forbidden_byte(channel.key) || channel.key.size() > 100 ||
      channel.key.find_first_of(" ,") != std::string::npos) {
    return std::unexpected(
        fmt::format("the key of {} has a space, a comma or more than 100 bytes", channel.name));
  }
  return {};
}

}  // namespace

void Accounts::put(storage::NetworkRow changed) {
  const NetworkId id = changed.id;
  const auto row = std::make_shared<const storage::NetworkRow>(std::move(changed));
  std::function<void()> undo = [this, id] { unlink_network(id); };
  const auto old = networks_.find(id);
  if (old == networks_.end()) {
    link(NetworkEntry{row, {}, {}});
  } else {
    undo = [this, before = old->second.row] { networks_.at(before->id).row = before; };
    old->second.row = row;
  }
  record(storage::PutNetwork{row}, std::move(undo), [this, id](Observer& observer) {
    if (const storage::SharedNetworkRow now = network_row(id)) observer.network_changed(now);
  });
}

Accounts::Result<const storage::NetworkRow*> Accounts::require_network(std::string_view user_name,
                                                                       std::string_view name) const {
  const auto owner = require_user(user_name);
  if (!owner) return std::unexpected(owner.error());
  if (const auto* row = find_network((*owner)->id, name)) return row;
  std::string known;
  for (const auto* row : networks((*owner)->id)) known += (known.empty() ? "" : ", ") + row->name;
  return std::unexpected(known.empty()
                             ? fmt::format("{} has no network yet; see help network add", (*owner)->name)
                             : fmt::format("{} has no network \"{}\", but {}", (*owner)->name, name, known));
}

Accounts::Result<void> Accounts::room_for_channels(const storage::UserRow& owner,
                                                   std::size_t channels) const {
  const UserLimit limit = max_channels(owner, config_.limits);
  if (channels <= limit.most) return {};
  return std::unexpected(fmt::format("more than {} channels ({})", limit.most, limit.setting));
}

SettingContext Accounts::context_of(const storage::UserRow& owner) const {
  return {sealer_, owner, now_ms() / 1000};
}

Accounts::Result<const storage::NetworkRow*> Accounts::add_network(std::string_view user_name,
                                                                   std::string_view name,
                                                                   const NetworkDraft& draft) {
  const auto owner = require_user(user_name);
  if (!owner) return std::unexpected(owner.error());
  const storage::UserRow& user_row = **owner;
  if (const auto fits = check_account_name("network", name); !fits) return std::unexpected(fits.error());
  if (const auto* other = find_network(user_row.id, name)) {
    return std::unexpected(
        fmt::format("{} has a network \"{}\" already; see help network set", user_row.name, other->name));
  }
  const UserLimit limit = max_networks(user_row, config_.limits);
  if (networks(user_row.id).size() >= limit.most)
    return std::unexpected(fmt::format("{} has {} networks already ({})", user_row.name,
                                       networks(user_row.id).size(), limit.setting));
  if (const auto room = room_for_channels(user_row, draft.join.size()); !room)
    return std::unexpected(room.error());
  storage::NetworkRow row;
  row.id = last_network_ + 1;
  row.user = user_row.id;
  row.name = name;
  if (draft.enabled) row.enabled = *draft.enabled;
  if (const auto good = take_settings(row, draft.settings, true, context_of(user_row)); !good)
    return std::unexpected(good.error());
  for (const auto& channel : draft.join) {
    if (const auto good = check_channel(channel); !good) return std::unexpected(good.error());
  }
  const NetworkId id = ++last_network_;
  put(std::move(row));
  for (const auto& channel : draft.join) join_channel(id, channel);
  return network(id);
}

Accounts::Result<const storage::NetworkRow*> Accounts::set_network(std::string_view user_name,
                                                                   std::string_view name,
                                                                   const NetworkDraft& draft) {
  const auto found = require_network(user_name, name);
  if (!found) return std::unexpected(found.error());
  storage::NetworkRow row = **found;
  const NetworkId id = row.id;
  if (draft.enabled) row.enabled = *draft.enabled;
  if (const auto good = take_settings(row, draft.settings, false, context_of(*user(row.user))); !good)
    return std::unexpected(good.error());
  for (const auto& channel : draft.join) {
    if (const auto good = check_channel(channel); !good) return std::unexpected(good.error());
  }
  if (!draft.join.empty()) {
    const std::size_t channels = networks_.at(id).channels.size() + draft.join.size();
    if (const auto room = room_for_channels(*user(row.user), channels); !room)
      return std::unexpected(room.error());
  }
  put(std::move(row));
  for (const auto& channel : draft.join) join_channel(id, channel);
  return network(id);
}

Accounts::Result<void> Accounts::remove_network(std::string_view user_name, std::string_view name) {
  const auto found = require_network(user_name, name);
  if (!found) return std::unexpected(found.error());
  const NetworkId id = (*found)->id;
  NetworkEntry old = unlink_network(id);
  const storage::SharedNetworkRow row = old.row;
  record(
      storage::RemoveNetwork{id}, [this, old = std::move(old)] { link(old); },
      [row](Observer& observer) { observer.network_removed(*row); });
  return {};
}

Accounts::Result<void> Accounts::rename_network(std::string_view user_name, std::string_view name,
                                                std::string_view to) {
  const auto found = require_network(user_name, name);
  if (!found) return std::unexpected(found.error());
  if (auto fits = check_account_name("network", to); !fits) return fits;
  if (const auto* other = find_network((*found)->user, to); other != nullptr && other != *found)
    return std::unexpected(
        fmt::format("{} has a network \"{}\" already; choose another name", user_name, other->name));
  storage::NetworkRow row = **found;
  row.name = to;
  put(std::move(row));
  return {};
}

// --- Channels ---

const storage::ChannelRow* Accounts::insert_channel(NetworkEntry& network, std::string_view name,
                                                    std::string_view key) const {
  auto& list = network.channels;
  const auto known =
      std::ranges::find_if(list, [&](const auto& channel) { return same_name(channel.name, name); });
  if (known != list.end()) {
    if (known->key == key) return nullptr;
    known->key = key;
    return &*known;
  }
  if (list.size() >= max_channels(*user(network.row->user), config_.limits).most) return nullptr;
  list.push_back({network.row->id, std::string(name), std::string(key)});
  return &list.back();
}

// In the transaction of a person's command.
void Accounts::join_channel(NetworkId network_id, const storage::ChannelRow& channel) {
  NetworkEntry& network = networks_.at(network_id);
  auto undo = [this, network_id, before = network.channels] { networks_.at(network_id).channels = before; };
  const storage::ChannelRow* row = insert_channel(network, channel.name, channel.key);
  if (row == nullptr) return;
  // What waits is compared with what is on disk: that will have this channel too. After a rollback it is
  // taken off a disk that never had it, which is no harm.
  const auto unsaved = unsaved_.find(network.row->user);
  if (unsaved != unsaved_.end()) {
    if (const auto saved = unsaved->second.channels.find(network_id); saved != unsaved->second.channels.end())
      saved->second.push_back(*row);
  }
  record(storage::PutChannel{*row}, std::move(undo), nullptr);
}

void Accounts::put_channel(NetworkId network_id, std::string_view name, std::string_view key) {
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return;
  keep_saved_channels(found->second);
  insert_channel(found->second, name, key);
  save(found->second.row->user);
}

void Accounts::remove_channel(NetworkId network_id, std::string_view name) {
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return;
  keep_saved_channels(found->second);
  std::erase_if(found->second.channels, [&](const auto& channel) { return same_name(channel.name, name); });
  save(found->second.row->user);
}

void Accounts::set_nick(NetworkId network_id, std::string_view nick) {
  const auto found = networks_.find(network_id);
  if (found == networks_.end() || found->second.row->nick == nick || !irc::is_valid_nick(nick)) return;
  storage::NetworkRow row = *found->second.row;
  row.nick = nick;
  const UserId owner = row.user;
  found->second.row = std::make_shared<const storage::NetworkRow>(std::move(row));
  unsaved_[owner].networks.insert(network_id);
  save(owner);
  if (observer_ != nullptr) observer_->network_changed(network_row(network_id));
}

const storage::NetworkRow* Accounts::find_network(UserId user_id, std::string_view name) const {
  for (const auto* row : networks(user_id)) {
    if (same_name(row->name, name)) return row;
  }
  return nullptr;
}

const storage::NetworkRow* Accounts::network(NetworkId id) const {
  const auto found = networks_.find(id);
  return found == networks_.end() ? nullptr : found->second.row.get();
}

storage::SharedNetworkRow Accounts::network_row(NetworkId id) const {
  const auto found = networks_.find(id);
  return found == networks_.end() ? nullptr : found->second.row;
}

std::vector<const storage::NetworkRow*> Accounts::networks(UserId user_id) const {
  std::vector<const storage::NetworkRow*> out;
  const auto found = users_.find(user_id);
  if (found == users_.end()) return out;
  for (const NetworkId id : found->second.networks) out.push_back(networks_.at(id).row.get());
  return out;
}

std::span<const storage::ChannelRow> Accounts::channel_rows(NetworkId network_id) const {
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return {};
  return found->second.channels;
}

std::vector<const storage::ChannelRow*> Accounts::channels(NetworkId network_id) const {
  std::vector<const storage::ChannelRow*> out;
  const auto found = networks_.find(network_id);
  if (found == networks_.end()) return out;
  for (const auto& channel : found->second.channels) out.push_back(&channel);
  return out;
}

}  // namespace halley
