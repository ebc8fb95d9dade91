#include "storage/open/copies.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "storage/base/migrations.h"
#include "storage/base/sqlite.h"
#include "storage/open/carried_files.h"
#include "storage/open/interrupted.h"
#include "storage/open/json_lines.h"
#include "storage/open/new_file.h"
#include "storage/open/user_copy.h"
#include "storage/search/tokenizer.h"
#include "storage/write/writer.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr int kCopiedAtOnce = 1024;
constexpr const char* kStopped = "Halley was stopped meanwhile; nothing was written";

std::vector<std::string> check_whole(Db& db, WorkWatch& watch) {
  const Interrupted interrupted{db, watch, "steps of the database's check"};
  std::vector<std::string> problems;
  Statement statement{db, "PRAGMA integrity_check(20)"};
  while (statement.step()) {
    // Newer versions of SQLite look at the index here, too; we do that by ourselves.
    if (statement.text(0) != "ok" && statement.text(0).find("FTS5") == std::string_view::npos)
      problems.emplace_back(statement.text(0));
  }
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

std::expected<ErrandReport, std::string> counted(const fs::path& copy, WorkWatch& watch) {
  ErrandReport report;
  Db db{copy, Db::OpenMode::kReadOnly};
  if (const auto problems = check_whole(db, watch); !problems.empty())
    return std::unexpected(fmt::format("the copy is not whole ({}); see doctor", problems.front()));
  report.events = static_cast<std::uint64_t>(db.number("SELECT count(*) FROM event"));
  report.files = static_cast<std::uint64_t>(db.number("SELECT count(*) FROM carried_file"));
  return report;
}

std::expected<ErrandReport, std::string> finished(const NewFile& file, ErrandReport report) {
  const auto bytes = file.finish();
  if (!bytes) return std::unexpected(bytes.error());
  report.bytes = *bytes;
  return report;
}

std::expected<ErrandReport, std::string> checked(const NewFile& file, WorkWatch& watch) {
  auto report = counted(file.part(), watch);
  return report ? finished(file, std::move(*report)) : report;
}

// False: it was stopped.
bool copy_pages(Db& source, Db& target, WorkWatch& watch) {
  // Its pages are read in one snapshot, however much is written meanwhile.
  const Snapshot snapshot{source};
  (void)source.number("SELECT count(*) FROM meta");
  sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (backup == nullptr) target.fail("copy");
  int code = SQLITE_OK;
  while (code == SQLITE_OK && !watch.stopped()) {
    code = sqlite3_backup_step(backup, kCopiedAtOnce);
    const auto of = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup));
    watch.at("pages copied", of - static_cast<std::uint64_t>(sqlite3_backup_remaining(backup)), of);
  }
  sqlite3_backup_finish(backup);
  if (code == SQLITE_OK) return false;
  if (code != SQLITE_DONE) throw SqliteError(code, fmt::format("copy: {}", sqlite3_errstr(code)));
  return true;
}

// A database of its own in `copy`, which is there and empty.
std::expected<void, std::string> copy_user(const fs::path& from, UserId user, const fs::path& copy,
                                           WorkWatch& watch) {
  {
    Db db = open_for_writing(copy, false);
    if (auto migrated = migrate(db, copy); !migrated) return std::unexpected(migrated.error());
    Writer writer{std::move(db), false};
    UserCopy user_copy{from, user, watch};
    if (auto copied = user_copy.into(writer, {}, "lines copied"); !copied)
      return std::unexpected(copied.error());
    writer.settle();
  }
  Db db{copy, Db::OpenMode::kReadWrite};
  make_its_own(db);
  db.exec("PRAGMA synchronous = OFF");  // it is brought to the disk at the end
  return carry_files(db, from.parent_path() / kUploads, watch);
}

// A database that is there while it is needed.
class PassingFile {
 public:
  explicit PassingFile(fs::path file) : file_(std::move(file)) { remove_database(file_); }
  ~PassingFile() { remove_database(file_); }
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  const fs::path& path() const { return file_; }

 private:
  const fs::path file_;
};

}  // namespace

std::expected<ErrandReport, std::string> copy_database(const fs::path& from, const fs::path& to,
                                                       WorkWatch& watch) {
  const auto file = NewFile::make(to);
  if (!file) return std::unexpected(file.error());
  {
    Db target{file->part(), Db::OpenMode::kReadWrite};
    target.exec("PRAGMA synchronous = OFF");  // it is brought to the disk at the end
    Db source{from, Db::OpenMode::kReadOnly};
    if (!copy_pages(source, target, watch)) return std::unexpected(kStopped);
    make_its_own(target);
    if (auto carried = carry_files(target, from.parent_path() / kUploads, watch); !carried)
      return std::unexpected(carried.error());
  }
  return checked(*file, watch);
}

std::expected<ErrandReport, std::string> export_user(const fs::path& from, UserId user, const fs::path& to,
                                                     WorkWatch& watch) {
  const auto file = NewFile::make(to);
  if (!file) return std::unexpected(file.error());
  if (auto copied = copy_user(from, user, file->part(), watch); !copied)
    return std::unexpected(copied.error());
  return checked(*file, watch);
}

// By way of such a copy: what the one export has, so has the other.
std::expected<ErrandReport, std::string> export_user_lines(const fs::path& from, UserId user,
                                                           const fs::path& to, WorkWatch& watch) {
  const auto file = NewFile::make(to);
  if (!file) return std::unexpected(file.error());
  const PassingFile copy{file->part().string() + ".db"};
  if (auto copied = copy_user(from, user, copy.path(), watch); !copied)
    return std::unexpected(copied.error());
  auto report = counted(copy.path(), watch);
  if (!report) return report;
  Db db{copy.path(), Db::OpenMode::kReadOnly};
  if (auto written = write_json_lines(db, file->part(), watch); !written)
    return std::unexpected(written.error());
  return finished(*file, std::move(*report));
}

std::vector<std::string> problems_of(const fs::path& database, WorkWatch& watch) {
  Db db{database, Db::OpenMode::kReadOnly};
  return check_whole(db, watch);
}

namespace {

// A leaf of FTS5 (fts5_index.c): how many of its bytes are entries stands behind its first two. To a reading
// of several segments one that says none is an end, and what it had is silently missing.
std::string broken_leaf(Db& db) {
  constexpr std::int64_t kLeafHead = 4;
  Statement leaves{db,
                   "SELECT id, length(block), substr(block, 1, 4) FROM search_data "
                   "WHERE id > 10 AND (id >> 36) & 1 = 0"};
  while (leaves.step()) {
    const std::string_view head = leaves.blob(2);
    const auto at = [head](std::size_t i) { return std::int64_t{static_cast<unsigned char>(head[i])}; };
    const std::int64_t entries = head.size() < kLeafHead ? 0 : at(2) << 8 | at(3);
    if (entries < kLeafHead || entries > leaves.number(1))
      return fmt::format("its page {} is malformed", leaves.number(0));
  }
  return {};
}

}  // namespace

std::string index_problem_of(const fs::path& database, WorkWatch& watch) {
  Db db{database, Db::OpenMode::kReadOnly};
  const Tokenizer tokenizer{db};
  const Interrupted interrupted{db, watch, "steps of the index's check"};
  try {
    if (std::string broken = broken_leaf(db); !broken.empty()) return broken;
    // Each word with all lines that it stands in is read; SQLite's own check of an index would write.
    db.exec("CREATE VIRTUAL TABLE temp.words USING fts5vocab ('main', 'search', 'row')");
    (void)db.number("SELECT sum(doc) FROM temp.words");
    return {};
  } catch (const SqliteError& error) {
    if (watch.stopped()) throw;
    return error.what();
  }
}

}  // namespace halley::storage
