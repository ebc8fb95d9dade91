// State records -> rows of the table `state`, inside the storage thread's transaction: of a group only the
// newest of each place is written. Owner and thread: the storage thread's EventWriter. Throws SqliteError.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/journal.h"
#include "storage/base/sqlite.h"

namespace halley::storage {

class StateWriter {
 public:
  explicit StateWriter(Db& db);

  // REQUIRES: what the record views lives until finish() or abandon().
  void put(const StateRecord& record);
  // Of a journal of format 1: become records of the kinds that took their place.
  void put(const OldPosition& record);
  void put(const OldCommand& record);
  // Writes the group. `applied`: the journal's offset behind its last record.
  void finish(std::uint64_t applied);
  void abandon();
  void release_memory() { decltype(records_){}.swap(records_); }  // between groups

  // States of users, networks and devices that are no more: records that came after the removal.
  static void drop_orphans(Db& db);

 private:
  struct StateKey {
    UserId user;
    std::uint16_t kind;
    NetworkId network;
    DeviceId device;
    std::string_view key;
    auto operator<=>(const StateKey&) const = default;
  };
  static StateKey place_of(const StateRecord& record);
  // True: it took a place that was not there.
  bool write(const StateRecord& record, std::uint64_t written);
  void bound(UserId user, std::uint16_t kind);

  Statement update_, insert_, remove_, count_, prune_, user_of_;
  // Of the group at hand.
  std::vector<StateRecord> records_;
  std::map<StateKey, std::size_t> newest_;  // index into records_
  std::deque<std::string> old_values_;      // of old records; a deque: the views stay
};

}  // namespace halley::storage
