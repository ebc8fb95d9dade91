// SCRAM-SHA-256 (RFC 5802, RFC 7677), both ends of it, without channel binding. Values without I/O, clock or
// randomness; nonces and salts are passed in. Any thread.
//
// The one slow step, scram_salted_password(), stands alone, so that it can run on a worker thread. Account
// and password are used as given: prepare them with saslprep() first.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace halley::irc {

// Rounds of hashing that a server may ask of us. RFC 7677 section 4 wants 4,096 at least: with fewer, a
// server could guess the password from our proof. The upper bound keeps a hostile one from holding a thread
// (some 50 ms).
inline constexpr std::uint32_t kLeastScramRounds = 4096, kMostScramRounds = 100'000;

// PBKDF2 with HMAC-SHA-256: 32 bytes. Slow.
std::string scram_salted_password(std::string_view password, std::string_view salt, std::uint32_t rounds);

// What a server keeps instead of the password, besides salt and rounds; 32 bytes each. Whoever steals it can
// neither log in with it nor read the password, but can guess at it and play the server.
struct ScramKeys {
  std::string stored_key, server_key;
};
ScramKeys scram_keys(std::string_view salted_password);

// The salt that a server shows for an account that it does not know: the same one each time, so that nobody
// learns from it which accounts there are. 16 bytes.
std::string scram_stand_in_salt(std::string_view secret, std::string_view account);

// Our end towards a network. In order: first() is sent; challenge() reads the answer; answer() is sent;
// check() reads the last answer. A network that has not passed check() does not know the password, whatever
// numeric it sends.
class ScramClient {
 public:
  // `nonce`: random, printable ASCII without commas; 24 characters of base64 do.
  ScramClient(std::string_view account, std::string_view nonce);

  std::string first() const;
  struct Challenge {
    std::string salt;
    std::uint32_t rounds = 0;
  };
  // Errors are half sentences for a person: "the network ...".
  std::expected<Challenge, std::string> challenge(std::string_view server_first);
  // REQUIRES: challenge() has succeeded.
  std::string answer(std::string_view salted_password);
  // REQUIRES: answer() was called.
  std::expected<void, std::string> check(std::string_view server_final) const;

 private:
  std::string first_bare_, nonce_, server_first_, signature_;
};

// The server's end. Errors are RFC 5802's own ("invalid-proof"); IRC has no line for them: the client is told
// 904.
class ScramServer {
 public:
  static std::expected<ScramServer, std::string> read_first(std::string_view client_first);
  const std::string& account() const { return account_; }
  const std::string& authzid() const { return authzid_; }  // empty: the account's own

  // `nonce` as for ScramClient.
  std::string challenge(std::string_view nonce, std::string_view salt, std::uint32_t rounds);
  // Our proof that we know the password, to be sent; or the error. REQUIRES: challenge() was called.
  std::expected<std::string, std::string> finish(std::string_view client_final, const ScramKeys& keys) const;

 private:
  ScramServer() = default;
  std::string header_, first_bare_, account_, authzid_, nonce_, server_first_;
};

}  // namespace halley::irc
