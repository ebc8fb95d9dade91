// Table usage against the log that it counts.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "storage/base/event_bytes.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

// "USER LINES BYTES, ..." as the table has it, which is what the rows of the log make.
inline std::string checked_usage(const std::filesystem::path& directory) {
  Db db{directory / "halley.db", Db::OpenMode::kReadOnly};
  const Snapshot snapshot{db};
  const std::string joined = "SELECT group_concat(user || ' ' || lines || ' ' || bytes, ', ') FROM ";
  const std::string kept = db.text((joined + "(SELECT user, lines, bytes FROM usage ORDER BY user)").c_str());
  const std::string counted =
      db.text((joined + "(SELECT user, count(*) AS lines, sum(" + std::string{kEventBytes} +
               ") AS bytes FROM event GROUP BY user ORDER BY user)")
                  .c_str());
  CHECK(kept == counted);
  return kept;
}

}  // namespace halley::storage
