// How much a Reader looked at for what it was asked. A friend of it, for tests of its bounds alone.
#pragma once

#include <sqlite3.h>

#include <cstddef>

#include "storage/read/reader.h"

namespace halley::storage {

struct ReaderProbe {
  // Lines with the words of searches, since the reader was made.
  static std::size_t candidates(const Reader& reader) { return reader.candidates_; }
  // Steps of SQLite's machine for all that it was asked since this was called last.
  static int steps(const Reader& reader) {
    int sum = 0;
    sqlite3* const db = reader.db_.handle();
    for (sqlite3_stmt* each = sqlite3_next_stmt(db, nullptr); each != nullptr;
         each = sqlite3_next_stmt(db, each))
      sum += sqlite3_stmt_status(each, SQLITE_STMTSTATUS_VM_STEP, 1);
    return sum;
  }
};

}  // namespace halley::storage
