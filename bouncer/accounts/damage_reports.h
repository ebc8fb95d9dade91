// Damage that starts, and the checks behind them, found and that cost lines: shown by `status` until an
// administrator has seen it, over restarts too.
//
// Thread: the loop's. Owner: the composition root (or the command line without a daemon); the store outlives
// it. A successor loads them as a start does.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/api/store.h"

namespace halley {

class DamageReports {
 public:
  DamageReports(storage::Store& store, std::vector<storage::DamageRow> found)
      : store_(store), found_(std::move(found)) {}
  // The oldest first.
  const std::vector<storage::DamageRow>& found() const { return found_; }
  // What the check behind the start found; the store remembers it. False: it is known, of an earlier start.
  bool add(const storage::DamageRow& row) {
    if (std::ranges::any_of(found_, [&row](const auto& found) { return found.what == row.what; }))
      return false;
    found_.push_back(row);
    return true;
  }
  void acknowledge() {
    if (found_.empty()) return;
    found_.clear();
    store_.commit({storage::ForgetDamage{}}, nullptr);
  }

 private:
  storage::Store& store_;
  std::vector<storage::DamageRow> found_;
};

}  // namespace halley
