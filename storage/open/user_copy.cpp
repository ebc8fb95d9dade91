#include "storage/open/user_copy.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/base/sqlite.h"
#include "storage/open/walk_log.h"
#include "storage/open/whole_log.h"
#include "storage/read/loader.h"

namespace halley::storage {
namespace {

Loaded load_from(const std::filesystem::path& file) {
  Db db{file, Db::OpenMode::kReadOnly};
  return load(db);
}

template <class Id>
Id moved_id(Id id, Id by) {
  return id == 0 ? 0 : id + by;  // 0 stands for none
}

}  // namespace

UserCopy::UserCopy(const std::filesystem::path& from, UserId user, WorkWatch& watch)
    : from_(from), watch_(watch), loaded_(load_from(from)), user_(user), reader_(from) {
  if (user_ == 0 && loaded_.users.size() == 1) user_ = loaded_.users[0].id;
}

std::expected<Imported, std::string> UserCopy::into(Writer& writer, const Moved& moved,
                                                    std::string_view doing) {
  if (std::ranges::find(loaded_.users, user_, &UserRow::id) == loaded_.users.end())
    return std::unexpected("there is no such user in it, or more than one: it is no export");
  require_whole_log(from_, user_, watch_);
  Imported result;
  bool whole = false;
  writer.transact([&](Writer::Inside& inside) {
    result = put_accounts(inside, moved);
    put_states(inside, moved);
    whole = put_log(inside, moved, doing, result.events);
    return whole;
  });
  if (!whole) return std::unexpected("it was stopped");
  return result;
}

Imported UserCopy::put_accounts(Writer::Inside& inside, const Moved& moved) const {
  Imported out;
  out.user = *std::ranges::find(loaded_.users, user_, &UserRow::id);
  out.user.id = moved_id(user_, moved.user);
  if (!moved.name.empty()) out.user.name = moved.name;
  inside.accounts.apply(PutUser{out.user});
  for (NetworkRow row : loaded_.networks) {
    if (row.user != user_) continue;
    for (ChannelRow channel : loaded_.channels) {
      if (channel.network != row.id) continue;
      channel.network = moved_id(channel.network, moved.network);
      inside.accounts.apply(PutChannel{std::move(channel)});
    }
    row.id = moved_id(row.id, moved.network);
    row.user = out.user.id;
    inside.accounts.apply(PutNetwork{row});
    out.networks.push_back(std::move(row));
  }
  for (DeviceRow row : loaded_.devices) {
    if (row.user != user_) continue;
    row.id = moved_id(row.id, moved.device);
    row.user = out.user.id;
    inside.accounts.apply(PutDevice{std::move(row)});
  }
  for (const BufferRow& row : loaded_.buffers) {
    if (row.user != user_) continue;
    inside.events.apply(BufferRecord{.id = moved_id(row.id, moved.buffer),
                                     .user = out.user.id,
                                     .network = moved_id(row.network, moved.network),
                                     .name = row.name});
    if (row.settings.empty()) continue;
    BufferRow set = row;
    set.id = moved_id(row.id, moved.buffer);
    inside.accounts.apply(PutBufferSettings{std::move(set)});
  }
  return out;
}

// The one that was written longest ago first, as they were loaded.
void UserCopy::put_states(Writer::Inside& inside, const Moved& moved) {
  for (StateRow& row : loaded_.states) {  // in place: until the transaction ends the writer views it
    if (row.user != user_) continue;
    if (moved.state) moved.state(row, moved.buffer);
    inside.events.apply(StateRecord{.user = moved_id(row.user, moved.user),
                                    .network = moved_id(row.network, moved.network),
                                    .device = moved_id(row.device, moved.device),
                                    .kind = row.kind,
                                    .key = row.key,
                                    .value = row.value});
  }
}

bool UserCopy::put_log(Writer::Inside& inside, const Moved& moved, std::string_view doing,
                       std::uint64_t& events) {
  std::vector<std::vector<BufferId>> buffers;
  const bool whole = walk_log(reader_, user_, watch_, doing, [&](const Page& page) {
    buffers.clear();
    for (Event event : page.events) {
      auto& own = buffers.emplace_back(event.buffers.begin(), event.buffers.end());
      for (BufferId& buffer : own) buffer = moved_id(buffer, moved.buffer);
      event.user = moved_id(event.user, moved.user);
      event.network = moved_id(event.network, moved.network);
      event.buffers = own;
      inside.events.apply(event);
    }
    events += page.events.size();
    inside.events.flush();  // what it views goes with the page
    return true;
  });
  return whole;
}

}  // namespace halley::storage
