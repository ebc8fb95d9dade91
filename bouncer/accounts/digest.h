// Digests and tokens, over OpenSSL's EVP. Pure but for the Random given; any thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "bouncer/net/clock.h"

namespace halley {

// SHA-256 in lower-case hex: how tokens are kept.
std::string sha256_hex(std::string_view bytes);
// HMAC-SHA256.
using Mac = std::array<unsigned char, 32>;
Mac keyed_mac(std::span<const unsigned char> key, std::string_view text);
// `prefix` and 32 random bytes in base64url without padding.
std::string random_token(std::string_view prefix, net::Random& random);
// Overwrites what a string held, so that a secret does not linger in freed memory.
void wipe(std::string& secret);

}  // namespace halley
