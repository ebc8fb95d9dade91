// Reader's questions about a buffer's history: bounds to ranges, ranges to rows.
#include <algorithm>
#include <utility>

#include "storage/api/msgid.h"
#include "storage/base/buffers_column.h"
#include "storage/read/history_range.h"
#include "storage/read/reader.h"
#include "storage/search/msgid_search.h"
#include "storage/search/tokenizer.h"

namespace halley::storage {
namespace {

using By = Bound::By;
using What = HistoryQuery::What;

// Lines of other buffers that a walk along the log steps over before it gives up; and one more for each that
// was the buffer's.
constexpr std::size_t kOthersToTry = 16;
constexpr int kBuffersColumn = 6;  // of kEventColumns

// Bounds as places of the order that is walked: of times when one of them is a
// time.
class Ends {
 public:
  Ends(HistoryRange& range, bool by_time) : range_(range), by_time_(by_time) {}

  void after(const Bound& bound) const {
    if (bound.by != By::kNone) range_.after(end(bound, kHighest));
  }
  void before(const Bound& bound) const {
    if (bound.by != By::kNone) range_.before(end(bound, kLowest));
  }
  // Included.
  void from(const Bound& bound) const {
    SortKey place = end(bound, kLowest);
    std::int64_t& least = by_time_ ? place.second : place.first;
    if (bound.by == By::kId) --least;
    range_.after(place);
  }
  bool later(const Bound& a, const Bound& b) const { return end(a, kLowest) > end(b, kLowest); }

 private:
  // `within`: where in its millisecond a bound that is a time stands.
  SortKey end(const Bound& bound, std::int64_t within) const {
    if (bound.by == By::kTime) return {bound.time_ms, within};
    return by_time_ ? moment_of(bound.id, bound.time_ms)
                    : SortKey{static_cast<std::int64_t>(clamp_id(bound.id)), 0};
  }

  HistoryRange& range_;
  const bool by_time_;
};

}  // namespace

bool Reader::in_order_of_time(const HistoryQuery& query) {
  return query.a.by == By::kTime || query.b.by == By::kTime;
}

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
  const Tokenizer tokenizer{db_};
  const std::vector<EventId> ids = events_of_msgid(db_, user, bound.msgid);
  if (ids.empty()) return false;
  // The same msgid may have come from two networks: the one shown in this buffer is meant.
  bound.id = ids.front();
  for (const EventId id : ids) {
    if (has_place_.bind(buffer, id).step()) bound.id = id;
    has_place_.reset();
  }
  return true;
}

// Where an id's event stands in time; one that is not there would stand at its
// id.
void Reader::find_time(UserId user, Bound& bound) {
  if (bound.by != By::kId) return;
  bound.id = clamp_id(bound.id);
  bound.time_ms = static_cast<std::int64_t>(bound.id / 1000);
  if (has_event_.bind(user, bound.id).step()) bound.time_ms += has_event_.number(0);
  has_event_.reset();
}

// False: it is not taken, since the page is full or enough has been looked at.
bool Reader::add_row(Adding& adding, const Statement& event) {
  const HistoryQuery& query = adding.query;
  const auto kind = static_cast<unsigned>(event.number(3));
  const bool given = kind < 32 && ((query.kinds >> kind) & 1U) != 0 && passes(query.only, event);
  const std::size_t taken = page_.rows() - adding.first_row;
  const bool full =
      taken >= query.limit || (taken > 0 && page_.bytes() - adding.first_byte >= query.max_bytes);
  adding.walked.unfinished = adding.looked_at++ >= kMostLookedAt;
  adding.walked.more = (given && full) || adding.walked.unfinished;
  if (adding.walked.more) return false;
  adding.walked.passed = static_cast<EventId>(event.number(0));
  if (given) page_.add(event);
  return true;
}

// Where most of the user's lines are the buffer's, to walk along the log costs half of looking each place of
// the buffer up. False: too many are not, and the rest of the range is to be looked up.
bool Reader::add_along_log(Adding& adding) {
  const BufferId buffer = adding.query.buffer;
  HistoryRange& range = adding.range;
  Statement& events = adding.newest ? along_down_ : along_up_;
  events.bind(adding.query.user, range.low().first, range.high().first);
  std::size_t others = 0;
  bool along = true;
  while (along && events.step()) {
    if (stands_in(buffer, events, kBuffersColumn)) {
      if (!add_row(adding, events)) break;
    } else if (++others > adding.looked_at + kOthersToTry) {
      const SortKey reached{events.number(0), 0};
      adding.newest ? range.before(reached) : range.after(reached);
      along = false;
    }
  }
  events.reset();
  return along;
}

// Adds to the page the rows of a range, as many as query.limit and max_bytes
// allow, from its old or its new end, of kMostLookedAt at most.
Reader::Walked Reader::add_range(const HistoryQuery& query, const HistoryRange& whole, bool newest) {
  Adding adding{.query = query,
                .range = whole,
                .newest = newest,
                .first_row = page_.rows(),
                .first_byte = page_.bytes()};
  const HistoryRange& range = adding.range;
  const bool by_time = in_order_of_time(query);
  if (by_time || !add_along_log(adding)) {
    Statement& rows = by_time ? (newest ? times_down_ : times_up_) : (newest ? history_down_ : history_up_);
    rows.bind(query.buffer, range.low().first, range.high().first, query.user);
    if (by_time) {
      rows.put_number(5, range.low().second);
      rows.put_number(6, range.high().second);
    }
    while (rows.step() && add_row(adding, rows)) {
    }
    rows.reset();
  }
  if (newest) page_.reverse_from(adding.first_row);
  return adding.walked;
}

std::expected<Page, std::string> Reader::history(const HistoryQuery& asked) {
  const Snapshot snapshot{db_};
  HistoryQuery query = asked;
  if (!resolve(query.user, query.buffer, query.a) || !resolve(query.user, query.buffer, query.b))
    return std::unexpected("unknown msgid");
  const bool by_time = in_order_of_time(query);
  if (by_time) {
    find_time(query.user, query.a);
    find_time(query.user, query.b);
  }
  const std::uint64_t applied = this->applied();
  page_.start(query.user);
  HistoryRange range;
  const Ends ends{range, by_time};
  bool newest = false;
  switch (query.what) {
    case What::kBefore:
      ends.before(query.a);
      newest = true;
      break;
    case What::kAfter:
      ends.after(query.a);
      break;
    case What::kLatest:
      ends.after(query.a);
      newest = true;
      break;
    case What::kBetween:
      newest = ends.later(query.a, query.b);
      ends.after(newest ? query.b : query.a);
      ends.before(newest ? query.a : query.b);
      break;
    case What::kFrom:
    case What::kAround:  // the store asks for its two halves
      ends.from(query.a);
      break;
  }
  if (query.go_on_from != 0) {
    Bound behind{.by = By::kId, .id = query.go_on_from, .time_ms = 0, .msgid = {}};
    if (by_time) find_time(query.user, behind);
    newest ? ends.before(behind) : ends.after(behind);
  }
  const Walked walked = add_range(query, range, newest);
  Page page = page_.finish();
  page.more = walked.more;
  page.passed = walked.passed;
  page.newest_first = newest;
  page.unfinished = walked.unfinished;
  page.applied = applied;
  return page;
}

}  // namespace halley::storage
