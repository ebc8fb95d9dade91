#include "storage/base/migrations.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "storage/base/schema.h"

namespace halley::storage {
namespace {

// Step n takes a database of version n to version n + 1. Only ever appended to.
constexpr std::array<std::string_view, 1> kSteps{
    kSchemaVersion1,
};

}  // namespace

int newest_version() {
  return static_cast<int>(kSteps.size());
}

std::expected<void, std::string> migrate(Db& db, const std::filesystem::path& file) {
  const auto application = db.number("PRAGMA application_id");
  const auto version = db.number("PRAGMA user_version");
  const bool empty = db.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty && application != kApplicationId) {
    return std::unexpected(
        fmt::format("{} is an SQLite database, but not Halley's; move it away, or name another data "
                    "directory",
                    file.string()));
  }
  if (version > newest_version()) {
    return std::unexpected(
        fmt::format("{} was written by a newer Halley (schema {}; this one knows up to {}): install "
                    "that version, or restore a backup",
                    file.string(), version, newest_version()));
  }
  for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
    Transaction transaction{db};
    db.exec(std::string{kSteps[step]});
    db.exec(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, step + 1));
    transaction.commit();
  }
  return {};
}

}  // namespace halley::storage
