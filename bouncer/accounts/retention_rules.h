// How long lines are kept: as a buffer's own setting says, else its user's, else halley.toml. Pure; the
// loop's thread, as the Accounts.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/accounts.h"

namespace halley {

// The normal form of a number of days, 0: for ever, or of nothing: what the rule above says.
std::expected<std::string, std::string> check_retention(std::string_view text);

// What is to be removed now; `configured` is history.retention_days. `overwrite`: and then nothing of it may
// be left in a file.
std::vector<storage::Change> outdated_lines(const Accounts& accounts, std::uint32_t configured,
                                            std::int64_t now_ms, bool overwrite);

}  // namespace halley
