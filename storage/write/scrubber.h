// After an account was removed: nothing of what only it had may stay in the files. Rows are overwritten as
// they are deleted (PRAGMA secure_delete); what is left of them elsewhere - words in the index's older
// pieces, pages that were freed before, the write-ahead log - goes here, in slices, and the journal's ring by
// its producer. How far that has come is kept in the database (meta "scrub"): a restart goes on. Owner and
// thread: the Writer. Throws SqliteError.
#pragma once

#include <cstdint>

#include "storage/base/meta.h"
#include "storage/base/sqlite.h"
#include "storage/search/search_index.h"

namespace halley::storage {

class Scrubber {
 public:
  Scrubber(Db& db, Meta& meta, SearchIndex& index);

  // An account's removal was committed: all is to be done again. In the caller's transaction.
  static void begin(Meta& meta) { meta.set("scrub", kMerge); }
  bool pending() const { return stage_ != kDone; }
  // Reads the stage again: a transaction was committed, or rolled back.
  void look() { stage_ = meta_.get("scrub"); }
  // Is a slice() to be done (in a transaction of the caller's), or the log to be emptied?
  bool has_slice() const {
    return stage_ == kMerge || stage_ == kMergeOn || stage_ == kFill || stage_ == kEmpty;
  }
  void slice();
  bool wants_empty_log() const { return stage_ == kLog; }
  // The write-ahead log was emptied, and the journal's ring was wiped by whoever appends to it. In a
  // transaction.
  void done();

 private:
  enum Stage : std::uint64_t { kDone, kMerge, kMergeOn, kFill, kEmpty, kLog };
  void go(Stage stage);

  Db& db_;
  Meta& meta_;
  SearchIndex& index_;
  std::uint64_t stage_;
};

}  // namespace halley::storage
