#include "bouncer/accounts/account_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace halley {

bool is_of_account_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

bool is_account_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestAccountName || name == "." || name == "..") return false;
  return name.front() != '-' && std::ranges::all_of(name, is_of_account_name);
}

std::expected<void, std::string> check_account_name(std::string_view of, std::string_view name) {
  if (is_account_name(name)) return {};
  return std::unexpected(fmt::format(
      "\"{}\" cannot be a {}'s name: use 1 to 32 of A-Z a-z 0-9 _ . -, not \"-\" first, nor \".\" or "
      "\"..\" alone",
      name, of));
}

std::string account_name_like(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (name.size() == kLongestAccountName) break;
    const bool goes_on = (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // a character of UTF-8
    if (!goes_on) name += is_of_account_name(c) ? c : '-';
  }
  if (!name.empty() && !is_account_name(name)) name.front() = '_';
  return name;
}

}  // namespace halley
