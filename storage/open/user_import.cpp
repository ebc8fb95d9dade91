#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

#include "storage/base/lock_file.h"
#include "storage/base/migrations.h"
#include "storage/open/carried_files.h"
#include "storage/open/json_lines.h"
#include "storage/open/new_file.h"
#include "storage/open/user_copy.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

enum class Form { kEmpty, kSqlite, kLines, kNone };

// By its first bytes, whatever it is called.
Form form_of(const fs::path& file) {
  constexpr std::string_view kSqliteBegin{"SQLite format 3\0", 16}, kLinesBegin = "{\"";
  std::ifstream stream{file, std::ios::binary};
  char bytes[16] = {};
  stream.read(bytes, sizeof bytes);
  const std::string_view begin{bytes, static_cast<std::size_t>(stream.gcount())};
  if (begin.empty()) return Form::kEmpty;
  if (begin == kSqliteBegin) return Form::kSqlite;
  return begin.starts_with(kLinesBegin) ? Form::kLines : Form::kNone;
}

// An export as a database that is up to date, in a copy, which goes at the end.
class UpToDate {
 public:
  static std::expected<UpToDate, std::string> make(const fs::path& file, const fs::path& folder,
                                                   WorkWatch& watch) {
    std::error_code error;
    if (!fs::is_regular_file(file, error))
      return std::unexpected(fmt::format("{} is no file that can be read", file.string()));
    const Form form = form_of(file);
    if (form == Form::kEmpty) return std::unexpected(fmt::format("{} is empty", file.string()));
    if (form == Form::kNone)
      return std::unexpected(fmt::format(
          "{} is no export of Halley's: neither SQLite's nor JSON lines (plain text is for import-logs)",
          file.string()));
    UpToDate copy(folder / "halley.import");
    remove_database(copy.file_);
    if (form == Form::kLines) {
      if (const int fd = ::open(copy.file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); fd >= 0) ::close(fd);
      if (auto read = read_json_lines(file, copy.file_, watch); !read) return std::unexpected(read.error());
    } else if (fs::copy_file(file, copy.file_, fs::copy_options::overwrite_existing, error); error) {
      return std::unexpected(
          fmt::format("cannot copy {} to {}: {}", file.string(), copy.file_.string(), error.message()));
    }
    Db db{copy.file_, Db::OpenMode::kReadWrite};
    if (auto migrated = migrate(db, file); !migrated) return std::unexpected(migrated.error());
    return copy;
  }
  UpToDate(UpToDate&& other) noexcept : file_(std::exchange(other.file_, fs::path())) {}
  UpToDate(const UpToDate&) = delete;
  UpToDate& operator=(const UpToDate&) = delete;
  UpToDate& operator=(UpToDate&&) = delete;
  ~UpToDate() {
    if (!file_.empty()) remove_database(file_);
  }
  const fs::path& file() const { return file_; }

 private:
  explicit UpToDate(fs::path file) : file_(std::move(file)) {}
  fs::path file_;
};

// The names of the user's devices of which that is so; it is made otherwise.
std::vector<std::string> take_shared(Db& db, UserId user, std::string_view where, std::string_view set) {
  std::vector<std::string> names;
  Statement devices{db, fmt::format("SELECT name FROM device WHERE user = ?1 AND {} ORDER BY name", where)};
  for (devices.bind(user); devices.step();) names.emplace_back(devices.text(0));
  Statement change{db, fmt::format("UPDATE device SET {} WHERE user = ?1 AND {}", set, where)};
  change.bind(user).run();
  return names;
}

}  // namespace

std::expected<Imported, std::string> import_user(const StoreOptions& options, const fs::path& file,
                                                 const std::string& name, const MoveState& move_state,
                                                 const OnProgress& on_progress) {
  prepare_sqlite();
  const fs::path& directory = options.directory;
  const auto lock = LockFile::take(directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  const std::atomic<bool> never{false};
  WorkWatch watch{never, on_progress};
  try {
    const auto source = UpToDate::make(file, directory, watch);
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
    UserCopy copy{source->file(), 0, watch};
    // Files come first: those of nobody are removed at the next start.
    Db files{source->file(), Db::OpenMode::kReadOnly};
    if (auto laid = import_files(files, directory / kUploads, copy.user() + moved.user); !laid)
      return std::unexpected(fmt::format("{}: {}", file.string(), laid.error()));
    auto imported = copy.into(writer, moved, "lines imported");
    if (!imported) return std::unexpected(fmt::format("{}: {}", file.string(), imported.error()));
    // Beside the user that it was made of: a token is one device's, and so is a certificate.
    imported->without_token =
        take_shared(writer.db(), imported->user.id,
                    "token_hash <> '' AND token_hash IN (SELECT token_hash FROM device WHERE user <> ?1)",
                    "token_hash = '', scram_keys = ''");
    imported->without_certificate =
        take_shared(writer.db(), imported->user.id,
                    "certificate <> '' AND certificate IN (SELECT certificate FROM device WHERE user <> ?1)",
                    "certificate = ''");
    writer.settle();
    return imported;
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot import {}: {}", file.string(), error.what()));
  }
}

}  // namespace halley::storage
