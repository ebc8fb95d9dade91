// Who may come in, over IRC or HTTP, as whom, and how often they may try.
//
// Thread: the loop's. Owner: the Bouncer. What a successor needs of it are the LoginAttempts.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/login_attempts.h"
#include "bouncer/accounts/password_endpoint.h"
#include "bouncer/accounts/password_verifier.h"
#include "bouncer/irc/scram.h"
#include "bouncer/net/stream.h"

namespace halley {

// "user[/network][@device]", the parts after user in any order.
struct LoginName {
  std::string user, network, device;
};
LoginName parse_login_name(std::string_view text);

// As the network of a login: all of them, on one connection. No network is called so.
inline constexpr std::string_view kAllNetworks = "*";

// A value, which may be kept: whose it is may be gone when it is looked at.
struct Granted {
  UserId user;
  DeviceId device;           // 0 over HTTP with a cookie or password
  std::string network;       // as asked; empty: none named; or kAllNetworks
  bool by_password = false;  // not by what a device has of its own: a new password ends it
};
struct Refused {
  // kBadCode: of a reset or an invitation (Enrolment); kUnfit: what was to be set is not taken.
  enum class Why { kWrong, kThrottled, kBusy, kDisabled, kUnknownNetwork, kTooMany, kBadCode, kUnfit } why;
  std::string message;  // for a person
  std::uint32_t retry_after_s = 0;
};
// What a login or an enrolment answers when it is refused.
inline std::unexpected<Refused> refuse(Refused::Why why, std::string message,
                                       std::uint32_t retry_after_s = 0) {
  return std::unexpected(Refused{.why = why, .message = std::move(message), .retry_after_s = retry_after_s});
}

class Login {
 public:
  // Is there a live user of this account? Not while it is disabled.
  using IsLive = std::function<bool(UserId)>;
  struct Parts {
    net::Loop& loop;
    net::Dialer& dialer;
    net::Random& random;
    Accounts& accounts;
    const Config& config;
    IsLive is_live;
  };
  explicit Login(Parts parts);
  ~Login();

  using Done = std::function<void(std::expected<Granted, Refused>)>;
  // `secret`: the password or a device token. `done` may come at once or later; `with_device`: make or find
  // the device that the name asks for. A valid token is let in however often others failed.
  void authenticate(const LoginName& name, std::string_view secret, std::string_view address,
                    bool with_device, Done done);
  // SASL EXTERNAL: the device with the certificate that the peer has shown. `name` may be empty where it is
  // one user's alone.
  std::expected<Granted, Refused> by_certificate(const LoginName& name, const net::Peer& peer);
  // SCRAM with a device's token, which the client proves that it has, and we that we know it. Neither guesses
  // at 256 random bits nor clients that try it with the password are counted.
  std::string challenge(irc::ScramServer& scram) const;
  struct Proven {
    Granted granted;
    std::string signature;  // our proof
  };
  // REQUIRES: challenge() was called.
  std::expected<Proven, Refused> by_proof(const irc::ScramServer& scram, std::string_view client_final,
                                          std::string_view address);
  // A bearer token or a cookie: fast, so at once.
  std::expected<Granted, Refused> by_token(std::string_view token, std::string_view address);
  struct Session {
    UserId user;
    std::uint64_t id;
  };
  std::expected<Session, Refused> by_session(std::string_view cookie);

  // A passkey's signature was verified (Passkeys). REQUIRES: there is that user.
  std::expected<Granted, Refused> by_passkey(UserId user, std::string_view address);

  // A token, code or passkey that lets nobody in: counted against its address alone, whose turn it may not be
  // (the answer is then kThrottled and not `otherwise`). `logged`: what it was, for the operator; `owner`:
  // whose it is, if that is known.
  Refused refuse_code(std::string_view address, std::string_view logged, Refused otherwise,
                      std::string_view owner = {});

  // Passwords are not ours to know or change: auth.http is asked about them.
  bool asks_elsewhere() const { return endpoint_.in_use(); }

  void password_changed(UserId user) { verifier_.forget(user); }

  std::uint64_t refused() const { return refused_; }  // logins since the start

  // Lets those guess again who have to wait: all, or an address, or whoever guesses at a user. What was
  // lifted, for a person; an error when there is no such address or user.
  std::expected<std::string, std::string> unlock(std::string_view what);

 private:
  struct Attempt {
    bool with_device;
    std::string address;
    Done done;
  };
  // Tells the operator's log; some hundred a minute at most, and how many more there were.
  void log_refused(std::string_view address, std::string_view who, std::string_view why);
  void log_result(const std::expected<Granted, Refused>& result, const storage::UserRow& row,
                  std::string_view address, std::string_view by);
  LoginAttempts::Guess guess_of(const LoginName& name, std::string_view address) const;
  void verified(const LoginName& name, const std::string& hash, const LoginAttempts::Guess& guess,
                const PasswordVerifier::Verification& answer, Attempt attempt);
  // login_elsewhere.cpp
  void ask_endpoint(const LoginName& name, std::string_view secret, const LoginAttempts::Guess& guess,
                    Attempt attempt);
  void told(const LoginName& name, const LoginAttempts::Guess& guess, const PasswordEndpoint::Answer& answer,
            Attempt attempt);
  void add_newcomer(const LoginName& name, const LoginAttempts::Guess& guess, Attempt attempt);
  void welcome(UserId user, const LoginName& name, const LoginAttempts::Guess& guess, const Attempt& attempt);
  static std::unexpected<Refused> wrong();
  std::optional<Refused> throttled(const LoginAttempts::Guess& guess);  // nullopt: it may be tried
  void learn_scram_keys(const storage::DeviceRow& device, std::string_view token);
  std::expected<Granted, Refused> grant(const storage::UserRow& row, const LoginName& name, DeviceId device,
                                        bool with_device);

  net::Loop& loop_;
  net::Random& random_;
  Accounts& accounts_;
  const Config& config_;
  IsLive is_live_;
  LoginAttempts attempts_;
  PasswordVerifier verifier_;
  PasswordEndpoint endpoint_;
  PasswordQueue scram_keys_;  // of tokens from before there were any
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  std::uint64_t refusals_since_ms_ = 0, refusals_ = 0;  // of the minute at hand
  std::uint64_t refused_ = 0;
};

}  // namespace halley
