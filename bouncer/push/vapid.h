// Who we are towards push services: a key of our own, and a token signed by it for each service (VAPID).
// Source: RFC 8292.
//
// The key follows from halley.key: it lies in no database, and stays as long as that file does. Thread: the
// loop's. Owner: the Pusher. A successor makes its tokens anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "bouncer/accounts/sealer.h"
#include "bouncer/push/p256.h"

namespace halley::push {

class Vapid {
 public:
  // A token serves for all pushes to a service until it is renewed; so many services' are kept.
  static constexpr std::size_t kMostTokens = 64;

  explicit Vapid(const Sealer& sealer);

  // What clients subscribe with: the public key, base64url.
  const std::string& public_key() const { return public_key_; }
  // The value of the header Authorization. `audience`: the service's origin; `contact`: mailto: or https: of
  // whoever runs this Halley, without quotes or backslashes; `now_s`: seconds since 1970.
  std::string authorization(const std::string& audience, std::string_view contact, std::int64_t now_s);

 private:
  struct Token {
    std::string text, contact;
    std::int64_t made_s;
  };

  const P256Key key_;
  const std::string public_key_;
  std::map<std::string, Token> tokens_;
};

}  // namespace halley::push
