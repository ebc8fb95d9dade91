// The buffers of one network: its channels and queries, and "" for the network itself. A buffer is made when
// something is first to be shown in it, and keeps its id for good, its name as long as its partner does.
//
// Thread: the loop's. Owner: the Network. What it is given outlives it. A successor reads them as a start
// does.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/irc/casemapping.h"
#include "storage/api/store.h"

namespace halley {

class EventIds;

struct Buffer {
  BufferId id = 0;
  std::string name;
};

class Buffers {
 public:
  // `hash_key`: one that no network knows.
  Buffers(storage::Journal& journal, EventIds& ids, std::uint64_t hash_key, UserId user, NetworkId network)
      : journal_(journal), ids_(ids), key_(hash_key), user_(user), network_(network) {}

  // Bytes of a name; what is longer is cut.
  static constexpr std::size_t kMaxBufferName = 512;
  // When there are so many, what is new is shown in the network's own buffer: who speaks to us, and the
  // network, decide neither our memory nor how long a start takes. What the user does may make more of them.
  static constexpr std::size_t kMostByOthers = 10'000, kMostByUser = 20'000;
  enum class MadeBy { kOthers, kUser };

  // 0: there is none of that name.
  BufferId find(std::string_view name) const;
  // The same, made and journalled when there is none; the network's own when there are too many.
  // REQUIRES: the journal has room for a record.
  BufferId make(std::string_view name, MadeBy by = MadeBy::kOthers);
  // The talk with `from` is now with `to`. Nothing happens when there is none, or one with `to` already.
  // REQUIRES: the journal has room for a record.
  void rename(std::string_view from, std::string_view to);
  void remove(BufferId id) { forget({id}); }  // another of that name may be made
  void forget(std::vector<BufferId> ids);
  // Something is logged there.
  void used(std::span<const BufferId> ids) {
    if (used_) used_->insert(ids.begin(), ids.end());
  }
  // From watch() to unwatch() it is known which were made or used.
  void watch() { used_ = std::make_unique<std::set<BufferId>>(); }
  void unwatch() { used_.reset(); }
  bool was_used(BufferId id) const { return used_ && used_->contains(id); }
  void load(const storage::BufferRow& row);  // at start; REQUIRES: in the order of their ids
  // Null: none of that id.
  const std::string* name(BufferId id) const;
  const std::vector<Buffer>& all() const { return entries_; }  // oldest first

  // How the network folds names. Kept while the link is down: what was found before is found then.
  void set_casemapping(irc::CaseMapping mapping);

 private:
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};
  std::size_t slot_of(std::string_view name) const;
  std::uint32_t index(std::string_view name) const;  // kFree: none
  void add(Buffer buffer);
  void rehash(std::size_t slots);
  void erase_slot(std::size_t slot);

  storage::Journal& journal_;
  EventIds& ids_;
  std::uint64_t key_;
  UserId user_;
  NetworkId network_;
  irc::CaseMapping mapping_ = irc::CaseMapping::kRfc1459;
  std::vector<Buffer> entries_;       // by id
  std::vector<std::uint32_t> slots_;  // a power of two of them: indices of entries_, by hash
  mutable std::uint32_t last_found_ = 0;
  std::unique_ptr<std::set<BufferId>> used_;  // null: nobody watches
};

}  // namespace halley
