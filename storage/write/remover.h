// Deletes the logs of removed users and networks (table doomed) and what is too
// old, or in a removed buffer, of others' (table outdated), slice by slice, so that the live log never
// waits and a restart goes on where it was. How far a user's log has got is
// kept (head_key): cursors that stand there stay good when all of it is gone.
// Owner and thread: the Writer; each call is part of the caller's transaction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "storage/api/event.h"
#include "storage/base/sqlite.h"
#include "storage/search/search_index.h"
#include "storage/write/usage_writer.h"

namespace halley::storage {

// In the table outdated, in place of a buffer; neither is ever one's id.
inline constexpr BufferId kOfAllBuffers = 0, kOfNoBuffer = ~BufferId{0};
// No event has a larger id.
inline constexpr EventId kAnyId = std::numeric_limits<std::int64_t>::max();

class Remover {
 public:
  Remover(Db& db, SearchIndex& index, UsageWriter& usage);

  // Is there something to delete?
  bool pending();
  // Looks at some thousand rows; returns how many it deleted.
  // REQUIRES: the index has no late events left.
  std::size_t slice();
  // Deletes this one event; nothing: it is not there. REQUIRES: the index has no late events left.
  struct Removed {
    NetworkId network;
    std::int64_t time_ms;
  };
  std::optional<Removed> remove(UserId user, EventId id);

 private:
  struct Row;
  struct Slice;
  static Row row_of(const Statement& at);
  void keep_head(UserId user);
  Slice read(UserId user, NetworkId network, EventId after, EventId before);
  void remove(UserId user, const Slice& slice);
  void remove(UserId user, const Row& row);
  void leave(BufferId buffer, const Row& row);
  std::size_t doomed_slice();
  std::size_t outdated_slice();
  std::size_t outdated_of_user(UserId user, EventId before);
  struct Left;
  void outdated_of_buffer(UserId user, BufferId buffer, EventId before, Left& left);

  SearchIndex& index_;
  UsageWriter& usage_;
  Statement doomed_, outdated_, rows_, row_, placed_, delete_event_, delete_place_, delete_moment_,
      set_buffers_, go_on_, done_, not_outdated_, keep_head_, forget_head_;
};

}  // namespace halley::storage
