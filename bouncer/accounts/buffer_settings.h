// The one table of a buffer's settings. Constant; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "bouncer/accounts/setting.h"

namespace halley {

using BufferSetting = Setting<storage::BufferRow>;

// Buffers of a network that have settings of their own.
inline constexpr std::size_t kMostSetBuffers = 1000;

inline constexpr std::string_view kMutedSetting = "muted", kPinnedSetting = "pinned";

std::span<const BufferSetting> buffer_settings();

// As for a network (network_settings.h).
std::expected<void, std::string> take_settings(storage::BufferRow& row, const SettingValues& values,
                                               bool fresh, const SettingContext& context);

bool has_flag(const storage::BufferRow& row, std::string_view name);  // muted, pinned

std::string own_retention(const storage::BufferRow& row);  // empty: its lines are kept as the user's others
// Days that its lines are kept, 0: for ever. `otherwise`: what its user's are.
std::uint32_t retention_days(const storage::BufferRow& row, std::uint32_t otherwise);

}  // namespace halley
