// What SCRAM-SHA-256 needs of a device's token: salt, stored key and server key, as text in one column. A
// token is 256 random bits, so that nobody finds it from these; passwords, which are not, have none
// (SECURITY.md).
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/irc/scram.h"

namespace halley {

// As few as clients take (RFC 7677 section 4): more would not make a random token harder to find.
inline constexpr std::uint32_t kTokenScramRounds = irc::kLeastScramRounds;

struct TokenScram {
  std::string salt;
  irc::ScramKeys keys;
};

// Slow: a millisecond or two.
std::string make_scram_keys(std::string_view token, std::string_view salt);
// nullopt: there are none.
std::optional<TokenScram> read_scram_keys(std::string_view kept);

}  // namespace halley
