// Passkeys (WebAuthn): a browser's device proves by a signature that it is there with its user, in place of a
// password. What is asked is asked once: a challenge is for one browser and one page, and good for five
// minutes.
//
// Thread: the loop's. Owner: the HttpServer; what it is given outlives it. Destroying it drops answers that
// are on their way. Bounds: challenges of an address and in all; the oldest makes place. Nothing to hand
// over: who waits asks again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/login.h"
#include "bouncer/accounts/webauthn.h"

namespace halley {

class Passkeys {
 public:
  static constexpr std::size_t kMostChallenges = 2048, kMostChallengesOfAddress = 16;
  static constexpr std::uint64_t kChallengeMs = 5 * 60 * 1000;

  struct Parts {
    const net::Clock& clock;
    net::Random& random;
    Accounts& accounts;
    Login& login;
  };
  explicit Passkeys(const Parts& parts) : parts_(parts) {}

  // Whose page asks, from where, and in which browser: `browser` is what nobody else's sends (a cookie).
  struct Visit {
    std::string origin;  // as the browser says it: "https://chat.example.org"; one of ours
    std::string host;    // of the origin
    std::string browser;
    std::string address;
  };
  void name_browser(Visit& visit);  // unless it has a name already

  // --- A new passkey. REQUIRES: the user has just proved to have the password.
  struct Creation {
    std::string challenge;           // base64url
    std::string handle;              // bytes
    std::vector<std::string> known;  // ids of the user's passkeys, bytes: a device has one at most
  };
  Creation begin_creation(UserId user, const Visit& visit);
  struct Made {
    std::string name, client_data, authenticator_data, public_key;
    std::int32_t algorithm = 0;
  };
  // Its number, once it is on disk.
  using Done = std::function<void(std::expected<std::uint64_t, Refused>)>;
  void finish_creation(UserId user, const Visit& visit, Made made, Done done);

  // --- A login. Whose passkeys there are is told to nobody: devices know their users. base64url.
  std::string begin_login(const Visit& visit);
  struct Assertion {
    std::string credential_id, handle, client_data, authenticator_data, signature;
    std::string user_name = {};  // as it was typed; empty: whose the passkey is
  };
  // What is wrong counts as a failed login of the address; what is right is taken however many failed: nobody
  // guesses a signature.
  std::expected<UserId, Refused> finish_login(const Visit& visit, const Assertion& assertion);

 private:
  struct Challenge {
    std::string text;    // base64url
    UserId user = 0;     // whose passkey is to be made; 0: a login
    std::string handle;  // bytes: of the passkey that is to be made
    Visit visit;         // its address is a group of them
    std::uint64_t until_ms = 0;
  };
  std::string ask(UserId user, std::string handle, const Visit& visit);
  // Once: it is gone then.
  std::optional<Challenge> take(std::string_view client_data, UserId user, const Visit& visit);
  std::unexpected<Refused> refused(const Visit& visit, const storage::PasskeyRow* row, std::string_view why);
  void commit(const storage::PasskeyRow& row, const Visit& visit, Done done);

  Parts parts_;
  std::deque<Challenge> waiting_;  // the oldest first
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace halley
