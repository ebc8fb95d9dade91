// Accounts: buffers that have settings of their own. Of the others nothing is known here.
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/buffer_settings.h"

namespace halley {

void Accounts::link(storage::BufferRow buffer) {
  const auto network = networks_.find(buffer.network);
  if (network != networks_.end()) network->second.set_buffers.push_back(std::move(buffer));
}

Accounts::Result<void> Accounts::set_buffer(const storage::BufferRow& buffer, const SettingValues& settings) {
  const auto found = networks_.find(buffer.network);
  if (found == networks_.end()) return std::unexpected("its network is gone");
  auto& list = found->second.set_buffers;
  const auto known = std::ranges::find(list, buffer.id, &storage::BufferRow::id);
  storage::BufferRow row = known == list.end() ? buffer : *known;
  if (auto taken = take_settings(row, settings, false, context_of(*user(buffer.user))); !taken) return taken;
  if (known == list.end() && list.size() >= kMostSetBuffers) {
    return std::unexpected(fmt::format("{} buffers of {} have settings already, which is the most",
                                       kMostSetBuffers, found->second.row->name));
  }
  const bool other_retention = own_retention(row) != own_retention(known == list.end() ? buffer : *known);
  replace_set_buffer(found->second, row);
  record(
      storage::PutBufferSettings{.row = row, .other_retention = other_retention}, [] {},
      [row](Observer& observer) { observer.buffer_changed(row); });
  return {};
}

// With the undo of it, which belongs to the change that is recorded behind it.
void Accounts::replace_set_buffer(NetworkEntry& network, const storage::BufferRow& row) {
  undo_.push_back(
      [this, id = network.row->id, before = network.set_buffers] { networks_.at(id).set_buffers = before; });
  std::erase_if(network.set_buffers, [&](const auto& one) { return one.id == row.id; });
  if (!row.settings.empty()) network.set_buffers.push_back(row);
}

Accounts::Result<void> Accounts::remove_buffer(const storage::BufferRow& buffer) {
  const auto found = networks_.find(buffer.network);
  if (found == networks_.end()) return std::unexpected("its network is gone");
  storage::BufferRow gone = buffer;
  gone.settings.clear();
  replace_set_buffer(found->second, gone);
  record(
      storage::RemoveBuffer{buffer.id}, [] {}, [gone](Observer& observer) { observer.buffer_removed(gone); });
  return {};
}

std::vector<const storage::BufferRow*> Accounts::set_buffers(UserId user_id) const {
  std::vector<const storage::BufferRow*> all;
  const auto owner = users_.find(user_id);
  if (owner == users_.end()) return all;
  for (const NetworkId id : owner->second.networks) {
    for (const auto& buffer : networks_.at(id).set_buffers) all.push_back(&buffer);
  }
  return all;
}

std::span<const storage::BufferRow> Accounts::set_buffers_on(NetworkId network) const {
  const auto found = networks_.find(network);
  if (found == networks_.end()) return {};
  return found->second.set_buffers;
}

}  // namespace halley
