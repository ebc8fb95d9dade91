// Copies of a database that is in use: all of it, or what is one user's. Each is written beside its name,
// checked, brought to the disk, and only then gets the name. Any thread; throw SqliteError for what SQLite
// refuses, when nothing is left behind.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/api/store.h"
#include "storage/open/work_watch.h"

namespace halley::storage {

// The copy is a database of its own: it has another epoch, so that cursors of the old one are not taken for
// its, and begins a new journal.
std::expected<ErrandReport, std::string> copy_database(const std::filesystem::path& from,
                                                       const std::filesystem::path& to, WorkWatch& watch);

std::expected<ErrandReport, std::string> export_user(const std::filesystem::path& from, UserId user,
                                                     const std::filesystem::path& to, WorkWatch& watch);

// The same, as JSON lines.
std::expected<ErrandReport, std::string> export_user_lines(const std::filesystem::path& from, UserId user,
                                                           const std::filesystem::path& to, WorkWatch& watch);

// What SQLite's own check of the database finds; empty: it is whole.
std::vector<std::string> problems_of(const std::filesystem::path& database, WorkWatch& watch);
// What is wrong with the full-text index, in SQLite's words; empty: it can be read from one end to the other.
std::string index_problem_of(const std::filesystem::path& database, WorkWatch& watch);

}  // namespace halley::storage
