// The full-text index, behind the log: which event holds which word. Derived data: it remembers how far it
// has got, is caught up in slices between the groups, and can be thrown away and built anew at any time.
// Words only, without their places (FTS5's detail=none, contentless): a third of the bytes; phrases are
// checked against the lines themselves. Owner and thread: the Writer; each call is part of the caller's
// transaction. Throws SqliteError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/meta.h"
#include "storage/sqlite.h"
#include "storage/tokenizer.h"

namespace halley::storage {

class SearchIndex {
 public:
  // Makes the index if there is none, or one of another make.
  SearchIndex(Db& db, Meta& meta);

  // All events up to this id are in the index, but for the late ones.
  EventId indexed() const { return indexed_; }
  // How many events that is (also those without words).
  std::uint64_t events() const { return events_; }
  // An event whose id the index has passed already (imported from elsewhere).
  void late(UserId user, EventId id);
  bool has_late() const { return late_ > 0; }
  // Takes some thousand of the late ones; returns how many.
  std::size_t take_late();
  // Takes some thousand events (late ones first), the oldest first; returns how many. `newest`: no event has
  // a larger id.
  std::size_t slice(EventId newest);
  // A row is being deleted from the log. Late ones must have been taken before.
  void forget(UserId user, EventId id, std::string_view msgid, std::string_view text);
  // Empties the index; slice() builds it again.
  void rebuild();
  // The transaction was rolled back: what slice() and rebuild() remember is read again.
  void rolled_back() { read_marks(); }
  void release_memory();

 private:
  struct Row {
    EventId id;
    UserId user;
    std::size_t at, msgid, size;  // in texts_: where, the msgid's bytes, the text's behind them
  };
  void read_marks();
  EventId end_of_slice(const std::vector<UserId>& users, EventId newest);
  std::vector<UserId> users();
  void gather(UserId user, EventId after, EventId until);
  std::size_t write_rows();

  Db& db_;
  Meta& meta_;
  Tokenizer tokenizer_;
  const bool made_;  // before the statements that use it
  Statement insert_late_, select_late_, delete_late_, users_, ids_, texts_of_;
  Statement insert_, delete_;
  EventId indexed_ = 0;
  std::uint64_t events_ = 0, late_ = 0;
  EventId width_ = 0;  // of the last slice, in ids: the next one's guess
  // Of the slice at hand.
  std::vector<Row> rows_;
  std::string texts_, text_;
};

}  // namespace halley::storage
