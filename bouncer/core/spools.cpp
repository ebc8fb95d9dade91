#include "bouncer/core/spools.h"

namespace halley {

namespace {
// Sixteen encodings at a time: input comes connection by connection, so few users speak at once.
constexpr std::size_t kMostOpenSpools = 16;
constexpr std::size_t kKeptScratch = 4096;
}  // namespace

Spools::Spools(net::Loop& loop) {
  open_.reserve(kMostOpenSpools);
  end_turn_ = loop.task([this] {
    open_.clear();
    if (scratch_.capacity() > kKeptScratch) decltype(scratch_){}.swap(scratch_);
  });
}

Spools::Spool& Spools::open_spool(storage::UserId user, std::uint64_t key) {
  end_turn_->schedule();
  if (open_.size() == kMostOpenSpools) open_.erase(open_.begin());
  open_.push_back({.user = user, .key = key});
  return open_.back();
}

}  // namespace halley
