// Copies of a database that is in use: all of it, or what is one user's. Each is written beside its name,
// checked, brought to the disk, and only then gets the name. Any thread; throw SqliteError for what SQLite
// refuses, when nothing is left behind. `stop`: from another thread.
#pragma once

#include <atomic>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/api/store.h"

namespace halley::storage {

// The copy is a database of its own: it has another epoch, so that cursors of the old one are not taken for
// its, and begins a new journal.
std::expected<ErrandReport, std::string> copy_database(const std::filesystem::path& from,
                                                       const std::filesystem::path& to,
                                                       const std::atomic<bool>& stop);

std::expected<ErrandReport, std::string> export_user(const std::filesystem::path& from, UserId user,
                                                     const std::filesystem::path& to,
                                                     const std::atomic<bool>& stop);

// What SQLite's own check of the database finds; empty: it is whole.
std::vector<std::string> problems_of(const std::filesystem::path& database, const std::atomic<bool>& stop);

}  // namespace halley::storage
