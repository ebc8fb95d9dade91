#include "bouncer/daemon/retention.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "bouncer/accounts/retention_rules.h"

namespace halley {
namespace {

constexpr std::uint64_t kFirstLookMs = 10 * 60 * 1000, kEveryMs = 60 * 60 * 1000;
constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;
constexpr std::int64_t kClockMayDriftMs = 60 * 1000;

}  // namespace

Retention::Retention(net::Loop& loop, storage::Store& store, const Accounts& accounts, const Config& config)
    : loop_(loop), store_(store), accounts_(accounts), config_(config), offset_ms_(offset_ms()) {
  timer_ = loop.timer([this] { look(); });
  timer_->start(kFirstLookMs);
}

std::int64_t Retention::offset_ms() const {
  return loop_.clock().wall_us() / 1000 - static_cast<std::int64_t>(loop_.clock().monotonic_ms());
}

void Retention::look() {
  timer_->start(kEveryMs);
  const std::int64_t before = std::exchange(offset_ms_, offset_ms());
  if (std::abs(offset_ms_ - before) > kClockMayDriftMs) return;
  const std::int64_t now_ms = loop_.clock().wall_us() / 1000;
  const bool overwrite = now_ms - overwritten_ms_ >= kDayMs;
  std::vector<storage::Change> changes =
      outdated_lines(accounts_, config_.history.retention_days, now_ms, overwrite);
  changes.emplace_back(storage::ForgetErased{});
  if (under_way_) return;
  under_way_ = true;
  if (overwrite) overwritten_ms_ = now_ms;
  store_.commit(std::move(changes), [this, alive = std::weak_ptr<int>(alive_)](const storage::Status&) {
    if (!alive.expired()) under_way_ = false;
  });
}

}  // namespace halley
