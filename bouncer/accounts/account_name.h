// What users, networks and devices may be called. Names stand in paths (text logs, exports), in logins and as
// words of command lines, so that none may mean a folder or an option there. Names that earlier versions took
// keep working: what is checked is what is new.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace halley {

inline constexpr std::size_t kLongestAccountName = 32;
// May stand in a name: A-Z a-z 0-9 _ . -
bool is_of_account_name(char c);
// 1 to 32 of these, neither "." nor "..", and not beginning with "-".
bool is_account_name(std::string_view name);
// Of a "user", "network" or "device": why there can be none of that name, and what is one.
std::expected<void, std::string> check_account_name(std::string_view of, std::string_view name);
// `text` made such a name: what may not be in one is '-' in it ('_' at its beginning), and what is too long
// is cut. Empty: so was the text.
std::string account_name_like(std::string_view text);

}  // namespace halley
