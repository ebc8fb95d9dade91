#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "storage/api/store.h"
#include "storage/base/lock_file.h"
#include "storage/base/migrations.h"
#include "storage/open/sqlite_store.h"
#include "storage/read/loader.h"
#include "storage/write/writer.h"

namespace halley::storage {
namespace {

namespace fs = std::filesystem;

std::expected<void, std::string> make_directory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(
        fmt::format("cannot make the data directory {}: {}", directory.string(), std::strerror(errno)));
  }
  return {};
}

std::expected<std::unique_ptr<Writer>, std::string> open_writer(const fs::path& file, bool power_durability) {
  // An empty file that is ours is as good as none; what is not a database at all says so here.
  Db db = open_for_writing(file, power_durability);
  if (auto migrated = migrate(db, file); !migrated) return std::unexpected(migrated.error());
  return std::make_unique<Writer>(std::move(db), power_durability);
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
}

}  // namespace

std::expected<OpenStore, std::string> open_store(const StoreOptions& options, Post post) {
  prepare_sqlite();
  if (auto made = make_directory(options.directory); !made) return std::unexpected(made.error());
  auto lock = LockFile::take(options.directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  const fs::path file = options.directory / "halley.db";
  try {
    auto writer = open_writer(file, options.power_durability);
    if (!writer) return std::unexpected(writer.error());
    auto journal =
        Journal::open(options.directory / "halley.journal", (*writer)->applied(), options.journal_bytes);
    if (!journal) return std::unexpected(journal.error());
    auto& mapped = static_cast<MappedJournal&>(**journal);
    catch_up(**writer, mapped);
    OpenStore open;
    open.loaded = load((*writer)->db());
    open.journal = std::move(*journal);
    open.store = std::make_unique<SqliteStore>(file, std::move(*lock), std::move(*writer), mapped,
                                               options.search_lag, std::move(post));
    return open;
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot open the database {}: {}", file.string(), error.what()));
  }
}

Status rebuild_index(const std::filesystem::path& directory) {
  prepare_sqlite();
  const auto lock = LockFile::take(directory / "halley.lock");
  if (!lock) return std::unexpected(lock.error());
  const fs::path file = directory / "halley.db";
  try {
    auto writer = open_writer(file, false);
    if (!writer) return std::unexpected(writer.error());
    (*writer)->rebuild_index();
    (*writer)->sync();
    return {};
  } catch (const SqliteError& error) {
    return std::unexpected(fmt::format("cannot rebuild the index of {}: {}", file.string(), error.what()));
  }
}

}  // namespace halley::storage
