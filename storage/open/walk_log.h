// Reads a user's whole log, a page at a time, from a connection of one's own; what is removed meanwhile is
// left out. Any thread, which has the reader; throws SqliteError.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "storage/open/work_watch.h"
#include "storage/read/reader.h"

namespace halley::storage {

// `take` is given each page and says whether it wants another. Whoever watches is told by ids how much of the
// time from the first event to the last one is over: counting them would be a walk of its own. False: it was
// stopped, or `take` wanted no more.
template <class Take>
bool walk_log(Reader& reader, UserId user, WorkWatch& watch, std::string_view doing, const Take& take) {
  LogQuery newest;
  newest.user = user;
  newest.max_rows = 1;
  newest.newest = true;
  const Page end = reader.log(newest);
  const EventId last = end.events.empty() ? 0 : end.events.back().id;
  LogQuery query;
  query.user = user;
  EventId first = 0;
  for (bool more = true; more;) {
    if (watch.stopped()) return false;
    const Page page = reader.log(query);
    more = page.more;
    if (page.events.empty()) return true;
    if (first == 0) first = page.events.front().id;
    query.after = page.events.back().id;
    watch.at(doing, std::min(query.after, last) - std::min(first, last), std::max(first, last) - first + 1);
    if (!take(page)) return false;
  }
  return true;
}

}  // namespace halley::storage
