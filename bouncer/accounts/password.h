// Passwords: argon2id strings, slow on purpose, so never on the loop's thread; and a memory of what was
// verified, so that a thousand clients that come back at once do not wait for a thousand slow hashes.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bouncer/accounts/ids.h"
#include "bouncer/net/loop.h"

namespace halley {

// m = 9 MiB, t = 4, p = 1 (OWASP's list of equivalent argon2id settings): about 15 ms here. Blocking.
std::string hash_password(std::string_view password, net::Random& random);
// Blocking. Accepts any argon2 string within bounds (m <= 256 MiB, t <= 20), so that hashes of others can be
// imported.
bool verify_password(std::string_view hash, std::string_view password);
// Empty when `hash` is an argon2 string that verify_password will take, else what is wrong with it.
std::string check_password_hash(std::string_view hash);

class PasswordVerifier {
 public:
  PasswordVerifier(net::Loop& loop, net::Random& random);
  ~PasswordVerifier();
  // `done` on the loop's thread: at once when this password was verified for this hash before, else after a
  // worker thread had its time. At most 256 wait; beyond that the answer is kBusy.
  enum class Verdict { kRight, kWrong, kBusy };
  void verify(UserId user, const std::string& hash, std::string_view password,
              std::function<void(Verdict)> done);
  void forget(UserId user);  // the password changed

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace halley
