#include "storage/reader.h"

#include <algorithm>
#include <limits>

namespace halley::storage {
namespace {

Db open_for_reading(const std::filesystem::path& file) {
  Db db{file, Db::Mode::kReadOnly};
  db.exec("PRAGMA query_only = ON");
  db.exec("PRAGMA cache_size = -512");
  db.exec("PRAGMA temp_store = MEMORY");
  return db;
}

std::string log_sql(const char* order) {
  return std::string{"SELECT "} + std::string{kEventColumns} +
         " FROM event e WHERE e.user = ? AND e.id > ? AND e.id <= ? ORDER BY e.id " + order;
}

// CROSS JOIN: the planner shall walk the buffer's places and look each event up, whatever it thinks of the
// sizes.
std::string history_sql(const char* order) {
  return std::string{"SELECT "} + std::string{kEventColumns} +
         " FROM place p CROSS JOIN event e ON e.user = ?4 AND e.id = p.event "
         "WHERE p.buffer = ?1 AND p.event > ?2 AND p.event < ?3 ORDER BY p.event " +
         order;
}

}  // namespace

EventId clamp_id(EventId id) {
  return std::min<EventId>(id, std::numeric_limits<std::int64_t>::max());
}

Reader::Reader(const std::filesystem::path& file)
    : db_(open_for_reading(file)),
      doomed_(db_, "SELECT network FROM doomed WHERE user = ?"),
      applied_(db_, "SELECT value FROM meta WHERE key = 'applied'"),
      log_up_(db_, log_sql("ASC")),
      log_down_(db_, log_sql("DESC")),
      before_(db_, "SELECT max(id) FROM event WHERE user = ? AND id < ?"),
      skip_(db_,
            "SELECT id FROM event WHERE user = ?1 AND id > ?2 AND id <= ?3 AND (?4 = 0 OR network = ?4) "
            "ORDER BY id DESC LIMIT 1 OFFSET ?5"),
      left_out_(
          db_,
          "SELECT count(*) FROM event WHERE user = ?1 AND id > ?2 AND id <= ?3 AND (?4 = 0 OR network = ?4)"),
      history_up_(db_, history_sql("ASC")),
      history_down_(db_, history_sql("DESC")),
      has_event_(db_, "SELECT 1 FROM event WHERE user = ? AND id = ?"),
      by_msgid_(db_,
                "SELECT id FROM event WHERE user = ?1 AND msgid = ?2 ORDER BY "
                "EXISTS (SELECT 1 FROM place WHERE buffer = ?3 AND event = id) DESC, id LIMIT 1"),
      buffers_(db_, "SELECT id FROM buffer WHERE user = ?1 AND (network = ?2 OR ?2 = 0)") {}

std::uint64_t Reader::applied() {
  applied_.reset();
  const auto value = applied_.step() ? static_cast<std::uint64_t>(applied_.number(0)) : 0;
  applied_.reset();
  return value;
}

// Networks whose log is being deleted: their events are no more, whichever slice that has come to.
std::vector<NetworkId> Reader::doomed_networks(UserId user) {
  std::vector<NetworkId> networks;
  for (doomed_.bind(user); doomed_.step();) networks.push_back(static_cast<NetworkId>(doomed_.number(0)));
  doomed_.reset();
  return networks;
}

EventId Reader::id_before(UserId user, EventId id) {
  const EventId before =
      before_.bind(user, clamp_id(id)).step() ? static_cast<EventId>(before_.number(0)) : 0;
  before_.reset();
  return before;
}

Page Reader::log(const LogQuery& query) {
  const Snapshot snapshot{db_};
  const std::uint64_t applied = this->applied();
  page_.start(query.user);
  std::vector<EventId> prev;
  Statement& rows = query.newest ? log_down_ : log_up_;
  rows.bind(query.user, clamp_id(query.after), clamp_id(query.until));
  bool more = false;
  EventId last = 0;      // upwards: the row before, also one of another network
  bool waiting = false;  // downwards: the last one added has yet to learn the row before it
  const auto removed = doomed_networks(query.user);
  while (rows.step()) {
    const auto id = static_cast<EventId>(rows.number(0));
    const auto network = static_cast<NetworkId>(rows.number(1));
    if (!removed.empty() && std::ranges::find(removed, network) != removed.end()) continue;
    if (waiting) prev.push_back(id);
    waiting = false;
    const bool wanted = query.network == 0 || network == query.network;
    if (wanted) {
      if (page_.rows() >= query.max_rows || (page_.bytes() >= query.max_bytes && page_.rows() > 0)) {
        more = true;
        break;
      }
      page_.add(rows);
      if (query.newest) {
        waiting = true;
      } else {
        prev.push_back(last != 0 ? last : id_before(query.user, id));
      }
    }
    last = id;
  }
  rows.reset();
  if (waiting) prev.push_back(id_before(query.user, last));
  if (query.newest) {
    page_.reverse_from(0);
    std::reverse(prev.begin(), prev.end());
  }
  Page page = page_.finish();
  page.prev = std::move(prev);
  page.more = more;
  page.applied = applied;
  return page;
}

Skip Reader::skip(const LogQuery& query) {
  const Snapshot snapshot{db_};
  Skip skip{query.after, 0};
  skip_.bind(query.user, clamp_id(query.after), clamp_id(query.until), query.network, query.max_rows);
  if (skip_.step()) skip.after = static_cast<EventId>(skip_.number(0));
  skip_.reset();
  if (skip.after == query.after) return skip;
  left_out_.bind(query.user, clamp_id(query.after), clamp_id(skip.after), query.network);
  if (left_out_.step()) skip.left_out = static_cast<std::uint64_t>(left_out_.number(0));
  left_out_.reset();
  return skip;
}

void Reader::release_memory() {
  db_.release_memory();
  page_.release_memory();
}

}  // namespace halley::storage
