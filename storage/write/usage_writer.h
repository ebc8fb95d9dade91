// How many lines of each user stand in the log, and how many bytes they have: table usage, kept in the
// transaction that adds the rows or deletes them. For a row of the log this adds two numbers; a transaction
// writes one row for each user of whom it has changed something.
// Owner and thread: the Writer; each call is part of the caller's transaction. Throws SqliteError.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/api/event.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

class UsageWriter {
 public:
  explicit UsageWriter(Db& db);

  // So many lines more, or (negative) fewer, and bytes.
  void changed(UserId user, std::int64_t lines, std::int64_t bytes);
  // Writes what has changed. REQUIRES: called before the transaction is committed, and before a savepoint
  // that may be rolled back.
  void finish();
  // What changed since finish() is rolled back.
  void abandon() { changes_.clear(); }
  void release_memory() { decltype(changes_){}.swap(changes_); }

 private:
  struct Delta {
    UserId user;
    std::int64_t lines, bytes;
  };
  Statement change_, begin_, forget_;
  std::vector<Delta> changes_;  // what comes together of one user is one
};

}  // namespace halley::storage
