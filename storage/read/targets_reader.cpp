// Reader's answer to which buffers had news: a piece at a time, so that a user's ten thousand buffers, or a
// channel in which nobody has spoken for a million joins, hold up nobody else's questions.
#include <algorithm>
#include <utility>

#include "storage/read/history_range.h"
#include "storage/read/reader.h"

namespace halley::storage {
namespace {

// Of one piece: buffers and rows looked at.
constexpr std::size_t kMostBuffers = 500, kMostRows = 4000;
// Rows of a buffer of kinds that are not asked for, passed over in search of one that is: behind these the
// buffer counts as if the last of them were.
constexpr std::size_t kMostPassed = 1000;

}  // namespace

// The event of the buffer with the newest time of those that are asked for, if it lies in the range; counts
// the rows that it looks at.
std::optional<TargetRow> Reader::newest(const TargetsQuery& query, BufferId buffer, std::size_t& rows) {
  const auto [low, high] = std::minmax(query.from_ms, query.to_ms);
  const HistoryRange range;
  std::optional<TargetRow> found;
  times_down_.bind(buffer, range.low().first, range.high().first, query.user);
  times_down_.put_number(5, range.low().second);
  times_down_.put_number(6, range.high().second);
  for (std::size_t passed = 0; times_down_.step();) {
    ++rows;
    const auto id = times_down_.number(0);
    const auto time_ms = id / 1000 + times_down_.number(2);
    const auto kind = static_cast<unsigned>(times_down_.number(3));
    const bool wanted = kind < 32 && ((query.kinds >> kind) & 1U) != 0;
    // What is older than the range has nothing newer behind it.
    if (!wanted && time_ms > low && ++passed < kMostPassed) continue;
    if (time_ms > low && time_ms < high) found = {buffer, time_ms, static_cast<EventId>(id)};
    break;
  }
  times_down_.reset();
  return found;
}

TargetsPart Reader::targets(const TargetsQuery& query, BufferId after) {
  const Snapshot snapshot{db_};
  std::vector<BufferId> buffers;
  for (buffers_.bind(query.user, query.network, after, kMostBuffers + 1); buffers_.step();)
    buffers.push_back(static_cast<BufferId>(buffers_.number(0)));
  buffers_.reset();
  TargetsPart part;
  std::size_t rows = 0, seen = 0;
  while (seen < std::min(buffers.size(), kMostBuffers) && rows < kMostRows) {
    const BufferId buffer = buffers[seen++];
    if (std::ranges::binary_search(query.without, buffer)) continue;
    if (const auto row = newest(query, buffer, rows)) part.rows.push_back(*row);
  }
  if (seen < buffers.size()) part.go_on_after = buffers[seen - 1];
  return part;
}

// In the order of their latest lines; of more than the limit those nearest to where the question begins. More
// than the limit's are kept when their time is that of the last: who asks on from there misses none.
void settle_targets(const TargetsQuery& query, std::vector<TargetRow>& rows) {
  std::ranges::sort(rows, {}, [](const TargetRow& row) { return std::pair{row.latest_ms, row.latest_id}; });
  if (rows.size() <= query.limit) return;
  const auto limit = static_cast<std::ptrdiff_t>(query.limit);
  if (query.from_ms > query.to_ms) {
    auto first = rows.end() - limit;
    while (first != rows.begin() && limit > 0 && (first - 1)->latest_ms == first->latest_ms) --first;
    rows.erase(rows.begin(), first);
  } else {
    auto end = rows.begin() + limit;
    while (end != rows.end() && limit > 0 && end->latest_ms == (end - 1)->latest_ms) ++end;
    rows.erase(end, rows.end());
  }
}

}  // namespace halley::storage
