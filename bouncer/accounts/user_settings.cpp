#include "bouncer/accounts/user_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "bouncer/accounts/retention_rules.h"
#include "bouncer/accounts/rules.h"
#include "bouncer/irc/bytes.h"
#include "bouncer/net/address.h"

namespace halley {
namespace {

constexpr std::size_t kMostAway = 300;

constexpr std::string_view kUploadQuota = "upload-quota";
constexpr std::uint32_t kMostQuota = 1'000'000, kUsualQuota = 100;  // MiB

constexpr std::string_view kBind = "bind", kRetentionDays = "retention-days";
constexpr std::string_view kIdleDays = "idle-days", kTextLogs = "text-logs";
constexpr std::uint32_t kMostIdleDays = 36'500;

constexpr std::string_view kNetworksAllowed = "max-networks", kChannelsAllowed = "max-channels";
constexpr std::uint32_t kMostAllowed = 100'000;

// The normal form of a number up to `most`, or of nothing.
setting_accessors::Checked count_up_to(std::uint32_t most, std::string_view text, std::string refusal) {
  if (text.empty()) return std::string();
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count > most)
    return std::unexpected(std::move(refusal));
  return std::to_string(count);
}

setting_accessors::Checked check_idle_days(std::string_view text) {
  return count_up_to(
      kMostIdleDays, text,
      fmt::format("idle-days is a number of days up to {}, 0 for never, or empty for limits.idle_days",
                  kMostIdleDays));
}

setting_accessors::Checked check_max_networks(std::string_view text) {
  return count_up_to(
      kMostAllowed, text,
      fmt::format("max-networks is a number up to {}, or empty for limits.networks_per_user", kMostAllowed));
}

setting_accessors::Checked check_max_channels(std::string_view text) {
  return count_up_to(
      kMostAllowed, text,
      fmt::format("max-channels is a number up to {}, or empty for limits.channels_per_network",
                  kMostAllowed));
}

setting_accessors::Checked check_text_logs(std::string_view text) {
  if (text.empty() || text == "yes" || text == "no") return std::string(text);
  return std::unexpected("text-logs is yes, no, or empty for history.text_logs");
}

setting_accessors::Checked check_quota(std::string_view text) {
  return count_up_to(kMostQuota, text, fmt::format("upload-quota is a number of MiB up to {}", kMostQuota));
}

std::expected<std::string, std::string> check_bind(std::string_view address) {
  if (address.empty() || net::Address::numeric(std::string(address), 0).valid()) return std::string(address);
  return std::unexpected("bind is one of this machine's addresses in numbers, such as 2001:db8::7");
}

std::uint32_t kept_count(const storage::UserRow& row, std::string_view name, std::uint32_t otherwise) {
  const std::string kept = kept_value(row.settings, name);
  std::uint32_t count = otherwise;
  std::from_chars(kept.data(), kept.data() + kept.size(), count);
  return count;
}

UserLimit user_limit(const storage::UserRow& row, std::string_view name, std::size_t otherwise,
                     std::string_view setting) {
  const bool own = !kept_value(row.settings, name).empty();
  return own ? UserLimit{kept_count(row, name, 0), name} : UserLimit{otherwise, setting};
}

std::expected<void, std::string> take_admin(const UserSetting&, storage::UserRow& row, std::string_view value,
                                            const SettingContext&) {
  if (value != "" && value != "yes" && value != "no") return std::unexpected("admin is yes or no");
  row.admin = value == "yes";
  return {};
}

std::string show_admin(const UserSetting&, const storage::UserRow& row, const Sealer*) {
  return row.admin ? "yes" : "no";
}

bool same_admin(const UserSetting&, const storage::UserRow& a, const storage::UserRow& b) {
  return a.admin == b.admin;
}

constexpr UserSetting kUserSettings[] = {
    {.name = "admin",
     .kind = UserSetting::Kind::kFlag,
     .value = "yes|no",
     .accessors = {.take = take_admin, .show = show_admin, .same = same_admin},
     .help = "may use every command in band, and read the metrics"},
    {.name = kRetentionDays,
     .kind = UserSetting::Kind::kCount,
     .value = "DAYS",
     .accessors = setting_accessors::kept<storage::UserRow, check_retention>(),
     .help = "days that lines are kept; 0: for ever; empty: history.retention_days"},
    {.name = kBind,
     .value = "ADDRESS",
     .accessors = setting_accessors::kept<storage::UserRow, check_bind>(),
     .help = "the local address to reach networks from; empty: upstream.bind"},
    {.name = kReattachOnSetting,
     .value = "WHEN",
     .accessors = setting_accessors::kept<storage::UserRow, check_reattach>(),
     .help = "a detached channel is shown again: never, highlight (the default) or message"},
    {.name = kAutoAwaySetting,
     .value = "TEXT",
     .accessors = setting_accessors::kept<storage::UserRow, check_away>(),
     .help = "AWAY with this text while no client is there; empty: not"},
    {.name = kUploadQuota,
     .kind = UserSetting::Kind::kCount,
     .value = "MIB",
     .accessors = setting_accessors::kept<storage::UserRow, check_quota>(),
     .help = "MiB of files that may be uploaded; 0: none; empty: 100"},
    {.name = kIdleDays,
     .kind = UserSetting::Kind::kCount,
     .value = "DAYS",
     .accessors = setting_accessors::kept<storage::UserRow, check_idle_days>(),
     .help =
         "days after which networks are left while nobody is attached; 0: never; empty: limits.idle_days"},
    {.name = kNetworksAllowed,
     .kind = UserSetting::Kind::kCount,
     .value = "N",
     .accessors = setting_accessors::kept<storage::UserRow, check_max_networks>(),
     .help = "networks that may be added; 0: none; empty: limits.networks_per_user"},
    {.name = kChannelsAllowed,
     .kind = UserSetting::Kind::kCount,
     .value = "N",
     .accessors = setting_accessors::kept<storage::UserRow, check_max_channels>(),
     .help = "channels on each network; 0: none; empty: limits.channels_per_network"},
    {.name = kTextLogs,
     .value = "yes|no",
     .accessors = setting_accessors::kept<storage::UserRow, check_text_logs>(),
     .help = "plain-text files of what is logged, too, in data_dir/logs; empty: history.text_logs"},
    {.name = kRulesSetting,
     .kind = UserSetting::Kind::kLines,
     .value = "RULE",
     .accessors = setting_accessors::kept<storage::UserRow, check_rules>(),
     .help = "what calls the user, or is not heard: KIND MATCH PATTERN, as rule add takes it"},
};

}  // namespace

std::expected<std::string, std::string> check_away(std::string_view text) {
  if (!irc::has_forbidden_byte(text) && text.size() <= kMostAway) return std::string(text);
  return std::unexpected(fmt::format("auto-away is one line of at most {} bytes", kMostAway));
}

std::expected<std::string, std::string> check_reattach(std::string_view when) {
  if (when.empty() || when == "never" || when == "highlight" || when == "message") return std::string(when);
  return std::unexpected("reattach-on is never, highlight or message");
}

std::span<const UserSetting> user_settings() {
  return kUserSettings;
}

std::expected<void, std::string> take_settings(storage::UserRow& row, const SettingValues& values, bool fresh,
                                               const SettingContext& context) {
  return take_from_table(user_settings(), "a user", row, {values, fresh, context});
}

std::string bind_address(const storage::UserRow& row) {
  return kept_value(row.settings, kBind);
}

std::uint64_t upload_quota(const storage::UserRow& row) {
  return std::uint64_t{kept_count(row, kUploadQuota, kUsualQuota)} << 20;
}

std::uint32_t idle_days(const storage::UserRow& row, std::uint32_t otherwise) {
  return kept_count(row, kIdleDays, otherwise);
}

UserLimit max_networks(const storage::UserRow& row, const Config::LimitsConfig& limits) {
  return user_limit(row, kNetworksAllowed, limits.networks_per_user, "limits.networks_per_user");
}

UserLimit max_channels(const storage::UserRow& row, const Config::LimitsConfig& limits) {
  return user_limit(row, kChannelsAllowed, limits.channels_per_network, "limits.channels_per_network");
}

bool has_text_logs(const storage::UserRow& row, bool otherwise) {
  const std::string kept = kept_value(row.settings, kTextLogs);
  return kept.empty() ? otherwise : kept == "yes";
}

std::uint32_t retention_days(const storage::UserRow& row, std::uint32_t otherwise) {
  return kept_count(row, kRetentionDays, otherwise);
}

}  // namespace halley
