#include "bouncer/accounts/buffer_settings.h"

#include <charconv>

#include "bouncer/accounts/retention_rules.h"

namespace halley {
namespace {

constexpr std::string_view kRetention = "retention";

constexpr BufferSetting kBufferSettings[] = {
    {.name = kRetention,
     .kind = BufferSetting::Kind::kCount,
     .value = "DAYS",
     .store = setting_store::kept<storage::BufferRow, check_retention>(),
     .help = "days that its lines are kept; 0: for ever; empty: as the user's others"},
};

}  // namespace

std::span<const BufferSetting> buffer_settings() {
  return kBufferSettings;
}

std::expected<void, std::string> take_settings(storage::BufferRow& row, const SettingValues& values,
                                               bool fresh, const SettingContext& context) {
  return take_from_table(buffer_settings(), "a buffer", row, {values, fresh, context});
}

std::uint32_t retention_days(const storage::BufferRow& row, std::uint32_t otherwise) {
  const std::string kept = kept_value(row.settings, kRetention);
  std::uint32_t days = otherwise;
  std::from_chars(kept.data(), kept.data() + kept.size(), days);
  return days;
}

}  // namespace halley
