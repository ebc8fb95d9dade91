// A key pair on the curve P-256: for the encryption of pushes (ECDH) and for who we are towards push services
// (ECDSA). Source: RFC 8291 section 3.1, RFC 8292 section 2.
//
// A value without I/O; any thread. A failing OpenSSL (no memory, no such curve) ends the program.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/net/clock.h"

struct evp_pkey_st;

namespace halley::push {

class P256Key {
 public:
  static constexpr std::size_t kPointBytes = 65;  // uncompressed: 4, x, y
  using Scalar = std::array<unsigned char, 32>;

  // nullopt: it is no private key of the curve's (0, or its order and above: one in 2^32 of random ones).
  static std::optional<P256Key> from_scalar(const Scalar& scalar);
  static P256Key make(net::Random& random);

  const std::string& point() const { return point_; }  // the public key, kPointBytes
  // ECDH with the peer's public key. nullopt: that is none of the curve's.
  std::optional<std::string> shared_secret(std::string_view peer_point) const;
  // ECDSA over SHA-256: r and s, 32 bytes each (RFC 7518 section 3.4).
  std::string sign(std::string_view text) const;

 private:
  P256Key(std::shared_ptr<evp_pkey_st> key, std::string point);

  std::shared_ptr<evp_pkey_st> key_;
  std::string point_;
};

// Is it a public key of the curve's, uncompressed?
bool is_point(std::string_view bytes);

}  // namespace halley::push
