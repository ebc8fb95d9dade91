// Has the lines removed that are older than their users' retention says (history.retention_days, or the
// user's own retention-days), and what is left in the files of lines that were taken back.
//
// Thread: the loop's. Owner: the composition root; what it is given outlives it. Looks once an hour, the
// first time ten minutes after the start. A wall clock that was set meanwhile is not believed until the next
// look: a day in the future for a minute must not cost anybody a line.
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
  bool under_way_ = false;  // while the disk is in trouble, one removal waits, not one an hour
  std::unique_ptr<net::Timer> timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
