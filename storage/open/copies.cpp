#include "storage/open/copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/base/migrations.h"
#include "storage/base/sqlite.h"
#include "storage/open/carried_files.h"
#include "storage/open/user_copy.h"
#include "storage/write/writer.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr int kCopiedAtOnce = 1024;
constexpr const char* kStopped = "Halley was stopped meanwhile; nothing was written";

bool sync_path(const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::fsync(fd) == 0;
  ::close(fd);
  return done;
}

// A file that has another name until it is whole; it goes when it never is.
class NewFile {
 public:
  static std::expected<NewFile, std::string> make(const fs::path& name) {
    std::error_code error;
    if (fs::exists(name, error))
      return std::unexpected(fmt::format("{} is there already; name another file", name.string()));
    NewFile file(name);
    const int fd = ::open(file.part_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
      return std::unexpected(
          fmt::format("cannot make {}: {}; name a folder that Halley may write to (its user, and "
                      "sandbox.write of halley.toml)",
                      file.part_.string(), std::strerror(errno)));
    ::close(fd);
    return file;
  }
  NewFile(NewFile&& other) noexcept
      : name_(std::move(other.name_)), part_(std::exchange(other.part_, fs::path())) {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (part_.empty()) return;
    std::error_code ignored;  // it is of no use, and its name says so
    for (const char* end : {"", "-journal", "-wal", "-shm"}) fs::remove(part_.string() + end, ignored);
  }

  const fs::path& part() const { return part_; }
  std::expected<ErrandReport, std::string> finish(ErrandReport report) {
    std::error_code error;
    report.bytes = fs::file_size(part_, error);
    if (error || !sync_path(part_, O_RDWR))
      return std::unexpected(fmt::format("{} cannot be brought to the disk", part_.string()));
    if (::link(part_.c_str(), name_.c_str()) != 0) {
      return std::unexpected(
          fmt::format("cannot give {} its name: {}", name_.string(), std::strerror(errno)));
    }
    sync_path(name_.parent_path().empty() ? fs::path(".") : name_.parent_path(), O_RDONLY | O_DIRECTORY);
    return report;  // the other name goes with this
  }

 private:
  explicit NewFile(const fs::path& name) : name_(name), part_(name.string() + ".part") {}
  fs::path name_, part_;
};

std::vector<std::string> check_whole(Db& db, const std::atomic<bool>& stop) {
  const auto interrupted = [](void* flag) {
    return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0;
  };
  sqlite3_progress_handler(db.handle(), 100'000, interrupted, const_cast<std::atomic<bool>*>(&stop));
  std::vector<std::string> problems;
  Statement statement{db, "PRAGMA integrity_check(20)"};
  while (statement.step()) {
    if (statement.text(0) != "ok") problems.emplace_back(statement.text(0));
  }
  sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
  return problems;
}

// Nothing beside the file: no write-ahead log, and what it says of itself is that it is another one.
void make_its_own(Db& db) {
  db.exec("PRAGMA journal_mode = DELETE");
  db.exec(
      "BEGIN;"
      "UPDATE state SET written = written - 1 - (SELECT value FROM meta WHERE key = 'applied');"
      "UPDATE meta SET value = 0 WHERE key = 'applied';"
      "UPDATE meta SET value = lower(hex(randomblob(8))) WHERE key = 'epoch';"
      "COMMIT");
}

std::expected<ErrandReport, std::string> checked(NewFile& file, const std::atomic<bool>& stop) {
  ErrandReport report;
  {
    Db db{file.part(), Db::OpenMode::kReadOnly};
    if (const auto problems = check_whole(db, stop); !problems.empty())
      return std::unexpected(fmt::format("the copy is not whole ({}); see doctor", problems.front()));
    report.events = static_cast<std::uint64_t>(db.number("SELECT count(*) FROM event"));
    report.files = static_cast<std::uint64_t>(db.number("SELECT count(*) FROM carried_file"));
  }
  return file.finish(std::move(report));
}

// False: it was stopped.
bool copy_pages(Db& source, Db& target, const std::atomic<bool>& stop) {
  // Its pages are read in one snapshot, however much is written meanwhile.
  const Snapshot snapshot{source};
  (void)source.number("SELECT count(*) FROM meta");
  sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (backup == nullptr) target.fail("copy");
  int code = SQLITE_OK;
  while (code == SQLITE_OK && !stop.load()) code = sqlite3_backup_step(backup, kCopiedAtOnce);
  sqlite3_backup_finish(backup);
  if (code == SQLITE_OK) return false;
  if (code != SQLITE_DONE) throw SqliteError(code, fmt::format("copy: {}", sqlite3_errstr(code)));
  return true;
}

}  // namespace

std::expected<ErrandReport, std::string> copy_database(const fs::path& from, const fs::path& to,
                                                       const std::atomic<bool>& stop) {
  auto file = NewFile::make(to);
  if (!file) return std::unexpected(file.error());
  {
    Db target{file->part(), Db::OpenMode::kReadWrite};
    target.exec("PRAGMA synchronous = OFF");  // it is brought to the disk at the end
    Db source{from, Db::OpenMode::kReadOnly};
    if (!copy_pages(source, target, stop)) return std::unexpected(kStopped);
    make_its_own(target);
    if (auto carried = carry_files(target, from.parent_path() / kUploads, stop); !carried)
      return std::unexpected(carried.error());
  }
  return checked(*file, stop);
}

std::expected<ErrandReport, std::string> export_user(const fs::path& from, UserId user, const fs::path& to,
                                                     const std::atomic<bool>& stop) {
  auto file = NewFile::make(to);
  if (!file) return std::unexpected(file.error());
  {
    Db db = open_for_writing(file->part(), false);
    if (auto migrated = migrate(db, file->part()); !migrated) return std::unexpected(migrated.error());
    Writer writer{std::move(db), false};
    UserCopy copy{from, user, stop};
    if (auto copied = copy.into(writer, {}); !copied) return std::unexpected(copied.error());
    writer.settle();
  }
  {
    Db db{file->part(), Db::OpenMode::kReadWrite};
    make_its_own(db);
    db.exec("PRAGMA synchronous = OFF");  // it is brought to the disk at the end
    if (auto carried = carry_files(db, from.parent_path() / kUploads, stop); !carried)
      return std::unexpected(carried.error());
  }
  return checked(*file, stop);
}

std::vector<std::string> problems_of(const fs::path& database, const std::atomic<bool>& stop) {
  Db db{database, Db::OpenMode::kReadOnly};
  return check_whole(db, stop);
}

}  // namespace halley::storage
