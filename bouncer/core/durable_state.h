// Small state that outlives the process and a kill -9: device positions, numbers of commands ... Each kind
// (state_kinds.h) has one owner, which takes at start what was kept of it, and puts what changes; a put is
// journalled when it returns. It goes by itself with its user, network or device.
//
// Thread: the loop's. Owner: the Bouncer; journal and store outlive it.
#pragma once

#include <functional>
#include <vector>

#include "bouncer/core/state_kinds.h"
#include "storage/api/store.h"

namespace halley {

class DurableState {
 public:
  DurableState(storage::Journal& journal, storage::Store& store, std::vector<storage::StateRow> loaded);

  // For the kind's owner, at start: what was kept of it, of one user or of all; of each user the one that was
  // written longest ago first.
  using Take = std::function<void(const storage::StateRow& row)>;
  void take(StateKind kind, storage::UserId user, const Take& take) const;
  void take(StateKind kind, const Take& take) const;
  // All owners have taken theirs: what was loaded is forgotten here. Kinds that nobody knows stay in the
  // database.
  void taken() { decltype(loaded_){}.swap(loaded_); }

  // `record.kind` is filled in. An empty value removes. REQUIRES: the journal has room; key and value are
  // within storage::kMaxStateKey and kMaxStateValue; the owner keeps fewer than storage::kMostStates of a
  // user.
  void put(StateKind kind, storage::StateRecord record);
  // For one more.
  bool has_room() const { return journal_.has_room(storage::kMaxRecord); }

 private:
  storage::Journal& journal_;
  storage::Store& store_;
  std::vector<storage::StateRow> loaded_;  // by kind and user
};

}  // namespace halley
