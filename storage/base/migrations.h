// The database's versions: PRAGMA user_version counts the steps that were taken.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "storage/base/sqlite.h"

namespace halley::storage {

// Marks the file as Halley's (PRAGMA application_id): "Haly".
inline constexpr std::int64_t kApplicationId = 0x48616C79;

// The version that this program knows.
int newest_version();

// Lays out an empty database as version `version` had it: to be filled with what that wrote, and migrated.
// REQUIRES: 1 <= version <= newest_version(); nothing is in it. Throws SqliteError.
void lay_out_version(Db& db, int version);

// Refuses what is not ours or newer (untouched), lays out a new database, takes an older one to the newest
// version, in one transaction.
std::expected<void, std::string> migrate(Db& db, const std::filesystem::path& file);

}  // namespace halley::storage
