// Passwords: argon2id strings, slow on purpose, so never on the loop's thread; and quick digests of passwords
// that were verified, which need the key file. Each hash has memory of its own, mapped and given back: a
// daemon that has checked a hundred passwords is no larger than one that has checked none.
//
// Pure but for the Random given; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "bouncer/accounts/sealer.h"
#include "bouncer/net/clock.h"

namespace halley {

// Characters (UTF-8 code points) that a password has at least, unless it comes as a hash; and bytes at most.
inline constexpr std::size_t kLeastPassword = 6, kMostPassword = 512;
// What is wrong with a new password; empty: nothing.
std::string check_new_password(std::string_view password);

// m = 9 MiB, t = 4, p = 1 (OWASP's list of equivalent argon2id settings): about 15 ms here. Blocking.
std::string hash_password(std::string_view password, net::Random& random);
// Blocking. Accepts any argon2 string within bounds (m <= 256 MiB, t <= 20), so that hashes of others can be
// imported, and those of other bouncers (foreign_hash.h).
bool verify_password(std::string_view hash, std::string_view password);
// Empty when `hash` is one that verify_password will take, else what is wrong with it.
std::string check_password_hash(std::string_view hash);

// A digest of a password that `hash` has verified: a restart need not pay for the slow hash of each user
// again. Without `key` it is of no use; with it a guess costs a fifth of a millisecond. It holds for this
// `hash` only.
std::string quick_digest(const Sealer::Key& key, std::string_view hash, std::string_view password,
                         net::Random& random);
bool verify_quick(const Sealer::Key& key, std::string_view digest, std::string_view hash,
                  std::string_view password);

}  // namespace halley
