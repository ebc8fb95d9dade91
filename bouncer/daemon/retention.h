// Has the lines removed that are older than the retention says (accounts/retention_rules.h), and once a day
// what the files still hold of them: that costs a merge of the whole index, and is not done each hour. What
// is left of lines that were taken back goes within the hour.
//
// Thread: the loop's. Owner: the composition root; what it is given outlives it. Looks once an hour, the
// first time ten minutes after the start. A wall clock that was set meanwhile is not believed until the next
// look: a day in the future for a minute must not cost anybody a line. A successor begins anew.
#pragma once

#include <cstdint>
#include <memory>

#include "bouncer/accounts/accounts.h"
#include "bouncer/config/config.h"
#include "bouncer/net/loop.h"
#include "storage/api/store.h"

namespace halley {

class Retention {
 public:
  Retention(net::Loop& loop, storage::Store& store, const Accounts& accounts, const Config& config);

 private:
  void look();
  // Milliseconds by which the wall clock is ahead of the monotonic one: the same until it is set.
  std::int64_t offset_ms() const;

  net::Loop& loop_;
  storage::Store& store_;
  const Accounts& accounts_;
  const Config& config_;
  std::int64_t offset_ms_;
  std::int64_t overwritten_ms_ = 0;  // when the files were last to be rid of what has been removed
  bool under_way_ = false;           // while the disk is in trouble, one removal waits, not one an hour
  std::unique_ptr<net::Timer> timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
