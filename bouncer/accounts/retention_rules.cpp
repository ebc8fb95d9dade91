#include "bouncer/accounts/retention_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bouncer/accounts/buffer_settings.h"
#include "bouncer/accounts/user_settings.h"

namespace halley {
namespace {

constexpr std::uint32_t kMostDays = 36'500;
constexpr std::int64_t kDayOfRetentionMs = 24 * 60 * 60 * 1000;

}  // namespace

std::expected<std::string, std::string> check_retention(std::string_view text) {
  if (text.empty()) return std::string();
  std::uint32_t days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc() || end != text.data() + text.size() || days > kMostDays) {
    return std::unexpected(fmt::format(
        "that is a number of days from 1 to {}, 0 for ever, or empty for what else is said", kMostDays));
  }
  return std::to_string(days);
}

std::vector<storage::Change> outdated_lines(const Accounts& accounts, std::uint32_t configured,
                                            std::int64_t now_ms, bool overwrite) {
  std::vector<storage::Change> changes;
  const auto before = [now_ms](std::uint32_t days) {
    return days == 0 ? 0 : now_ms - days * kDayOfRetentionMs;
  };
  for (const storage::UserRow* user : accounts.users()) {
    const std::uint32_t days = retention_days(*user, configured);
    storage::RemoveEvents removal{.user = user->id, .before_ms = before(days), .overwrite = overwrite};
    for (const storage::BufferRow* buffer : accounts.set_buffers(user->id)) {
      if (!own_retention(*buffer).empty())
        removal.own.push_back({buffer->id, before(retention_days(*buffer, days))});
    }
    const bool any =
        days > 0 || std::ranges::any_of(removal.own, [](const auto& own) { return own.before_ms > 0; });
    if (any) changes.emplace_back(std::move(removal));
  }
  return changes;
}

}  // namespace halley
