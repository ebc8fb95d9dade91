#include "bouncer/accounts/scram_keys.h"

#include <array>

#include "bouncer/irc/sasl.h"

namespace halley {

std::string make_scram_keys(std::string_view token, std::string_view salt) {
  const irc::ScramKeys keys = irc::scram_keys(irc::scram_salted_password(token, salt, kTokenScramRounds));
  return irc::base64_encode(salt) + ' ' + irc::base64_encode(keys.stored_key) + ' ' +
         irc::base64_encode(keys.server_key);
}

std::optional<TokenScram> read_scram_keys(std::string_view kept) {
  std::array<std::string, 3> parts;
  for (std::string& part : parts) {
    const std::size_t space = kept.find(' ');
    auto bytes = irc::base64_decode(kept.substr(0, space));
    if (!bytes || bytes->empty()) return std::nullopt;
    part = std::move(*bytes);
    kept = space == std::string_view::npos ? std::string_view{} : kept.substr(space + 1);
  }
  return TokenScram{.salt = std::move(parts[0]),
                    .keys = {.stored_key = std::move(parts[1]), .server_key = std::move(parts[2])}};
}

}  // namespace halley
