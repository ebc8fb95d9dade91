// While it lives long statements on `db` end when the work is to stop, and tell that they go on.
//
// Owner and thread: the one that works. What it is given outlives it.
#pragma once

#include <sqlite3.h>

#include <cstdint>

#include "storage/base/sqlite.h"
#include "storage/open/work_watch.h"

namespace halley::storage {

class Interrupted {
 public:
  Interrupted(Db& db, WorkWatch& watch, const char* doing) : db_(db), watch_(watch), doing_(doing) {
    sqlite3_progress_handler(db.handle(), kStepsAtOnce, look, this);
    watch_.at(doing_, 0);
  }
  ~Interrupted() { sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr); }
  Interrupted(const Interrupted&) = delete;
  Interrupted& operator=(const Interrupted&) = delete;

 private:
  static constexpr int kStepsAtOnce = 100'000;
  static int look(void* self) noexcept {
    auto& own = *static_cast<Interrupted*>(self);
    own.watch_.at(own.doing_, own.steps_ += kStepsAtOnce);
    return own.watch_.stopped() ? 1 : 0;
  }

  Db& db_;
  WorkWatch& watch_;
  const char* const doing_;
  std::uint64_t steps_ = 0;
};

}  // namespace halley::storage
