// What those may do who have no login, with a code that somebody gave them: set their password (a reset), or
// become a user (an invitation).
//
// Thread: the loop's. Owner: the HttpServer; what it is given outlives it. Destroying it drops answers that
// are on their way. Nothing to hand over: who waits asks again.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/accounts/audit.h"
#include "bouncer/accounts/login.h"
#include "bouncer/accounts/password_queue.h"

namespace halley {

class Enrolment {
 public:
  // Of new passwords that wait to be hashed, of one address.
  static constexpr std::size_t kMostWaitingOfAddress = 8;

  struct Parts {
    net::Loop& loop;
    net::Random& random;
    Accounts& accounts;
    Login& login;
  };
  explicit Enrolment(const Parts& parts);

  // The user, once it is on disk. Codes that nobody has count as failed logins do; a code that is good is
  // taken however often others failed. A refusal leaves the code as it was.
  using Done = std::function<void(std::expected<UserId, Refused>)>;
  struct NewPassword {
    std::string code, password;
  };
  void reset_password(NewPassword wanted, std::string_view address, Done done);
  struct NewUser {
    std::string code, name, password;
  };
  void register_user(NewUser wanted, std::string_view address, Done done);

 private:
  bool refuses_all(const Done& done) const;
  using Then = std::function<void(std::string hash)>;
  void hash(std::string password, std::string_view address, const Done& done, Then then);
  // `what`: for the log; `change`: for whoever looks at the account.
  void commit(UserId user, std::string what, AuditEntry change, Done done);

  net::Random& random_;
  Accounts& accounts_;
  Login& login_;
  PasswordQueue hashes_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
