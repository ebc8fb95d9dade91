// Reader's questions about a buffer's history: bounds to ranges, ranges to rows.
#include <algorithm>
#include <utility>

#include "storage/api/msgid.h"
#include "storage/read/history_range.h"
#include "storage/read/reader.h"
#include "storage/search/tokenizer.h"

namespace halley::storage {
namespace {

using By = Bound::By;
using What = HistoryQuery::What;

// To tell which of two bounds is later when they are not of one kind.
std::int64_t about_when(const Bound& bound) {
  return bound.by == By::kTime ? bound.time_ms : static_cast<std::int64_t>(bound.id / 1000);
}
bool later(const Bound& a, const Bound& b) {
  if (a.by == By::kId && b.by == By::kId) return a.id > b.id;
  return about_when(a) > about_when(b);
}

void after(HistoryRange& range, const Bound& bound) {
  if (bound.by == By::kTime) range.after_time(bound.time_ms);
  if (bound.by == By::kId) range.after_id(bound.id);
}
void before(HistoryRange& range, const Bound& bound) {
  if (bound.by == By::kTime) range.before_time(bound.time_ms);
  if (bound.by == By::kId) range.before_id(bound.id);
}
void from(HistoryRange& range, const Bound& bound) {
  if (bound.by == By::kTime) range.from_time(bound.time_ms);
  if (bound.by == By::kId) range.from_id(bound.id);
}

}  // namespace

// Turns a msgid into the id that bears it. False: no event of the user does.
bool Reader::resolve(UserId user, BufferId buffer, Bound& bound) {
  if (bound.by != By::kMsgid) return true;
  bound.by = By::kId;
  if (const auto ours = id_of_msgid(bound.msgid)) {
    const bool known = has_event_.bind(user, *ours).step();
    has_event_.reset();
    bound.id = *ours;
    if (known) return true;
  }
  const std::vector<EventId> ids = by_msgid(user, bound.msgid);
  if (ids.empty()) return false;
  // The same msgid may have come from two networks: the one shown in this buffer is meant.
  bound.id = ids.front();
  for (const EventId id : ids) {
    if (has_place_.bind(buffer, id).step()) bound.id = id;
    has_place_.reset();
  }
  return true;
}

// The user's events that bear a network's msgid: from the index, and from what the index has yet to take. An
// index of msgids in the table itself would cost 42 bytes a row and, being random, bring ingest from 190,000
// to 22,000 rows a second.
std::vector<EventId> Reader::by_msgid(UserId user, const std::string& msgid) {
  std::vector<EventId> ids;
  if (msgid.empty()) return ids;
  const Tokenizer tokenizer{db_};
  const auto add = [&ids](Statement& rows) {
    while (rows.step()) ids.push_back(static_cast<EventId>(rows.number(0)));
  };
  Statement indexed{db_,
                    "SELECT e.id FROM search s CROSS JOIN event e ON e.user = ?1 AND e.id = s.rowid "
                    "WHERE s.search MATCH ?2 AND e.msgid = ?3"};
  const std::string match = '"' + exact_word(user, msgid_word(msgid)) + '"';
  add(indexed.bind(user, match, msgid));
  Statement late{db_,
                 "SELECT e.id FROM late l CROSS JOIN event e ON e.user = l.user AND e.id = l.id "
                 "WHERE l.user = ?1 AND e.msgid = ?2"};
  add(late.bind(user, msgid));
  Statement newer{db_,
                  "SELECT id FROM event WHERE user = ?1 AND msgid = ?2 "
                  "AND id > (SELECT value FROM meta WHERE key = 'indexed')"};
  add(newer.bind(user, msgid));
  return ids;
}

// Adds to the page the rows of a range, at most `limit`, from its old or its new end. True: there were more.
bool Reader::add_range(const HistoryQuery& query, const HistoryRange& range, std::size_t limit, bool newest) {
  const std::size_t first = page_.rows();
  Statement& rows = newest ? history_down_ : history_up_;
  rows.bind(query.buffer, range.low_id(), range.high_id(), query.user);
  bool more = false;
  while (!more && rows.step()) {
    const auto kind = static_cast<unsigned>(rows.number(3));
    const auto time_ms = rows.number(0) / 1000 + rows.number(2);
    if (!range.shows(time_ms) || kind >= 32 || ((query.kinds >> kind) & 1U) == 0) continue;
    more = page_.rows() - first >= limit;
    if (!more) page_.add(rows);
  }
  rows.reset();
  if (newest) page_.reverse_from(first);
  return more;
}

std::expected<Page, std::string> Reader::history(const HistoryQuery& asked) {
  const Snapshot snapshot{db_};
  HistoryQuery query = asked;
  if (!resolve(query.user, query.buffer, query.a) || !resolve(query.user, query.buffer, query.b))
    return std::unexpected("unknown msgid");
  const std::uint64_t applied = this->applied();
  page_.start(query.user);
  HistoryRange range;
  bool newest = false, more = false;
  switch (query.what) {
    case What::kBefore:
      before(range, query.a);
      newest = true;
      break;
    case What::kAfter:
      after(range, query.a);
      break;
    case What::kLatest:
      after(range, query.a);
      newest = true;
      break;
    case What::kBetween:
      newest = later(query.a, query.b);
      after(range, newest ? query.b : query.a);
      before(range, newest ? query.a : query.b);
      break;
    case What::kAround: {
      HistoryRange old;
      before(old, query.a);
      from(range, query.a);
      more = add_range(query, old, query.limit / 2, true);
      query.limit -= page_.rows();
      break;
    }
  }
  more = add_range(query, range, query.limit, newest) || more;
  Page page = page_.finish();
  page.more = more;
  page.applied = applied;
  return page;
}

std::vector<TargetRow> Reader::targets(const TargetsQuery& query) {
  const Snapshot snapshot{db_};
  std::vector<BufferId> buffers;
  for (buffers_.bind(query.user, query.network); buffers_.step();)
    buffers.push_back(static_cast<BufferId>(buffers_.number(0)));
  buffers_.reset();
  std::vector<TargetRow> targets;
  HistoryRange range;
  for (const BufferId buffer : buffers) {
    history_down_.bind(buffer, range.low_id(), range.high_id(), query.user);
    while (history_down_.step()) {
      const auto kind = static_cast<unsigned>(history_down_.number(3));
      if (kind >= 32 || ((query.kinds >> kind) & 1U) == 0) continue;
      const auto id = history_down_.number(0);
      const auto time_ms = id / 1000 + history_down_.number(2);
      const auto [low, high] = std::minmax(query.from_ms, query.to_ms);
      if (time_ms > low && time_ms < high) targets.push_back({buffer, time_ms, static_cast<EventId>(id)});
      break;
    }
    history_down_.reset();
  }
  std::ranges::sort(targets, {}, &TargetRow::latest_id);
  if (query.from_ms > query.to_ms) std::ranges::reverse(targets);
  if (targets.size() > query.limit) targets.resize(query.limit);
  return targets;
}

}  // namespace halley::storage
