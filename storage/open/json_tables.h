// Which rows an export as JSON lines has (storage/open/json_lines.h), and their words. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/sqlite.h"

namespace halley::storage {

inline constexpr int kJsonFormat = 1;
// The first schema of which there are such exports.
inline constexpr int kFirstJsonSchema = 11;

// In the order in which they are written. Further ones are added as they come: a table that a schema has not
// is no table of its exports.
inline constexpr std::array<std::string_view, 10> kJsonTables{
    "user",   "network",        "setting", "channel", "device",
    "buffer", "buffer_setting", "state",   "event",   "carried_file"};
inline constexpr std::string_view kCarriedTable = "carried_file", kFileBytes = "bytes",
                                  kEventBuffers = "buffers";

// Empty: there is no such table. REQUIRES: `table` is one of kJsonTables.
inline std::vector<std::string> columns_of(Db& db, std::string_view table) {
  std::vector<std::string> columns;
  Statement rows{db, "SELECT name FROM pragma_table_info(?) ORDER BY cid"};
  for (rows.bind(table); rows.step();) columns.emplace_back(rows.text(0));
  return columns;
}

}  // namespace halley::storage
