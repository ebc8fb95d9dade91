// The buffers of one network: its channels and queries, and "" for the network itself. A buffer is made when
// something is first to be shown in it, and keeps its id and first spelling for good.
//
// Thread: the loop's. Owner: the Network. What it is given outlives it.
#pragma once

#include <cstddef>
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
  Buffers(storage::Journal& journal, EventIds& ids, UserId user, NetworkId network)
      : journal_(journal), ids_(ids), user_(user), network_(network) {}

  // Bytes of a name; what is longer is cut.
  static constexpr std::size_t kMaxName = 512;

  // 0: there is none of that name.
  BufferId find(std::string_view name) const;
  // The same, made and journalled when there is none.
  // REQUIRES: the journal has room for a record.
  BufferId make(std::string_view name);
  void load(const storage::BufferRow& row);  // at start
  // Null: none of that id.
  const std::string* name(BufferId id) const;
  const std::vector<Buffer>& all() const { return entries_; }  // by folded name

  // How the network folds names. Kept while the link is down: what was found before is found then.
  void set_casemapping(irc::CaseMapping mapping);

 private:
  std::size_t index(std::string_view name, bool& found) const;

  storage::Journal& journal_;
  EventIds& ids_;
  UserId user_;
  NetworkId network_;
  irc::CaseMapping mapping_ = irc::CaseMapping::kRfc1459;
  std::vector<Buffer> entries_;  // sorted by folded name
  mutable std::size_t last_found_ = 0;
};

}  // namespace halley
