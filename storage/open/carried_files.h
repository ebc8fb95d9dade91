// The files of users (data_dir/uploads/USER/NAME) in a copy of the database, so that a copy is one file: rows
// of the table carried_file, of which a database in use has none. They go in and out in pieces, whatever
// their size. Any thread, which has the database and the folder; throw SqliteError for what SQLite refuses.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/api/store.h"
#include "storage/base/sqlite.h"
#include "storage/open/work_watch.h"

namespace halley::storage {

inline constexpr const char* kUploads = "uploads";  // in the data's folder

// Into `copy`, those of all users that it has. One that is removed meanwhile is left out.
std::expected<void, std::string> carry_files(Db& copy, const std::filesystem::path& uploads,
                                             WorkWatch& watch);

// A copy that has been put in a database's place is one from then on: its files go to the folder, each to the
// disk before it leaves the database. What cannot be laid out stays for the next start, and is told in
// `notices`.
void lay_out_files(Db& db, const std::filesystem::path& uploads, std::vector<std::string>& notices);

// All that an export carries, as the files of `user`. On an error some of them may be there.
std::expected<void, std::string> import_files(Db& exported, const std::filesystem::path& uploads,
                                              UserId user);

}  // namespace halley::storage
