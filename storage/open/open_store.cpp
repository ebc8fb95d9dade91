#include <fmt/format.h>

#include <string_view>

#include "storage/api/store.h"
#include "storage/base/lock_file.h"
#include "storage/base/migrations.h"
#include "storage/open/carried_files.h"
#include "storage/open/data_folder.h"
#include "storage/open/sqlite_store.h"
#include "storage/read/loader.h"
#include "storage/write/writer.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestore = "; put the last backup in its place (halley(1), RESTORING)";

// Stands for the database in its journal's header.
std::uint64_t owner_of(std::string_view epoch) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : epoch) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash | 1U;
}

// Whose lines a journal without its database holds nobody knows.
std::expected<void, std::string> check_journal_alone(const fs::path& file, const fs::path& journal) {
  std::error_code error;
  const bool alone = !fs::exists(file, error) && fs::file_size(journal, error) > 0 && !error;
  if (!alone) return {};
  return std::unexpected(fmt::format(
      "{} is there, but not the database {} that it belongs to: put that back, or move the journal away",
      journal.string(), file.string()));
}

std::expected<std::unique_ptr<Writer>, std::string> open_writer(const fs::path& file,
                                                                const StoreOptions& options) {
  // An empty file that is ours is as good as none; what is not a database at all says so here.
  Db db = open_for_writing(file, options.power_durability);
  if (options.replicated) db.leave_log();
  if (auto migrated = migrate(db, file); !migrated) return std::unexpected(migrated.error());
  return std::make_unique<Writer>(std::move(db), options.power_durability);
}

// Applies what the journal holds beyond the database.
void catch_up(Writer& writer, MappedJournal& journal) {
  std::vector<Commit> none;
  while (journal.pending() > 0) {
    writer.group(journal, none);
    writer.checkpoint(false);
  }
  writer.drop_orphans();
  writer.sync();
  journal.release(writer.applied());
  journal.on_disk(writer.transactions());
}

}  // namespace

std::expected<OpenStore, std::string> open_store(const StoreOptions& options, Post post) {
  prepare_sqlite();
  OpenStore open;
  if (auto ready = prepare_data_folder(options.directory, open.notices); !ready)
    return std::unexpected(ready.error());
  auto lock = LockFile::take(options.directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  const fs::path file = options.directory / "halley.db", journal_file = options.directory / "halley.journal";
  if (auto fit = check_journal_alone(file, journal_file); !fit) return std::unexpected(fit.error());
  const bool was_there = fs::exists(journal_file), unnamed = !holds_journal(journal_file);
  try {
    auto writer = open_writer(file, options);
    if (!writer) return std::unexpected(writer.error());
    // Its name must be on the disk before the journal bears it.
    if (unnamed) (*writer)->settle();
    std::string damage;
    if ((*writer)->applied() > 0 && unnamed)
      damage = fmt::format("halley.journal {}: what it may have held beyond the database is lost",
                           was_there ? "was empty" : "was not there");
    const std::uint64_t owner = owner_of((*writer)->db().text("SELECT value FROM meta WHERE key = 'epoch'"));
    auto journal = Journal::open(journal_file, (*writer)->applied(), options.journal_bytes, owner);
    if (!journal) return std::unexpected(journal.error());
    auto& mapped = static_cast<MappedJournal&>(**journal);
    if (std::string lost = mapped.damage_of_database((*writer)->transactions()); !lost.empty())
      damage = std::move(lost);
    if (!damage.empty()) {
      (*writer)->remember_damage(damage);
      open.notices.push_back(std::move(damage));
    }
    catch_up(**writer, mapped);
    if ((*writer)->removing()) {
      while (mapped.wipe(options.journal_bytes)) {
      }
      (*writer)->ring_is_wiped();
    }
    lay_out_files((*writer)->db(), options.directory / kUploads, open.notices);
    open.loaded = load((*writer)->db());
    open.journal = std::move(*journal);
    open.store = std::make_unique<SqliteStore>(SqliteStore::Parts{.file = file,
                                                                  .journal_file = journal_file,
                                                                  .journal = mapped,
                                                                  .lock = std::move(*lock),
                                                                  .writer = std::move(*writer)},
                                               options, std::move(post));
    return open;
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot open the database {}: {}{}", file.string(), error.what(),
                                       error.damage() ? kRestore : ""));
  }
}

Status discard_empty_store(const std::filesystem::path& directory) {
  prepare_sqlite();
  const auto lock = LockFile::take(directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  const fs::path file = directory / "halley.db";
  try {
    if (Db{file, Db::OpenMode::kReadOnly}.number("SELECT count(*) FROM user") > 0)
      return std::unexpected(fmt::format("{} has users", file.string()));
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot read the database {}: {}", file.string(), error.what()));
  }
  for (const char* name : {"halley.db-wal", "halley.db-shm", "halley.db", "halley.journal", "halley.lock"}) {
    std::error_code error;
    fs::remove(directory / name, error);
    if (error)
      return std::unexpected(
          fmt::format("cannot remove {}: {}", (directory / name).string(), error.message()));
  }
  return {};
}

}  // namespace halley::storage
