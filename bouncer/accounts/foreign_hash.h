// Password hashes that other bouncers keep, so that people who come from there log in as before: bcrypt
// (soju, The Lounge), and ZNC's salted SHA-256 and MD5 as "$znc-sha256$SALT$HEX". They are taken at a login,
// which puts one of ours in their place. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace halley {

// Is it of this kind (and not an argon2 string)?
bool is_foreign_hash(std::string_view hash);
// As check_password_hash and verify_password, of password.h. REQUIRES: is_foreign_hash(hash).
std::string check_foreign_hash(std::string_view hash);
bool verify_foreign(std::string_view hash, std::string_view password);

}  // namespace halley
