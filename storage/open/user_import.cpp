#include <fmt/format.h>

#include <string_view>

#include "storage/base/lock_file.h"
#include "storage/base/migrations.h"
#include "storage/open/carried_files.h"
#include "storage/open/user_copy.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

// An export of an older Halley is brought up to date in a copy, which goes at the end.
class UpToDate {
 public:
  static std::expected<UpToDate, std::string> make(const fs::path& file, const fs::path& folder) {
    std::error_code error;
    if (!fs::is_regular_file(file, error))
      return std::unexpected(fmt::format("{} is no file that can be read", file.string()));
    UpToDate copy(folder / "halley.import");
    fs::copy_file(file, copy.file_, fs::copy_options::overwrite_existing, error);
    if (error)
      return std::unexpected(
          fmt::format("cannot copy {} to {}: {}", file.string(), copy.file_.string(), error.message()));
    Db db{copy.file_, Db::OpenMode::kReadWrite};
    if (db.number("SELECT count(*) FROM sqlite_schema") == 0)
      return std::unexpected(fmt::format("{} is empty", file.string()));
    if (auto migrated = migrate(db, file); !migrated) return std::unexpected(migrated.error());
    return copy;
  }
  UpToDate(UpToDate&& other) noexcept : file_(std::exchange(other.file_, fs::path())) {}
  UpToDate(const UpToDate&) = delete;
  UpToDate& operator=(const UpToDate&) = delete;
  UpToDate& operator=(UpToDate&&) = delete;
  ~UpToDate() {
    if (file_.empty()) return;
    std::error_code ignored;  // the next import overwrites it
    for (const char* end : {"", "-journal", "-wal", "-shm"}) fs::remove(file_.string() + end, ignored);
  }
  const fs::path& file() const { return file_; }

 private:
  explicit UpToDate(fs::path file) : file_(std::move(file)) {}
  fs::path file_;
};

}  // namespace

std::expected<Imported, std::string> import_user(const StoreOptions& options, const fs::path& file,
                                                 const std::string& name, const MoveState& move_state) {
  prepare_sqlite();
  const fs::path& directory = options.directory;
  const auto lock = LockFile::take(directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  try {
    const auto source = UpToDate::make(file, directory);
    if (!source) return std::unexpected(source.error());
    Db db = open_for_writing(directory / "halley.db", false);
    if (options.replicated) db.leave_log();
    if (auto migrated = migrate(db, directory / "halley.db"); !migrated)
      return std::unexpected(migrated.error());
    Writer writer{std::move(db), false};
    // Names compare without ASCII case.
    Statement taken{writer.db(), "SELECT 1 FROM user WHERE name = ? COLLATE NOCASE"};
    if (taken.bind(name).step())
      return std::unexpected(
          fmt::format("there is a user \"{}\" already; rename or remove that one first, or "
                      "import under another name",
                      name));
    taken.reset();
    Meta& meta = writer.meta();
    const UserCopy::Moved moved{.user = static_cast<UserId>(meta.get("last_user")),
                                .network = static_cast<NetworkId>(meta.get("last_network")),
                                .device = static_cast<DeviceId>(meta.get("last_device")),
                                .buffer = static_cast<BufferId>(meta.get("last_buffer")),
                                .name = name,
                                .state = move_state};
    const std::atomic<bool> never{false};
    UserCopy copy{source->file(), 0, never};
    // Files come first: those of nobody are removed at the next start.
    Db files{source->file(), Db::OpenMode::kReadOnly};
    if (auto laid = import_files(files, directory / kUploads, copy.user() + moved.user); !laid)
      return std::unexpected(fmt::format("{}: {}", file.string(), laid.error()));
    auto imported = copy.into(writer, moved);
    if (!imported) return std::unexpected(fmt::format("{}: {}", file.string(), imported.error()));
    // Beside the user that it was made of: a token is one device's, and so is a certificate.
    Statement shared{writer.db(),
                     "UPDATE device SET token_hash = '', scram_keys = '' WHERE user = ?1 AND token_hash <> "
                     "'' AND token_hash IN "
                     "(SELECT token_hash FROM device WHERE user <> ?1)"};
    shared.bind(imported->user.id).run();
    Statement certificates{writer.db(),
                           "UPDATE device SET certificate = '' WHERE user = ?1 AND certificate IN "
                           "(SELECT certificate FROM device WHERE user <> ?1)"};
    certificates.bind(imported->user.id).run();
    writer.settle();
    return imported;
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot import {}: {}", file.string(), error.what()));
  }
}

}  // namespace halley::storage
