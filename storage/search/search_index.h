// The full-text index, behind the log: which event holds which word. Derived data: it remembers how far it
// has got, is caught up in slices between the groups, and can be thrown away and built anew at any time.
// The texts of what was written lately are kept in memory until they are indexed (a thousand users' newest
// rows lie on a thousand pages: reading them back was a quarter of the storage thread's time); what is older
// is read from the log. Words only, without their places (FTS5's detail=none, contentless): a third of the
// bytes; phrases are checked against the lines themselves. Owner and thread: the Writer; each call is part of
// the caller's transaction. Throws SqliteError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/api/event.h"
#include "storage/base/meta.h"
#include "storage/base/sqlite.h"
#include "storage/search/tokenizer.h"

namespace halley::storage {

class SearchIndex {
 public:
  // Makes the index if there is none, or one of another make.
  SearchIndex(Db& db, Meta& meta);

  // All events up to this id are in the index, but for the late ones.
  EventId indexed() const { return indexed_; }
  // How many events that is (also those without words).
  std::uint64_t events() const { return events_; }
  // The event was written to the log, in this transaction. Late: the index has passed its id already
  // (imported from elsewhere).
  void written(const Event& event);
  bool has_late() const { return late_ > 0; }
  // Takes some thousand of the late ones; returns how many.
  std::size_t take_late();
  // Takes some thousand events (late ones first), the oldest first; returns how many. `newest`: no event has
  // a larger id.
  std::size_t slice(EventId newest);
  // A row is being deleted from the log. REQUIRES: has_late() is false.
  void forget(UserId user, EventId id, std::string_view msgid, std::string_view text);
  // Merges its pieces, some hundred pages at a time; `all`: of all sizes, from the beginning. False: nothing
  // was left to merge. What was deleted is then in none of them.
  bool merge(bool all);
  // Empties the index; slice() builds it again.
  void rebuild();
  // The transaction was rolled back: what slice() and rebuild() remember is read again.
  void rolled_back();
  void release_memory();

 private:
  struct Row {
    EventId id;
    UserId user;
    std::size_t at, msgid, size;  // in `bytes`: where, the msgid's bytes, the text's behind them
  };
  struct Texts {
    std::vector<Row> rows;
    std::string bytes;
    void add(EventId id, UserId user, std::size_t text_at, std::string_view line, std::string_view msgid);
    void drop_first(std::size_t count);
    void clear();
    void release();  // memory too
  };
  void read_marks();
  void late(UserId user, EventId id);
  std::size_t recent_slice(EventId newest);
  std::size_t log_slice(EventId newest);
  EventId end_of_slice(const std::vector<UserId>& users, EventId newest);
  std::vector<UserId> users();
  void gather(UserId user, EventId after, EventId until);
  void write_rows(Texts& texts, std::size_t count);

  Db& db_;
  Meta& meta_;
  Tokenizer tokenizer_;
  const bool made_;  // before the statements that use it
  Statement insert_late_, select_late_, delete_late_, users_, ids_, texts_of_;
  Statement insert_, delete_;
  EventId indexed_ = 0;
  std::uint64_t events_ = 0, late_ = 0;
  EventId width_ = 0;       // of the last slice, in ids: the next one's guess
  Texts recent_;            // what was written since the index had everything, if following_
  bool following_ = false;  // it did once, and not too much has come since
  Texts read_;              // of the slice at hand
  std::string text_;
};

}  // namespace halley::storage
