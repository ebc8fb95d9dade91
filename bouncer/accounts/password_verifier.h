// Verifies passwords on worker threads, and remembers what was verified: in memory as a keyed hash, so that a
// user's many clients come in at once, and as a quick digest that the caller keeps, so that a thousand users
// do after a restart.
//
// Thread: the loop's. Owner: the Login. Destroying it drops answers that are on their way. A successor
// verifies anew, by the digests.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "bouncer/accounts/ids.h"
#include "bouncer/accounts/password_queue.h"
#include "bouncer/accounts/sealer.h"
#include "bouncer/net/loop.h"

namespace halley {

class PasswordVerifier {
 public:
  static constexpr std::size_t kMostOfOne = 1024;  // different passwords that wait for one `who`

  // `quick_key`: for quick digests (password.h).
  PasswordVerifier(net::Loop& loop, net::Random& random, const Sealer::Key& quick_key);
  ~PasswordVerifier();

  struct Check {
    UserId user = 0;
    std::string who;     // whose turn it takes: the address
    std::string hash;    // an argon2 string
    std::string digest;  // the quick one that was kept for this user; may be empty
    std::string password;
    std::function<bool()> still_wanted;  // asked before a worker begins; may be null
  };
  enum class Verdict { kRight, kWrong, kBusy, kNotWanted };
  struct Verification {
    Verdict verdict;
    std::string digest;     // kRight: one to keep in place of the old one; empty: the old one is good
    std::string hash = {};  // likewise: an argon2 string in place of another bouncer's hash
  };
  // `done` on the loop's thread: at once when this password was verified for this hash before, else after a
  // worker thread had its time. At most kMostOfOne of a `who` wait, and PasswordQueue::kMostWaitingJobs in
  // all; beyond that the answer is kBusy.
  void verify(Check check, std::function<void(const Verification&)> done);
  void forget(UserId user);  // the password changed

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace halley
