// Small state that outlives the process and a kill -9: device positions, numbers of commands ... Each kind
// (state_kinds.h) has one owner, which takes at start what was kept of it, and puts what changes; a put is
// journalled when it returns. It goes by itself with its user, network or device, of which owners are told,
// as they are of buffers.
//
// Thread: the loop's. Owner: the Bouncer; journal and store outlive it, and it outlives the owners of kinds.
// A successor loads what was put as a start does: of what it has put no owner hands anything on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "bouncer/core/state_kinds.h"
#include "storage/api/store.h"

namespace halley {

class DurableState;

// Who owns a kind of users, devices or buffers: told of what goes, with which what was kept of it goes by
// itself. What is of a network alone lives no longer than that: its owner takes it, puts it, and need be
// none.
class StateOwner {
 public:
  StateOwner(const StateOwner&) = delete;
  StateOwner& operator=(const StateOwner&) = delete;
  virtual void forget_user(storage::UserId user);
  virtual void forget_network(storage::UserId user, storage::NetworkId network);
  virtual void forget_device(storage::DeviceId device);
  // The buffer is about to go, with all that was said there: what was kept of it is still there, and is the
  // owner's to remove.
  virtual void forget_buffer(storage::UserId user, storage::NetworkId network, storage::BufferId buffer);
  // Adds the user's buffers that are not to go by themselves, though nothing was said there: what is kept
  // of them would be lost.
  virtual void add_kept_buffers(storage::UserId user, std::vector<storage::BufferId>& kept) const;

 protected:
  explicit StateOwner(DurableState& states);
  ~StateOwner();
  DurableState& states_;

 private:
  friend class DurableState;
  StateOwner* before_;  // null: the first one
  StateOwner* next_;    // null: the last one
};

class DurableState {
 public:
  DurableState(storage::Journal& journal, storage::Store& store, std::vector<storage::StateRow> loaded);
  // What still waits takes what the journal keeps back: it would be lost.
  ~DurableState();
  DurableState(const DurableState&) = delete;
  DurableState& operator=(const DurableState&) = delete;

  // For the kind's owner, at start: what was kept of it, of one user or of all; of each user the one that was
  // written longest ago first. REQUIRES (both): before taken().
  using Take = std::function<void(const storage::StateRow& row)>;
  void take(StateKind kind, storage::UserId user, const Take& take) const;
  void take(StateKind kind, const Take& take) const;
  // All owners have taken theirs: what was loaded is forgotten here. Kinds that nobody knows stay in the
  // database.
  void taken() { decltype(loaded_){}.swap(loaded_); }

  // `record.kind` is filled in. An empty value removes. REQUIRES: the kind has its row in
  // core/state_kinds.h; key and value are within storage::kMaxStateKey and kMaxStateValue; the owner keeps
  // fewer than storage::kMostStates of a user.
  // What must be durable when this returns asks has_room() before. Else it may have to wait for room, in
  // memory: the newest of each key, so never more than there are states.
  void put(StateKind kind, storage::StateRecord record);
  // For one more.
  bool has_room() const { return journal_.has_room(storage::kMaxRecord); }
  // There may be room again: what waits is put.
  void room();
  std::size_t waiting() const { return waiting_.size(); }

  // They are no more: all owners are told.
  void forget_user(storage::UserId user);
  void forget_network(storage::UserId user, storage::NetworkId network);
  void forget_device(storage::DeviceId device);
  // It is about to go, likewise. REQUIRES: the User and its Network still have it.
  void forget_buffer(storage::UserId user, storage::NetworkId network, storage::BufferId buffer);
  // Those that some owner keeps: in no order, and perhaps more than once.
  std::vector<storage::BufferId> kept_buffers(storage::UserId user) const;

 private:
  friend class StateOwner;
  // What tells a state from the others.
  using WaitingKey =
      std::tuple<storage::UserId, std::uint16_t, storage::NetworkId, storage::DeviceId, std::string>;
  template <typename Tell>
  void each_owner(Tell tell) const;
  template <typename Gone>
  void forget_waiting(Gone gone);
  void wait_for_room(WaitingKey key, std::string_view value);
  void put_first_waiting();

  storage::Journal& journal_;
  storage::Store& store_;
  std::vector<storage::StateRow> loaded_;  // by kind and user
  // What waits for room, in the order in which it was written, and where each is there.
  std::map<std::uint64_t, std::pair<WaitingKey, std::string>> waiting_;
  std::map<WaitingKey, std::uint64_t> waiting_at_;
  StateOwner* owners_ = nullptr;  // five of each user, in no order
};

}  // namespace halley
