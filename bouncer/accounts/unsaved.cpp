// Accounts: what changes by itself - channels, nicks, devices seen, logins - and reaches the disk with one
// commit at a time for each user.
#include <algorithm>
#include <utility>

#include "bouncer/accounts/accounts.h"

namespace halley {
namespace {

const storage::ChannelRow* find_channel(const std::vector<storage::ChannelRow>& list,
                                        const storage::ChannelRow& like) {
  const auto found = std::ranges::find(list, like.name, &storage::ChannelRow::name);
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

void Accounts::keep_saved_channels(const NetworkEntry& network) {
  unsaved_[network.row->user].channels.try_emplace(network.row->id, network.channels);
}

void Accounts::device_changed(const storage::DeviceRow& row) {
  const auto known = devices_.find(row.id);
  unsaved_[row.user].devices.try_emplace(row.id, known != devices_.end());
  if (known == devices_.end()) {
    link(row);
  } else {
    known->second = row;  // its name and token are as they were
  }
  save(row.user);
}

void Accounts::session_changed(const storage::SessionRow& row) {
  const auto known = sessions_.find(row.id);
  unsaved_[row.user].sessions.try_emplace(row.id, known != sessions_.end());
  if (known == sessions_.end()) {
    link(row);
  } else {
    known->second = row;
  }
  save(row.user);
}

void Accounts::forget_device(DeviceId id) {
  const UserId owner = devices_.at(id).user;
  unsaved_[owner].devices.try_emplace(id, true);
  unlink_device(id);
  save(owner);
  if (observer_ != nullptr) observer_->device_revoked(id);
}

void Accounts::end_session(UserId user_id, std::uint64_t id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end() && found->second.user == user_id) forget_session(id);
}

void Accounts::forget_session(std::uint64_t id) {
  const UserId owner = sessions_.at(id).user;
  unsaved_[owner].sessions.try_emplace(id, true);
  unlink_session(id);
  save(owner);
  if (observer_ != nullptr) observer_->session_revoked(id);
}

// The newest state of all that has changed. What is gone again before it was ever saved leaves no trace; what
// was removed by a transaction meanwhile has gone with that.
std::vector<storage::Change> Accounts::take_unsaved(UserId user_id, Unsaved& unsaved) const {
  std::vector<storage::Change> changes;
  if (const auto* row = user(user_id); row != nullptr && unsaved.user)
    changes.push_back(storage::PutUser{*row});
  for (const auto& [id, saved] : unsaved.channels) {
    const auto network = networks_.find(id);
    if (network == networks_.end()) continue;
    const auto& now = network->second.channels;
    for (const auto& channel : saved) {
      if (find_channel(now, channel) == nullptr) changes.push_back(storage::RemoveChannel{id, channel.name});
    }
    for (const auto& channel : now) {
      const auto* before = find_channel(saved, channel);
      if (before == nullptr || before->key != channel.key) changes.push_back(storage::PutChannel{channel});
    }
  }
  for (const NetworkId id : unsaved.networks) {
    if (const storage::SharedNetworkRow row = network_row(id)) changes.push_back(storage::PutNetwork{row});
  }
  for (const auto& [id, saved] : unsaved.devices) {
    if (const auto found = devices_.find(id); found != devices_.end()) {
      changes.push_back(storage::PutDevice{found->second});
    } else if (saved) {
      changes.push_back(storage::RemoveDevice{id});
    }
  }
  for (const auto& [id, saved] : unsaved.sessions) {
    if (const auto found = sessions_.find(id); found != sessions_.end()) {
      changes.push_back(storage::PutSession{found->second});
    } else if (saved) {
      changes.push_back(storage::RemoveSession{id});
    }
  }
  for (const std::uint64_t id : unsaved.passkeys) {
    if (const auto found = passkeys_.find({user_id, id}); found != passkeys_.end())
      changes.push_back(storage::PutPasskey{found->second});
  }
  unsaved.user = false;
  unsaved.networks.clear();
  unsaved.channels.clear();
  unsaved.devices.clear();
  unsaved.sessions.clear();
  unsaved.passkeys.clear();
  return changes;
}

void Accounts::save(UserId user_id) {
  const auto found = unsaved_.find(user_id);
  if (found == unsaved_.end() || found->second.in_flight) return;
  std::vector<storage::Change> changes = take_unsaved(user_id, found->second);
  std::vector<std::function<void()>> waiting = std::exchange(found->second.waiting, {});
  if (changes.empty()) {
    unsaved_.erase(found);
    for (const auto& done : waiting) done();
    return;
  }
  found->second.in_flight = true;
  store_.commit(std::move(changes), [this, user_id, alive = std::weak_ptr<int>(alive_),
                                     waiting = std::move(waiting)](storage::Status) {
    // A commit that fails is tried again by the store, and said in status.
    if (alive.expired()) return;
    unsaved_[user_id].in_flight = false;
    for (const auto& done : waiting) done();
    save(user_id);
  });
}

void Accounts::when_saved(UserId user_id, std::function<void()> done) {
  const auto found = unsaved_.find(user_id);
  if (found == unsaved_.end() || !store_.figures().trouble.empty()) return done();
  found->second.waiting.push_back(std::move(done));
}

}  // namespace halley
