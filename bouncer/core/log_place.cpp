#include "bouncer/core/log_place.h"

#include <algorithm>
#include <limits>
#include <string>

#include "bouncer/irc/time_tag.h"
#include "storage/api/msgid.h"

namespace halley {
namespace {

using storage::Bound;

Bound at_time(std::int64_t ms) {
  return {.by = Bound::By::kTime, .id = 0, .time_ms = ms, .msgid = {}};
}

// A bound that is a time, though it bounds nothing: it makes the order that of times.
Bound before_all() {
  return at_time(std::numeric_limits<std::int64_t>::min());
}
Bound behind_all() {
  return at_time(std::numeric_limits<std::int64_t>::max());
}

}  // namespace

std::optional<std::int64_t> parse_moment(std::string_view text) {
  std::string full(text);
  std::ranges::replace(full, ' ', 'T');
  constexpr std::size_t kDay = 10, kMinute = 16, kSecond = 19;
  if (full.size() == kDay) full += "T00:00";
  if (full.size() == kMinute) full += ":00";
  if (full.size() >= kSecond && !full.ends_with('Z')) full += "Z";
  return irc::parse_time(full);
}

std::optional<Bound> parse_log_place(std::string_view text) {
  constexpr std::string_view kTimestamp = "timestamp=", kMsgid = "msgid=";
  if (text.starts_with(kMsgid) && text.size() > kMsgid.size())
    return Bound{
        .by = Bound::By::kMsgid, .id = 0, .time_ms = 0, .msgid = std::string(text.substr(kMsgid.size()))};
  if (const auto id = storage::id_of_msgid(text))
    return Bound{.by = Bound::By::kId, .id = *id, .time_ms = 0, .msgid = {}};
  if (text.starts_with(kTimestamp)) text.remove_prefix(kTimestamp.size());
  const auto ms = parse_moment(text);
  if (!ms) return std::nullopt;
  return at_time(*ms);
}

void ask_newest(storage::HistoryQuery& query) {
  ask_before(query, behind_all());
}

void ask_before(storage::HistoryQuery& query, const Bound& place) {
  query.what = storage::HistoryQuery::What::kBetween;
  query.a = place;
  query.b = before_all();
}

void ask_after(storage::HistoryQuery& query, const Bound& place) {
  query.what = storage::HistoryQuery::What::kBetween;
  query.a = place;
  if (place.by == Bound::By::kTime && place.time_ms > before_all().time_ms) --query.a.time_ms;
  query.b = behind_all();
}

}  // namespace halley
