#include "storage/write/remover.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/buffers_column.h"
#include "storage/base/event_bytes.h"
#include "storage/base/meta.h"
#include "storage/base/moment.h"

namespace halley::storage {
namespace {

constexpr std::size_t kRemovedAtOnce = 2000;

std::string rows_sql(std::string_view where) {
  return fmt::format("SELECT id, network, buffers, text_at, line, msgid, skew, {} FROM event {}", kEventBytes,
                     where);
}

}  // namespace

struct Remover::Row {
  EventId id;
  NetworkId network;
  std::int64_t time_ms, bytes;
  std::vector<BufferId> buffers;
  std::string msgid, text;
};
struct Remover::Slice {
  std::vector<Row> rows;
  std::size_t seen = 0;  // rows looked at
  EventId last = 0;      // the last of them
};

Remover::Remover(Db& db, SearchIndex& index, UsageWriter& usage)
    : index_(index),
      usage_(usage),
      doomed_(db, "SELECT user, network, after FROM doomed LIMIT 1"),
      outdated_(db, "SELECT user, buffer, before FROM outdated LIMIT 1"),
      rows_(db, rows_sql("WHERE user = ? AND id > ? AND id < ? ORDER BY id LIMIT ?")),
      row_(db, rows_sql("WHERE user = ? AND id = ?")),
      placed_(db,
              "SELECT p.event FROM place p CROSS JOIN event e ON e.user = ? AND e.id = p.event "
              "WHERE p.buffer = ? AND p.event < ? ORDER BY p.event LIMIT ?"),
      delete_event_(db, "DELETE FROM event WHERE user = ? AND id = ?"),
      delete_place_(db, "DELETE FROM place WHERE buffer = ? AND event = ?"),
      delete_moment_(db, "DELETE FROM moment WHERE buffer = ? AND ms = ? AND rest = ?"),
      set_buffers_(db, "UPDATE event SET buffers = ? WHERE user = ? AND id = ?"),
      go_on_(db, "UPDATE doomed SET after = ? WHERE user = ? AND network = ?"),
      done_(db, "DELETE FROM doomed WHERE user = ? AND network = ?"),
      not_outdated_(db, "DELETE FROM outdated WHERE user = ? AND buffer = ?"),
      keep_head_(db,
                 "INSERT INTO meta (key, value) SELECT ?1, max(id) FROM event WHERE user = ?2 "
                 "HAVING max(id) IS NOT NULL "
                 "ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)"),
      forget_head_(db, "DELETE FROM meta WHERE key = ?") {}

bool Remover::pending() {
  bool pending = false;
  for (Statement* some : {&doomed_, &outdated_}) {
    some->reset();
    pending = some->step() || pending;
    some->reset();
  }
  return pending;
}

std::size_t Remover::slice() {
  doomed_.reset();
  return doomed_.step() ? doomed_slice() : outdated_slice();
}

// Before the newest event may go.
void Remover::keep_head(UserId user) {
  keep_head_.bind(head_key(user), user).run();
}

Remover::Row Remover::row_of(const Statement& at) {
  const auto id = static_cast<EventId>(at.number(0));
  const auto text_at = static_cast<std::size_t>(at.number(3));
  const std::string_view line = at.text(4);
  std::string text{text_at == 0 || text_at > line.size() ? std::string_view{} : line.substr(text_at)};
  return {.id = id,
          .network = static_cast<NetworkId>(at.number(1)),
          .time_ms = static_cast<std::int64_t>(id / 1000) + at.number(6),
          .bytes = at.number(7),
          .buffers = buffers_of(at, 2),
          .msgid = std::string{at.text(5)},
          .text = std::move(text)};
}

Remover::Slice Remover::read(UserId user, NetworkId network, EventId after, EventId before) {
  Slice slice;
  for (rows_.bind(user, after, before, kRemovedAtOnce); rows_.step(); ++slice.seen) {
    slice.last = static_cast<EventId>(rows_.number(0));
    if (network == 0 || static_cast<NetworkId>(rows_.number(1)) == network)
      slice.rows.push_back(row_of(rows_));
  }
  rows_.reset();
  return slice;
}

void Remover::remove(UserId user, const Slice& slice) {
  for (const Row& row : slice.rows) remove(user, row);
}

void Remover::remove(UserId user, const Row& row) {
  index_.forget(user, row.id, row.msgid, row.text);
  for (const BufferId buffer : row.buffers) leave(buffer, row);
  delete_event_.bind(user, row.id).run();
  usage_.changed(user, -1, -row.bytes);
}

// The buffer does not show it any more.
void Remover::leave(BufferId buffer, const Row& row) {
  const SortKey moment = moment_of(row.id, row.time_ms);
  delete_place_.bind(buffer, row.id).run();
  delete_moment_.bind(buffer, moment.first, moment.second).run();
}

std::optional<Remover::Removed> Remover::remove(UserId user, EventId id) {
  const Slice slice = read(user, 0, id - 1, id + 1);
  remove(user, slice);
  if (slice.rows.empty()) return std::nullopt;
  return Removed{slice.rows[0].network, slice.rows[0].time_ms};
}

// doomed_ stands on its row.
std::size_t Remover::doomed_slice() {
  const auto user = static_cast<UserId>(doomed_.number(0));
  const auto network = static_cast<NetworkId>(doomed_.number(1));
  const auto after = static_cast<EventId>(doomed_.number(2));
  doomed_.reset();
  if (network != 0) keep_head(user);
  const Slice slice = read(user, network, after, kAnyId);
  remove(user, slice);
  if (slice.seen < kRemovedAtOnce) {
    done_.bind(user, network).run();
    if (network == 0) forget_head_.bind(head_key(user)).run();
  } else {
    go_on_.bind(slice.last, user, network).run();
  }
  return slice.rows.size();
}

// What of a slice is left to be looked at, and what it has removed.
struct Remover::Left {
  std::size_t rows = kRemovedAtOnce, removed = 0;
};

// Many buffers have little to remove: they share a slice.
std::size_t Remover::outdated_slice() {
  Left left;
  while (left.rows > 0) {
    outdated_.reset();
    if (!outdated_.step()) break;
    const auto user = static_cast<UserId>(outdated_.number(0));
    const auto buffer = static_cast<BufferId>(outdated_.number(1));
    const auto before = static_cast<EventId>(outdated_.number(2));
    outdated_.reset();
    if (buffer == kOfAllBuffers) return left.removed + outdated_of_user(user, before);
    outdated_of_buffer(user, buffer, before, left);
  }
  outdated_.reset();
  return left.removed;
}

std::size_t Remover::outdated_of_user(UserId user, EventId before) {
  keep_head(user);
  const Slice slice = read(user, 0, 0, before);
  remove(user, slice);
  if (slice.seen < kRemovedAtOnce) not_outdated_.bind(user, kOfAllBuffers).run();
  return slice.rows.size();
}

void Remover::outdated_of_buffer(UserId user, BufferId buffer, EventId before, Left& left) {
  const BufferId placed_in = buffer == kOfNoBuffer ? kNoBuffer : buffer;
  std::vector<EventId> ids;
  for (placed_.bind(user, placed_in, before, left.rows); placed_.step();)
    ids.push_back(static_cast<EventId>(placed_.number(0)));
  placed_.reset();
  if (ids.size() < left.rows) not_outdated_.bind(user, buffer).run();
  left.rows -= std::max<std::size_t>(std::min(left.rows, ids.size()), 1);
  if (!ids.empty()) keep_head(user);
  for (const EventId id : ids) {
    row_.bind(user, id).step();
    Row row = row_of(row_);
    row_.reset();
    if (row.buffers.size() <= 1) {
      remove(user, row);
      ++left.removed;
      continue;
    }
    leave(placed_in, row);
    std::erase(row.buffers, placed_in);
    if (row.buffers.size() == 1) {
      set_buffers_.bind(row.buffers[0], user, id).run();
    } else {
      const std::string_view bytes{reinterpret_cast<const char*>(row.buffers.data()),
                                   row.buffers.size() * sizeof(BufferId)};
      set_buffers_.bind(Statement::blob_of(bytes), user, id).run();
    }
  }
}

}  // namespace halley::storage
