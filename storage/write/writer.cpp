#include "storage/write/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace halley::storage {
namespace {

// The most of the journal that goes into one transaction when the writer is behind: larger ones rewrite the
// same pages less often, smaller ones let readers in sooner.
constexpr std::size_t kGroupBytes = 512 * 1024;
// Sizes of the write-ahead log, in pages of 4 KiB: copied back from, and waiting for readers to let go from.
constexpr int kCheckpointPages = 1536, kTruncatePages = 16384;

bool wants_scrubbing(const Commit& commit) {
  return std::ranges::any_of(commit.changes, [](const Change& change) {
    const auto* events = std::get_if<RemoveEvents>(&change);
    const auto* buffer = std::get_if<RemoveBuffer>(&change);
    return (events != nullptr && events->overwrite) || (buffer != nullptr && buffer->overwrite) ||
           std::holds_alternative<RemoveUser>(change) || std::holds_alternative<RemoveNetwork>(change) ||
           std::holds_alternative<ForgetReplaced>(change) || std::holds_alternative<ForgetErased>(change);
  });
}

}  // namespace

Db open_for_writing(const std::filesystem::path& file, bool power_durability) {
  // SQLite would make it readable for everyone; its other files take the mode of this one.
  if (const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); fd >= 0) ::close(fd);
  Db db{file, Db::OpenMode::kReadWrite};
  db.exec("PRAGMA page_size = 4096");
  db.exec("PRAGMA auto_vacuum = NONE");
  db.exec("PRAGMA journal_mode = WAL");
  db.exec(power_durability ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  db.watch_wal();
  db.exec("PRAGMA journal_size_limit = 8388608");
  // Four times as much is 8 % faster with 1,000 users and takes 3 MB more.
  db.exec("PRAGMA cache_size = -1024");
  db.exec("PRAGMA secure_delete = FAST");
  return db;
}

Writer::Writer(Db db, bool power_durability)
    : db_(std::move(db)),
      meta_(db_),
      // The row is not there before the first time.
      count_(db_,
             "INSERT INTO meta (key, value) VALUES ('transactions', ?1) "
             "ON CONFLICT (key) DO UPDATE SET value = ?1"),
      index_(db_, meta_),
      usage_(db_),
      events_(db_, meta_, index_, usage_),
      remover_(db_, index_, usage_),
      eraser_(db_, index_, usage_),
      scrubber_(db_, meta_, index_),
      accounts_(db_, meta_),
      power_durability_(power_durability),
      applied_(meta_.get("applied")),
      transactions_(meta_.get("transactions")) {
  overwrite_what_is_deleted(scrubber_.pending());
}

// False: `work` wants nothing of it to be kept.
bool Writer::in_transaction(const std::function<bool()>& work) {
  bool kept = false;
  try {
    Transaction transaction{db_};
    kept = work();
    if (kept) commit(transaction);
  } catch (const SqliteError&) {
    roll_back();
    throw;
  }
  if (!kept) {
    roll_back();
    return false;
  }
  events_.committed();
  unsynced_ = !power_durability_;
  return true;
}

// What those who write remember of a transaction that is undone.
void Writer::roll_back() {
  events_.abandon();
  usage_.abandon();
  index_.rolled_back();
}

void Writer::commit(Transaction& transaction) {
  usage_.finish();
  count_.bind(transactions_ + 1).run();
  transaction.commit();
  ++transactions_;
}

void Writer::group(MappedJournal& journal, std::vector<Commit>& commits) {
  std::uint64_t until = 0, at = applied_;
  for (const Commit& commit : commits) until = std::max(until, commit.after);
  in_transaction([&] {
    do {
      at = journal.consume(at, kGroupBytes, [this](const Record& record) { events_.apply(record); });
      events_.flush();
    } while (at < until);
    if (at != applied_) events_.finish(at);
    for (Commit& commit : commits) apply(commit);
    return true;
  });
  applied_ = at;
  if (std::ranges::any_of(commits, wants_scrubbing)) scrub_anew();
  journal.applied(at);
}

void Writer::scrub_anew() {
  scrubber_.look();
  ring_wiped_ = wipe_asked_ = false;
  overwrite_what_is_deleted(scrubber_.pending());
}

// Costs a write for each page that is freed: only when it matters.
void Writer::overwrite_what_is_deleted(bool all) {
  db_.exec(all ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = FAST");
}

// A refused commit fails alone; trouble with the disk fails the whole group.
void Writer::apply(Commit& commit) {
  usage_.finish();
  db_.exec("SAVEPOINT one");
  try {
    for (const Change& change : commit.changes) {
      if (const auto* event = std::get_if<ReplaceEvent>(&change)) replace(*event);
      if (const auto* text = std::get_if<EraseText>(&change)) erase(*text);
      accounts_.apply(change);
    }
    commit.result = {};
  } catch (const SqliteError& error) {
    if (error.trouble()) throw;
    db_.exec("ROLLBACK TO one");
    usage_.abandon();
    commit.result = std::unexpected(std::string{"the database refused the change: "} + error.what());
  }
  db_.exec("RELEASE one");
}

void Writer::transact(const std::function<bool(Inside&)>& work) {
  Inside inside{accounts_, events_};
  in_transaction([&] {
    if (!work(inside)) return false;
    events_.finish(applied_);
    return true;
  });
}

void Writer::remember_damage(std::string_view what) {
  Transaction transaction{db_};
  accounts_.apply(PutDamage{.found_ms = 1000 * db_.number("SELECT strftime('%s', 'now')"),
                            .what = std::string{what},
                            .once = false});
  transaction.commit();
}

// All that the journal held has been written by now, this event with it.
void Writer::replace(const ReplaceEvent& change) {
  while (index_.take_late() > 0) {
  }
  const auto old = remover_.remove(change.user, change.id);
  if (!old) return;
  Event event;
  event.id = change.id;
  event.time_ms = old->time_ms;
  event.user = change.user;
  event.network = old->network;
  event.kind = change.kind;
  event.text_at = change.text_at;
  event.buffers = {&change.buffer, 1};
  event.line = change.line;
  events_.put_back(event);
}

void Writer::erase(const EraseText& change) {
  while (index_.take_late() > 0) {
  }
  eraser_.erase(change);
}

bool Writer::remove_slice() {
  if (!remover_.pending()) return scrub_slice();
  std::size_t count = 0;
  background([this, &count] {
    while (index_.take_late() > 0) {
    }
    count = remover_.slice();
    events_.removed(count);
    return true;
  });
  removed_ += count;
  return true;
}

bool Writer::claim_ring_wipe() {
  const bool wants = scrubber_.pending() && !remover_.pending() && !ring_wiped_ && !wipe_asked_;
  wipe_asked_ = wipe_asked_ || wants;
  return wants;
}

// Behind the last row. False: done, or to be gone on with when the ring has been wiped or a reader has let go
// of the log.
bool Writer::scrub_slice() {
  if (scrubber_.has_slice()) {
    background([this] {
      scrubber_.slice();
      return true;
    });
    return true;
  }
  if (!scrubber_.wants_empty_log() || !ring_wiped_ || !db_.empty_log()) return false;
  background([this] {
    scrubber_.done();
    return true;
  });
  overwrite_what_is_deleted(false);
  return false;
}

bool Writer::index_slice() {
  return background([this] { return index_.slice(events_.last_event()) > 0; });
}

void Writer::rebuild_index() {
  background([this] {
    index_.rebuild();
    return true;
  });
}

void Writer::drop_orphans() {
  background([this] {
    StateWriter::drop_orphans(db_);
    return true;
  });
}

template <class Work>
bool Writer::background(const Work& work) {
  bool done = false;
  try {
    Transaction transaction{db_};
    done = work();
    commit(transaction);
  } catch (const SqliteError&) {
    usage_.abandon();
    index_.rolled_back();
    scrubber_.look();
    throw;
  }
  unsynced_ = !power_durability_;
  return done;
}

std::uint64_t Writer::unindexed() const {
  if (indexed() >= last_event()) return 0;
  return events_.events() > index_.events() ? events_.events() - index_.events() : 0;
}

void Writer::sync() {
  if (!unsynced_) return;
  db_.sync_wal();
  unsynced_ = false;
}

void Writer::settle() {
  unsynced_ = true;
  sync();
  db_.checkpoint(true);
}

void Writer::checkpoint(bool idle) {
  if (idle || db_.wal_pages() >= kCheckpointPages) db_.checkpoint(db_.wal_pages() >= kTruncatePages);
  if (!idle) return;
  events_.release_memory();
  usage_.release_memory();
  index_.release_memory();
  db_.release_memory();
  trim_memory();
}

std::uint64_t Writer::wal_bytes() const {
  return static_cast<std::uint64_t>(db_.wal_pages()) * 4096;
}

}  // namespace halley::storage
