// The one table of a network's settings. Constant; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/setting.h"

namespace halley {

using NetworkSetting = Setting<storage::NetworkRow>;

// In the order in which they are taken: a later one may look at an earlier one.
std::span<const NetworkSetting> network_settings();

// Takes `values` into `row`; what is not among them keeps its value, or in a `fresh` row gets its default.
// The error says what is wrong; the row may then have been changed in part.
std::expected<void, std::string> take_settings(storage::NetworkRow& row, const SettingValues& values,
                                               bool fresh, const SettingContext& context);

// Whether going from one to the other needs a new connection.
bool needs_reconnect(const storage::NetworkRow& before, const storage::NetworkRow& after);

// Reached by the proxy of upstream.socks.
bool by_socks(const storage::NetworkRow& row);

// The lines to send once connected, with '\n' between, sealed for seal_purpose::kOnConnect; empty: none.
std::string sealed_connect_lines(const storage::NetworkRow& row);
// Of a database from before they were sealed: seals them. False: there was nothing to do.
bool seal_connect_lines(storage::NetworkRow& row, const Sealer& sealer);

// What is said to be the reason while no client is there: the network's own text, none where that is "off",
// else its user's; empty: nothing is said.
std::string auto_away(const storage::NetworkRow& row, const storage::UserRow& owner);

// When a detached channel is shown again without being joined: as the network says, else as its user does.
enum class ReattachOn : std::uint8_t { kNever, kHighlight, kMessage };
ReattachOn reattach_on(const storage::NetworkRow& row, const storage::UserRow& owner);

// All that is sealed in the row, by the name of its setting.
struct SealedSecret {
  std::string_view purpose;
  std::string sealed;
};
std::vector<std::pair<std::string_view, SealedSecret>> sealed_secrets(const storage::NetworkRow& row);

}  // namespace halley
