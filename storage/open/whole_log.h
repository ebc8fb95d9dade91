// Whether all lines of a user can be read: where a page of the database is another than it was, a walk may
// end early without an error, and what is made of it would pass for the whole.
//
// Any thread. Throws SqliteError, also when there are fewer than were counted as they were written.
#pragma once

#include <filesystem>

#include "storage/api/store.h"
#include "storage/open/work_watch.h"

namespace halley::storage {

void require_whole_log(const std::filesystem::path& database, UserId user, WorkWatch& watch);

}  // namespace halley::storage
