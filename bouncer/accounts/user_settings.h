// The one table of a user's settings. Constant; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "bouncer/accounts/setting.h"
#include "bouncer/config/config.h"

namespace halley {

using UserSetting = Setting<storage::UserRow>;

// What networks set for themselves, or have from their user.
inline constexpr std::string_view kReattachOnSetting = "reattach-on", kAutoAwaySetting = "auto-away";

std::span<const UserSetting> user_settings();

// As for a network (network_settings.h).
std::expected<void, std::string> take_settings(storage::UserRow& row, const SettingValues& values, bool fresh,
                                               const SettingContext& context);

// What users and networks may both set, a network for itself: the normal form, or what is wrong.
std::expected<std::string, std::string> check_away(std::string_view text);
std::expected<std::string, std::string> check_reattach(std::string_view when);

// Bytes of files that the user may have uploaded; 0: none.
std::uint64_t upload_quota(const storage::UserRow& row);

// The local address that the user's networks are reached from; empty: upstream.bind.
std::string bind_address(const storage::UserRow& row);

// Days that the user's networks stay while nobody is attached, 0: for ever. `otherwise`: what halley.toml
// says.
std::uint32_t idle_days(const storage::UserRow& row, std::uint32_t otherwise);

// How many networks the user may have, and channels on each, and which setting says so: the user's own or one
// of halley.toml. What they have already stays theirs; a channel beyond it that is joined anew is left again.
struct UserLimit {
  std::size_t most;
  std::string_view setting;  // lives for ever
};
UserLimit max_networks(const storage::UserRow& row, const Config::LimitsConfig& limits);
UserLimit max_channels(const storage::UserRow& row, const Config::LimitsConfig& limits);

// Are the user's lines written to plain-text files, too? `otherwise`: what halley.toml says.
bool has_text_logs(const storage::UserRow& row, bool otherwise);

// Days that the user's lines are kept, 0: for ever. `otherwise`: what halley.toml says.
std::uint32_t retention_days(const storage::UserRow& row, std::uint32_t otherwise);

}  // namespace halley
