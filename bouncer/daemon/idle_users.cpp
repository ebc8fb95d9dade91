#include "bouncer/daemon/idle_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <utility>

#include "bouncer/accounts/user_settings.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"

namespace halley {
namespace {

constexpr std::uint64_t kHourMs = 60 * 60 * 1000;
constexpr std::int64_t kIdleDayMs = 24 * std::int64_t{kHourMs};
constexpr std::int64_t kClockMayJumpMs = 60 * 1000;

std::string reason(std::uint32_t days) {
  return fmt::format("nobody has been here for {} day{}", days, days == 1 ? "" : "s");
}

}  // namespace

IdleUsers::IdleUsers(DurableState& states, net::Loop& loop, Accounts& accounts, const Config& config,
                     Users users)
    : StateOwner(states),
      loop_(loop),
      accounts_(accounts),
      config_(config),
      users_(std::move(users)),
      offset_ms_(offset_ms()) {
  states_.take(StateKind::kUserSeen, [this](const storage::StateRow& row) {
    std::int64_t at_ms = 0;
    std::from_chars(row.value.data(), row.value.data() + row.value.size(), at_ms);
    seen_[row.user] = at_ms;
  });
  timer_ = loop.timer([this] { look(); });
  timer_->start(kHourMs);
}

std::int64_t IdleUsers::offset_ms() const {
  return now_ms() - static_cast<std::int64_t>(loop_.clock().monotonic_ms());
}

void IdleUsers::forget_user(UserId user) {
  seen_.erase(user);
}

// What was kept by a clock that was ahead counts for nothing any more.
void IdleUsers::keep(UserId user, std::int64_t at_ms) {
  const std::int64_t now = now_ms();
  const auto kept = seen_.find(user);
  const std::int64_t before = kept == seen_.end() || kept->second > now ? 0 : kept->second;
  if (at_ms > now || at_ms - before < std::int64_t{kHourMs} || !states_.has_room()) return;
  seen_[user] = at_ms;
  states_.put(
      StateKind::kUserSeen,
      {.user = user, .network = 0, .device = 0, .kind = 0, .key = {}, .value = std::to_string(at_ms)});
}

std::int64_t IdleUsers::rows_seen_ms(UserId id) const {
  std::int64_t last = 0;
  for (const storage::DeviceRow* device : accounts_.devices(id)) last = std::max(last, device->seen_ms);
  for (const storage::SessionRow* session : accounts_.sessions(id)) last = std::max(last, session->seen_ms);
  return last;
}

std::int64_t IdleUsers::last_seen_ms(UserId id) const {
  std::int64_t last = rows_seen_ms(id);
  if (const storage::UserRow* row = accounts_.user(id)) last = std::max(last, row->created_ms);
  if (const auto kept = seen_.find(id); kept != seen_.end()) last = std::max(last, kept->second);
  return last;
}

std::uint32_t IdleUsers::days_away(const User& user) const {
  const std::uint32_t most = idle_days(user.row(), config_.limits.idle_days);
  if (most == 0 || !user.clients().empty()) return 0;
  const std::int64_t days = (now_ms() - last_seen_ms(user.id())) / kIdleDayMs;
  return days >= most ? static_cast<std::uint32_t>(days) : 0;
}

void IdleUsers::before_start(User& user) const {
  const std::uint32_t days = days_away(user);
  if (days > 0) {
    user.rest(reason(days));
  } else if (user.resting()) {
    user.wake();
  }
}

void IdleUsers::settings_changed(User& user) const {
  if (user.resting() && days_away(user) == 0) user.wake();
}

// Who stays attached for weeks was here until they leave, and what only a row knows now is known without it.
void IdleUsers::see(const User& user) {
  for (const Client* client : user.clients()) accounts_.device_seen(client->device());
  keep(user.id(), user.clients().empty() ? rows_seen_ms(user.id()) : now_ms());
}

void IdleUsers::look() {
  timer_->start(kHourMs);
  const std::int64_t before = std::exchange(offset_ms_, offset_ms());
  const bool clock_was_set = std::abs(offset_ms_ - before) > kClockMayJumpMs;
  for (User* user : users_()) {
    if (!user->row().enabled) continue;
    see(*user);
    settings_changed(*user);
    if (clock_was_set || user->resting()) continue;
    const std::uint32_t days = days_away(*user);
    if (days == 0) continue;
    const std::string why = reason(days);
    for (const auto& network : user->networks()) {
      if (!network->row().enabled) continue;
      user->tell(*network,
                 fmt::format("Disconnected: {}. A client or a browser that comes back connects again.", why));
    }
    user->rest(why);
    accounts_.audit().info(fmt::format("networks of {} are left: {}", user->name(), why));
  }
}

}  // namespace halley
