// The one connection that writes and checkpoints, and what it does in one go. No thread of its own:
// open_store() owns and uses it until the storage thread takes it over. Throws SqliteError; then nothing of
// that call has happened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "storage/api/store.h"
#include "storage/base/meta.h"
#include "storage/base/sqlite.h"
#include "storage/journal/mapped_journal.h"
#include "storage/search/search_index.h"
#include "storage/write/accounts_writer.h"
#include "storage/write/eraser.h"
#include "storage/write/event_writer.h"
#include "storage/write/remover.h"
#include "storage/write/scrubber.h"

namespace halley::storage {

// A commit() of the store on its way.
struct Commit {
  std::uint64_t after = 0;  // journal offset that must be applied before
  std::vector<Change> changes;
  std::function<void(Status)> done;
  Status result;
};

class Writer {
 public:
  // REQUIRES: `db` has been migrated. power_durability: each commit is synced.
  Writer(Db db, bool power_durability);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::uint64_t applied() const { return applied_; }
  // Transactions since the database was made: one that is older has fewer.
  std::uint64_t transactions() const { return transactions_; }
  std::uint64_t events() const { return events_.events(); }
  EventId last_event() const { return events_.last_event(); }
  // The full-text index has all up to here; 0: also older ones are missing.
  EventId indexed() const { return index_.has_late() ? 0 : index_.indexed(); }

  // One transaction: records of the journal from applied() on, at least up to what the commits ask for, then
  // the commits. A commit that the database refuses (a name taken) fails alone: see its `result`. The journal
  // is not released: that is for whoever syncs.
  void group(MappedJournal& journal, std::vector<Commit>& commits);

  // A slice of what is done behind the log, in a transaction of its own: deletes logs of removed accounts, or
  // extends the full-text index. False: nothing was left to do.
  bool remove_slice();
  bool index_slice();
  std::uint64_t removed() const { return removed_; }  // rows that remove_slice() has deleted
  // Is there something of a removed account left to delete or to overwrite?
  bool removing() { return remover_.pending() || scrubber_.pending(); }
  // The journal's ring holds nothing of what has been removed so far.
  void ring_is_wiped() { ring_wiped_ = true; }
  // All rows are gone: the ring's producer is to wipe it. True once for each removal.
  bool claim_ring_wipe();
  std::uint64_t unindexed() const;  // events that the index has yet to take
  void rebuild_index();
  // At start, behind the journal: states of what is no more.
  void drop_orphans();

  bool power_durability() const { return power_durability_; }
  // With durability "process", what was committed reaches the disk here.
  void sync();
  bool unsynced() const { return unsynced_; }
  // A transaction of the caller's making, behind what the journal holds; false of `work`: it is undone.
  struct Inside {
    AccountsWriter& accounts;
    EventWriter& events;
  };
  void transact(const std::function<bool(Inside&)>& work);
  // Before the journal is applied: what was lost is told, even if this start is killed.
  void remember_damage(std::string_view what);
  // All that was committed is in the database's own file, and on the disk.
  void settle();

  // Copies the write-ahead log back when it has grown; `idle`: also a small one, and memory is given back.
  void checkpoint(bool idle);

  std::uint64_t wal_bytes() const;
  Db& db() { return db_; }
  Meta& meta() { return meta_; }

 private:
  bool in_transaction(const std::function<bool()>& work);
  void roll_back();
  void commit(Transaction& transaction);
  void apply(Commit& commit);
  void replace(const ReplaceEvent& change);
  void erase(const EraseText& change);
  template <class Work>
  bool background(const Work& work);

  Db db_;
  Meta meta_;
  Statement count_;
  SearchIndex index_;
  UsageWriter usage_;
  EventWriter events_;
  Remover remover_;
  Eraser eraser_;
  Scrubber scrubber_;
  AccountsWriter accounts_;
  const bool power_durability_;
  bool scrub_slice();
  void scrub_anew();
  void overwrite_what_is_deleted(bool all);
  bool ring_wiped_ = false, wipe_asked_ = false;
  bool unsynced_ = true;  // so may be what an earlier process committed before it was killed
  std::uint64_t applied_ = 0, removed_ = 0, transactions_ = 0;
};

// Opens `file` for writing, with the settings that the writer needs; makes it if it is not there.
Db open_for_writing(const std::filesystem::path& file, bool power_durability);

}  // namespace halley::storage
