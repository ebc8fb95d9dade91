// How often somebody may guess: failed logins are counted by address and by account, and beyond a limit the
// next one has to wait. Where the owner of an account was in before, neither others' failures at the same
// address nor those on the same account from elsewhere count: nobody can lock an owner out.
//
// Thread: the loop's. Owner: Login. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "bouncer/accounts/ids.h"
#include "bouncer/config/config.h"
#include "bouncer/net/clock.h"

namespace halley {

// What counts as one address (net::Address::group_text()); a Unix socket's peer has none of this kind.
std::string group_of_address(std::string_view address);

class LoginAttempts {
 public:
  static constexpr std::uint64_t kWindowMs = 10 * 60 * 1000;
  // An account may be guessed at this many times as often as an address may guess.
  static constexpr std::uint32_t kMostAccountFactor = 3;
  // Addresses, and names of no account, that are remembered at once; the oldest half goes.
  static constexpr std::size_t kMostStrangers = 10'000;

  LoginAttempts(const net::Clock& clock, const Config& config) : clock_(clock), config_(config) {}

  struct Guess {
    std::string address = {};  // net::Address::group_text()
    UserId user = 0;           // 0: there is no such account
    std::string name = {};     // of the account, folded
    bool at_home = false;      // the owner of the account was in from this address before
  };
  struct Wait {
    std::uint32_t seconds = 0;  // 0: it may be tried now
    bool account = false;       // because of the account, not of the address
  };
  Wait wait(const Guess& guess);
  void failed(const Guess& guess);

  // Forgets what was counted for an address, or (user not 0) for an account. False: nothing was.
  bool forget_address(std::string_view address);
  bool forget_account(UserId user);
  std::size_t forget_all();  // how many addresses and accounts had to wait

 private:
  struct Count {
    std::uint32_t failed = 0;
    std::uint64_t since_ms = 0;
  };
  template <typename Key>
  using Counts = std::map<Key, Count, std::less<>>;

  std::uint32_t left_s(const Count& count, std::uint32_t limit) const;
  template <typename Key, typename Lookup>
  std::uint32_t left_s(Counts<Key>& counts, const Lookup& key, std::uint32_t limit);
  template <typename Key>
  void add(Counts<Key>& counts, Key key);

  const net::Clock& clock_;
  const Config& config_;
  Counts<std::string> addresses_, nobodies_;      // bounded by kMostStrangers
  Counts<UserId> accounts_;                       // as many as there are
  Counts<std::pair<UserId, std::string>> homes_;  // a user's addresses are bounded (Accounts)
};

}  // namespace halley
