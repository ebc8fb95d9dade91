// Journal records -> rows, inside the storage thread's transaction. Owner and thread: the storage thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "storage/api/journal.h"
#include "storage/base/meta.h"
#include "storage/base/moment.h"
#include "storage/base/sqlite.h"
#include "storage/search/search_index.h"
#include "storage/write/state_writer.h"
#include "storage/write/usage_writer.h"

namespace halley::storage {

class EventWriter {
 public:
  EventWriter(Db& db, Meta& meta, SearchIndex& index, UsageWriter& usage);

  // REQUIRES: what the record views lives until finish() or abandon().
  void apply(const Record& record);
  // Writes the events that were applied since. REQUIRES: called for each half megabyte or so of them: they
  // are held until then.
  void flush();
  // The end of a group: flushes and writes what only counts once (states, counters). `applied`: the journal's
  // offset up to which apply() was called.
  void finish(std::uint64_t applied);
  // The transaction is over: committed() counts its rows, abandon() forgets them.
  void committed();
  void abandon();
  void release_memory();  // what a large group needed; between groups

  std::uint64_t events() const { return events_; }    // rows of the log, as committed
  EventId last_event() const { return last_event_; }  // the largest id seen, as committed
  // Another row for an event that the caller has deleted, in a transaction of its own group. REQUIRES:
  // flushed.
  void put_back(const Event& event);
  // Rows were deleted, in a transaction of the caller's.
  void removed(std::uint64_t rows);

 private:
  void insert(const Event& event);
  void put(const Event& event) { pending_.push_back(event); }
  void put(const BufferRecord& record);
  void put(const StateRecord& record) { states_.put(record); }
  void put(const OldPosition& record);
  void put(const OldCommand& record) { states_.put(record); }

  Meta& meta_;
  SearchIndex& index_;
  UsageWriter& usage_;
  Statement insert_event_, insert_place_, insert_moment_, insert_buffer_;
  StateWriter states_;
  // Of the group at hand.
  std::vector<Event> pending_;  // until flush()
  std::vector<std::pair<BufferId, EventId>> places_;
  std::vector<std::pair<BufferId, SortKey>> moments_;
  std::uint64_t added_ = 0;
  EventId newest_ = 0;
  BufferId last_buffer_ = 0;
  // As committed.
  std::uint64_t events_ = 0;
  EventId last_event_ = 0;
};

}  // namespace halley::storage
