// Seals upstream secrets with a key that lies outside the database: AES-256-GCM, the key in
// data_dir/halley.key, mode 0600. Text form "v1:" base64(nonce || ciphertext || tag); the purpose string is
// authenticated with it. Any thread. Owner: the composition root.
#pragma once

#include <array>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "bouncer/net/clock.h"

namespace halley {

// What the secrets of a network's row are sealed for.
namespace seal_purpose {
inline constexpr std::string_view kSaslPassword = "sasl-password", kPassword = "password",
                                  kClientCert = "client-cert", kOnConnect = "on-connect";
}

class Sealer {
 public:
  using Key = std::array<unsigned char, 32>;
  explicit Sealer(const Key& key, net::Random& random) : key_(key), random_(random) {}
  // Reads the key file, or makes it when it is absent. Wrong size or foreign permissions: an error that says
  // what to do.
  static std::expected<Sealer, std::string> open(const std::filesystem::path& file, net::Random& random);

  // A key for another purpose, from which this one cannot be found.
  Key derive(std::string_view purpose) const;

  std::string seal(std::string_view purpose, std::string_view secret) const;  // "" stays ""
  std::expected<std::string, std::string> unseal(std::string_view purpose, std::string_view sealed) const;

 private:
  Key key_;
  net::Random& random_;
};

}  // namespace halley
