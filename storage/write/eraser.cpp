#include "storage/write/eraser.h"

#include <algorithm>
#include <string>

#include "storage/base/buffers_column.h"
#include "storage/search/msgid_search.h"

namespace halley::storage {
namespace {

bool holds(const std::vector<BufferId>& buffers, BufferId buffer) {
  return std::ranges::find(buffers, buffer) != buffers.end();
}

}  // namespace

Eraser::Eraser(Db& db, SearchIndex& index, UsageWriter& usage)
    : db_(db),
      index_(index),
      usage_(usage),
      row_(db,
           "SELECT network, kind, buffers, text_at, line, ifnull(length(CAST(tags AS BLOB)), 0) FROM event "
           "WHERE user = ? AND id = ?"),
      update_(db, "UPDATE event SET kind = ?, text_at = 0, tags = NULL, line = ? WHERE user = ? AND id = ?"),
      remember_(db, "INSERT OR REPLACE INTO meta (key, value) VALUES ('erased', 1)") {}

void Eraser::erase(const EraseText& change) {
  bool erased = false;
  for (const EventId id : events_of_msgid(db_, change.user, change.msgid))
    erased = erase(change, id) || erased;
  if (erased) remember_.run();
}

// The same msgid may have come from two networks, and a network may name a line of another place.
bool Eraser::erase(const EraseText& change, EventId id) {
  if (!row_.bind(change.user, id).step()) return false;
  const auto kind = static_cast<unsigned>(row_.number(1));
  const bool meant = static_cast<NetworkId>(row_.number(0)) == change.network && kind < 32 &&
                     ((change.kinds >> kind) & 1U) != 0 && holds(buffers_of(row_, 2), change.buffer);
  const auto text_at = static_cast<std::size_t>(row_.number(3));
  const std::string line{row_.text(4)};
  const std::int64_t tags = row_.number(5);
  row_.reset();
  if (!meant) return false;
  const std::size_t at = text_at == 0 ? line.size() : std::min(text_at, line.size());
  const std::string_view head = std::string_view{line}.substr(0, at);
  index_.forget(change.user, id, change.msgid, std::string_view{line}.substr(at));
  update_.bind(change.kind, head, change.user, id).run();
  usage_.changed(change.user, 0, -tags - static_cast<std::int64_t>(line.size() - head.size()));
  Event event;
  event.id = id;
  event.user = change.user;
  event.msgid = change.msgid;
  event.line = head;
  index_.written(event);
  return true;
}

}  // namespace halley::storage
