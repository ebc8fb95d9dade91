// Takes back what was said: the text of an event, and its tags, go from the log and from the index; the event
// stays, so that no cursor finds a hole. What is left of the text in the files (pages, the write-ahead log,
// the journal's ring) is the Scrubber's, when ForgetErased comes. Owner and thread: the Writer; each call is
// part of the caller's transaction. Throws SqliteError.
#pragma once

#include "storage/api/store.h"
#include "storage/base/sqlite.h"
#include "storage/search/search_index.h"
#include "storage/write/usage_writer.h"

namespace halley::storage {

class Eraser {
 public:
  Eraser(Db& db, SearchIndex& index, UsageWriter& usage);

  // REQUIRES: the index has no late events left. It may have some afterwards.
  void erase(const EraseText& change);

 private:
  bool erase(const EraseText& change, EventId id);

  Db& db_;
  SearchIndex& index_;
  UsageWriter& usage_;
  Statement row_, update_, remember_;
};

}  // namespace halley::storage
