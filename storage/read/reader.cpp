#include "storage/read/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace halley::storage {
namespace {

Db open_for_reading(const std::filesystem::path& file) {
  Db db{file, Db::OpenMode::kReadOnly};
  db.exec("PRAGMA query_only = ON");
  db.exec("PRAGMA cache_size = -512");
  return db;
}

// Left out events are counted so far: who left a million behind does not wait for the exact number.
constexpr std::uint64_t kMostLeftOut = 100'000;

std::string along_sql(const char* order) {
  return std::string{"SELECT "} + std::string{kEventColumns} +
         " FROM event e WHERE e.user = ?1 AND e.id > ?2 AND e.id < ?3 ORDER BY e.id " + order;
}

// CROSS JOIN: the planner shall walk the buffer's places and look each event up, whatever it thinks of the
// sizes.
std::string history_sql(const char* order) {
  return std::string{"SELECT "} + std::string{kEventColumns} +
         " FROM place p CROSS JOIN event e ON e.user = ?4 AND e.id = p.event "
         "WHERE p.buffer = ?1 AND p.event > ?2 AND p.event < ?3 ORDER BY p.event " +
         order;
}

std::string times_sql(const char* order) {
  return fmt::format(
      "SELECT {0} FROM moment m CROSS JOIN event e ON e.user = "
      "?4 AND e.id = 1000 * m.ms + m.rest "
      "WHERE m.buffer = ?1 AND (m.ms, m.rest) > (?2, ?5) AND "
      "(m.ms, m.rest) < (?3, ?6) ORDER BY m.ms {1}, m.rest {1}",
      kEventColumns, order);
}

}  // namespace

Reader::Reader(const std::filesystem::path& file)
    : db_(open_for_reading(file)),
      walk_(db_),
      doomed_(db_, "SELECT network FROM doomed WHERE user = ?"),
      applied_(db_, "SELECT value FROM meta WHERE key = 'applied'"),
      newer_(db_, "SELECT count(*) FROM (SELECT 1 FROM event WHERE user = ? AND id > ? AND id <= ? LIMIT ?)"),
      along_up_(db_, along_sql("ASC")),
      along_down_(db_, along_sql("DESC")),
      history_up_(db_, history_sql("ASC")),
      history_down_(db_, history_sql("DESC")),
      times_up_(db_, times_sql("ASC")),
      times_down_(db_, times_sql("DESC")),
      has_event_(db_, "SELECT skew FROM event WHERE user = ? AND id = ?"),
      has_place_(db_, "SELECT 1 FROM place WHERE buffer = ? AND event = ?"),
      buffers_(db_,
               "SELECT id FROM buffer WHERE user = ?1 AND (network = ?2 OR ?2 = 0) AND id > ?3 "
               "ORDER BY id LIMIT ?4") {}

// Seldom asked: nothing is kept for it.
std::vector<LogUsage> Reader::usage(UserId user) {
  std::vector<LogUsage> all;
  Statement rows{db_, "SELECT user, lines, bytes FROM usage WHERE user >= ? AND user <= ? ORDER BY user"};
  const std::int64_t last = user != 0 ? std::int64_t{user} : std::numeric_limits<std::int64_t>::max();
  for (rows.bind(user, last); rows.step();) {
    all.push_back({.user = static_cast<UserId>(rows.number(0)),
                   .lines = static_cast<std::uint64_t>(rows.number(1)),
                   .bytes = static_cast<std::uint64_t>(rows.number(2))});
  }
  return all;
}

std::vector<StateRow> Reader::states(UserId user, std::uint16_t kind) {
  std::vector<StateRow> rows;
  Statement select{db_,
                   "SELECT network, device, key, value FROM state WHERE user = ? AND kind = ? "
                   "ORDER BY written, key"};
  for (select.bind(user, kind); select.step();) {
    rows.push_back({.user = user,
                    .network = static_cast<NetworkId>(select.number(0)),
                    .device = static_cast<DeviceId>(select.number(1)),
                    .kind = kind,
                    .key = std::string(select.blob(2)),
                    .value = std::string(select.blob(3))});
  }
  return rows;
}

std::vector<BufferRow> Reader::buffers(UserId user) {
  std::vector<BufferRow> rows;
  Statement select{db_, "SELECT id, network, name FROM buffer WHERE user = ? ORDER BY id"};
  for (select.bind(user); select.step();) {
    rows.push_back({.id = static_cast<BufferId>(select.number(0)),
                    .user = user,
                    .network = static_cast<NetworkId>(select.number(1)),
                    .name = std::string(select.text(2))});
  }
  return rows;
}

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

// `event` stands on a row of kEventColumns.
bool Reader::passes(const LineFilter& only, const Statement& event) {
  return !only || only(static_cast<std::uint8_t>(event.number(3)), event.text(9));
}

Page Reader::log(const LogQuery& query) {
  const Snapshot snapshot{db_};
  const std::uint64_t applied = this->applied();
  page_.start(query.user);
  walk_.start(query);
  std::vector<EventId> prev;
  Walked walked;
  bool before_due = false;  // of the event that was given last, going down
  for (std::size_t looked_at = 0; walk_.next(); ++looked_at) {
    if (std::exchange(before_due, false)) prev.push_back(walk_.before_last());
    const bool given = passes(query.only, walk_.row());
    const bool full =
        page_.rows() >= query.max_rows || (page_.bytes() >= query.max_bytes && page_.rows() > 0);
    walked.more = (given && full) || (query.only && looked_at >= kMostLookedAt);
    if (walked.more) break;
    walked.passed = walk_.id();
    if (!given) continue;
    page_.add(walk_.row());
    before_due = query.newest;
    if (!query.newest) prev.push_back(walk_.before());
  }
  walk_.stop();
  if (query.newest) {
    if (before_due) prev.push_back(walk_.before_last());
    page_.reverse_from(0);
    std::reverse(prev.begin(), prev.end());
  }
  Page page = page_.finish();
  page.prev = std::move(prev);
  page.more = walked.more;
  page.passed = walked.passed;
  page.applied = applied;
  return page;
}

Skip Reader::skip(const LogQuery& query) {
  const Snapshot snapshot{db_};
  Skip skip{query.after, 0};
  // Most often nothing is to be left out, and SQLite counts ten times faster than rows can be walked.
  newer_.bind(query.user, clamp_id(query.after), clamp_id(query.until), query.max_rows + 1);
  const bool few = newer_.step() && static_cast<std::uint64_t>(newer_.number(0)) <= query.max_rows;
  newer_.reset();
  if (few) return skip;
  LogQuery down = query;
  down.newest = true;
  walk_.start(down);
  std::size_t rows = 0;
  while (rows < query.max_rows && walk_.next()) ++rows;
  if (rows == query.max_rows && walk_.next()) {
    skip = {walk_.id(), 1};
    while (skip.left_out < kMostLeftOut && walk_.next()) ++skip.left_out;
  }
  walk_.stop();
  return skip;
}

std::vector<Lag> Reader::lags(const LagQuery& query) {
  std::vector<Lag> lags(query.marks.size());
  std::map<NetworkId, std::vector<std::size_t>> of_network;
  LogQuery down{.user = query.user, .after = ~EventId{0}, .newest = true};
  for (std::size_t i = 0; i < query.marks.size(); ++i) {
    of_network[query.marks[i].network].push_back(i);
    down.after = std::min(down.after, query.marks[i].at);
  }
  if (lags.empty()) return lags;
  const Snapshot snapshot{db_};
  walk_.start(down);
  std::size_t rows = 0;
  bool more = walk_.next();
  for (; more && rows < kMostLagRows; ++rows, more = walk_.next()) {
    const auto found = of_network.find(static_cast<NetworkId>(walk_.row().number(1)));
    if (found == of_network.end()) continue;
    for (const std::size_t i : found->second) lags[i].events += walk_.id() > query.marks[i].at ? 1 : 0;
  }
  // Where it stopped all that is older was not looked at.
  const EventId stopped = more ? walk_.id() : 0;
  walk_.stop();
  // Of a quiet network nothing may be older than that and newer than its mark.
  for (const auto& [network, marks] : of_network) {
    EventId oldest = stopped;
    for (const std::size_t i : marks) oldest = std::min(oldest, query.marks[i].at);
    if (oldest == stopped) continue;
    walk_.start({.user = query.user, .network = network, .after = oldest, .until = stopped, .newest = true});
    const EventId newest = walk_.next() ? walk_.id() : 0;
    walk_.stop();
    for (const std::size_t i : marks) lags[i].more = query.marks[i].at < newest;
  }
  return lags;
}

void Reader::release_memory() {
  db_.release_memory();
  page_.release_memory();
}

}  // namespace halley::storage
