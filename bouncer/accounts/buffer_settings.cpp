#include "bouncer/accounts/buffer_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "bouncer/accounts/retention_rules.h"

namespace halley {
namespace {

using setting_accessors::Checked;

constexpr std::string_view kRetention = "retention";
constexpr std::uint32_t kMostOrder = 100'000;

// "no" is what is not said.
Checked check_flag(std::string_view value) {
  if (value == "yes") return std::string(value);
  if (value.empty() || value == "no") return std::string();
  return std::unexpected("that is yes or no");
}

Checked check_order(std::string_view text) {
  if (text.empty()) return std::string();
  std::uint32_t place = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (error != std::errc() || end != text.data() + text.size() || place > kMostOrder)
    return std::unexpected(fmt::format("order is a number up to {}, or empty for none", kMostOrder));
  return std::to_string(place);
}

Checked check_notify(std::string_view when) {
  if (when.empty() || when == "all" || when == "highlight" || when == "none") return std::string(when);
  return std::unexpected("notify is all, highlight or none, or empty for what is usual");
}

constexpr BufferSetting kBufferSettings[] = {
    {.name = kRetention,
     .kind = BufferSetting::Kind::kCount,
     .value = "DAYS",
     .accessors = setting_accessors::kept<storage::BufferRow, check_retention>(),
     .help = "days that its lines are kept; 0: for ever; empty: as the user's others"},
    {.name = kMutedSetting,
     .kind = BufferSetting::Kind::kFlag,
     .value = "yes|no",
     .attribute = "soju.im/muted",
     .accessors = setting_accessors::kept<storage::BufferRow, check_flag>(),
     .help = "clients tell of it only what calls the user"},
    {.name = kPinnedSetting,
     .kind = BufferSetting::Kind::kFlag,
     .value = "yes|no",
     .attribute = "soju.im/pinned",
     .accessors = setting_accessors::kept<storage::BufferRow, check_flag>(),
     .help = "clients show it first"},
    {.name = "order",
     .kind = BufferSetting::Kind::kCount,
     .value = "PLACE",
     .accessors = setting_accessors::kept<storage::BufferRow, check_order>(),
     .help = "its place among the others, the least first; empty: by name"},
    {.name = "notify",
     .value = "WHEN",
     .accessors = setting_accessors::kept<storage::BufferRow, check_notify>(),
     .help = "what clients announce: all, highlight or none; empty: what is usual"},
};

}  // namespace

std::span<const BufferSetting> buffer_settings() {
  return kBufferSettings;
}

std::expected<void, std::string> take_settings(storage::BufferRow& row, const SettingValues& values,
                                               bool fresh, const SettingContext& context) {
  return take_from_table(buffer_settings(), "a buffer", row, {values, fresh, context});
}

bool has_flag(const storage::BufferRow& row, std::string_view name) {
  return kept_value(row.settings, name) == "yes";
}

std::string own_retention(const storage::BufferRow& row) {
  return kept_value(row.settings, kRetention);
}

std::uint32_t retention_days(const storage::BufferRow& row, std::uint32_t otherwise) {
  const std::string kept = own_retention(row);
  std::uint32_t days = otherwise;
  std::from_chars(kept.data(), kept.data() + kept.size(), days);
  return days;
}

}  // namespace halley
