#include "storage/write/remover.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/buffers_column.h"
#include "storage/base/meta.h"
#include "storage/base/moment.h"

namespace halley::storage {
namespace {

constexpr std::size_t kRemovedAtOnce = 2000;
constexpr EventId kAnyId = std::numeric_limits<std::int64_t>::max();

}  // namespace

struct Remover::Row {
  EventId id;
  NetworkId network;
  std::int64_t time_ms;
  std::vector<BufferId> buffers;
  std::string msgid, text;
};
struct Remover::Slice {
  std::vector<Row> rows;
  std::size_t seen = 0;  // rows looked at
  EventId last = 0;      // the last of them
};

Remover::Remover(Db& db, SearchIndex& index)
    : index_(index),
      doomed_(db, "SELECT user, network, after FROM doomed LIMIT 1"),
      expired_(db, "SELECT user, before FROM expired LIMIT 1"),
      rows_(db,
            "SELECT id, network, buffers, text_at, line, msgid, skew FROM event "
            "WHERE user = ? AND id > ? AND id < ? ORDER BY id LIMIT ?"),
      delete_event_(db, "DELETE FROM event WHERE user = ? AND id = ?"),
      delete_place_(db, "DELETE FROM place WHERE buffer = ? AND event = ?"),
      delete_moment_(db, "DELETE FROM moment WHERE buffer = ? AND ms = ? AND rest = ?"),
      go_on_(db, "UPDATE doomed SET after = ? WHERE user = ? AND network = ?"),
      done_(db, "DELETE FROM doomed WHERE user = ? AND network = ?"),
      not_expired_(db, "DELETE FROM expired WHERE user = ?"),
      keep_head_(db,
                 "INSERT INTO meta (key, value) SELECT ?1, max(id) FROM event WHERE user = ?2 "
                 "HAVING max(id) IS NOT NULL "
                 "ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)"),
      forget_head_(db, "DELETE FROM meta WHERE key = ?") {}

bool Remover::pending() {
  bool pending = false;
  for (Statement* some : {&doomed_, &expired_}) {
    some->reset();
    pending = some->step() || pending;
    some->reset();
  }
  return pending;
}

std::size_t Remover::slice() {
  doomed_.reset();
  return doomed_.step() ? doomed_slice() : expired_slice();
}

// Before the newest event may go.
void Remover::keep_head(UserId user) {
  keep_head_.bind(head_key(user), user).run();
}

Remover::Slice Remover::read(UserId user, NetworkId network, EventId after, EventId before) {
  Slice slice;
  for (rows_.bind(user, after, before, kRemovedAtOnce); rows_.step(); ++slice.seen) {
    slice.last = static_cast<EventId>(rows_.number(0));
    if (network != 0 && static_cast<NetworkId>(rows_.number(1)) != network) continue;
    const auto text_at = static_cast<std::size_t>(rows_.number(3));
    const std::string_view line = rows_.text(4);
    std::string text{text_at == 0 || text_at > line.size() ? std::string_view{} : line.substr(text_at)};
    slice.rows.push_back({slice.last, static_cast<NetworkId>(rows_.number(1)),
                          static_cast<std::int64_t>(slice.last / 1000) + rows_.number(6),
                          buffers_of(rows_, 2), std::string{rows_.text(5)}, std::move(text)});
  }
  rows_.reset();
  return slice;
}

void Remover::remove(UserId user, const Slice& slice) {
  for (const Row& row : slice.rows) {
    index_.forget(user, row.id, row.msgid, row.text);
    const Place moment = moment_of(row.id, row.time_ms);
    for (const BufferId buffer : row.buffers) {
      delete_place_.bind(buffer, row.id).run();
      delete_moment_.bind(buffer, moment.first, moment.second).run();
    }
    delete_event_.bind(user, row.id).run();
  }
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

std::size_t Remover::expired_slice() {
  expired_.reset();
  if (!expired_.step()) return 0;
  const auto user = static_cast<UserId>(expired_.number(0));
  const auto before = static_cast<EventId>(expired_.number(1));
  expired_.reset();
  keep_head(user);
  const Slice slice = read(user, 0, 0, before);
  remove(user, slice);
  if (slice.seen < kRemovedAtOnce) not_expired_.bind(user).run();
  return slice.rows.size();
}

}  // namespace halley::storage
