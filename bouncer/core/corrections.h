// Lines of a user's log that turned out to be something else: what was logged as said and was then refused,
// or never reached the network. The row is replaced in the store; until that is done, and in the journal's
// ring for as long as that holds it, whoever reads the log asks here what it says now.
//
// Thread: the loop's. Owner: the UserLog. The store outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/api/store.h"

namespace halley {

// What stands in the place of an event.
struct Correction {
  storage::BufferId buffer = 0;
  std::uint16_t text_at = 0;
  std::string line;
};

class Corrections {
 public:
  // So many are remembered of a user; the oldest is forgotten. Those the store has already, as a rule.
  static constexpr std::size_t kMostCorrections = 1000;

  Corrections(storage::Store& store, storage::UserId user) : store_(store), user_(user) {}

  // REQUIRES: `id` is an event of the user's.
  // `done` once the store has it: until then a crash would undo it. What comes meanwhile goes in one commit.
  void put(storage::EventId id, Correction correction, std::function<void()> done);
  // The event as it is now. It views `event`, and what is kept here until the next put().
  storage::Event shown(const storage::Event& event) const;
  // Is this a row as it was before it was corrected?
  bool outdated(const storage::Event& event) const;
  std::weak_ptr<int> alive() const { return alive_; }  // expires with this

 private:
  void commit();

  // What a successor needs. Whoever waits for a commit asks again.
  struct State {
    std::map<storage::EventId, Correction> kept;
    std::vector<storage::Change> changes;  // for the next commit
  };

  storage::Store& store_;
  const storage::UserId user_;
  State state_;
  std::vector<std::function<void()>> waiting_;  // for the next commit
  bool committing_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // the store's answers check that we still live
};

}  // namespace halley
