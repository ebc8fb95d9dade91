#include "storage/open/whole_log.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "storage/base/sqlite.h"
#include "storage/open/interrupted.h"

namespace halley::storage {

void require_whole_log(const std::filesystem::path& database, UserId user, WorkWatch& watch) {
  Db db{database, Db::OpenMode::kReadOnly};
  const Interrupted interrupted{db, watch, "steps of the count of lines"};
  // One statement: one snapshot.
  Statement counts{db,
                   "SELECT coalesce((SELECT lines FROM usage WHERE user = ?1), 0), "
                   "(SELECT count(*) FROM event WHERE user = ?1)"};
  counts.bind(user).step();
  if (counts.number(1) >= counts.number(0)) return;
  throw SqliteError(SQLITE_CORRUPT,
                    fmt::format("the database is damaged: of {} lines {} can be read; see doctor",
                                counts.number(0), counts.number(1)));
}

}  // namespace halley::storage
