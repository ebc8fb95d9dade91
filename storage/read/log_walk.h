// A walk along a user's log, up or down, stopping at the events of one network or of all. Where another
// network's events lie thick it jumps: the buffers of the wanted network tell where its next event is. Owner
// and thread: a Reader; within one snapshot.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "storage/api/store.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

// Ids are unsigned here and signed in SQLite.
EventId clamp_id(EventId id);

class LogWalk {
 public:
  explicit LogWalk(Db& db);

  // Begins before the first event of the query's range (query.newest: behind the last one, and goes down).
  void start(const LogQuery& query);
  // Goes to the next event that is wanted; false: there is none. REQUIRES: start() was called since stop().
  bool next();
  void stop();

  // REQUIRES (these): next() was true.
  const Statement& row() const { return *rows_; }  // columns as in kEventColumns
  EventId id() const { return id_; }
  // The event before this one in the user's whole log (0: none). REQUIRES: it goes up; next() was true.
  EventId before();
  // The event before the one that next() left, in the user's whole log (0: none). REQUIRES: it goes down, and
  // has left one.
  EventId before_last();

 private:
  bool wanted(NetworkId network) const;
  bool jump();
  EventId look_up_before(EventId id);

  Statement up_, down_, before_, doomed_, buffers_, place_up_, place_down_;
  Statement* rows_ = nullptr;
  LogQuery query_;
  std::vector<NetworkId> removed_;  // their logs are being deleted: no more, whichever slice that has come to
  std::vector<BufferId> places_;    // of the wanted network; filled when first needed
  EventId id_ = 0;                  // where the walk stands
  EventId last_ = 0;                // where it stood before
  EventId first_seen_ = 0;          // by this next(), whatever its network
  EventId seen_ = 0, seen_before_ = 0;  // the newest rows that were passed, without a jump between them
};

}  // namespace halley::storage
