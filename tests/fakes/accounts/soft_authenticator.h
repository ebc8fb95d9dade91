// A device that has a passkey, in software: makes its key, and signs what a page asks, as WebAuthn has it.
// What is wrong with an answer is set before it is given.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/accounts/webauthn.h"

namespace halley::fakes {

class SoftAuthenticator {
 public:
  explicit SoftAuthenticator(CoseAlgorithm algorithm = CoseAlgorithm::kEs256, std::string id = "an id")
      : credential_id(std::move(id)), algorithm_(algorithm), key_(make_key(algorithm), &EVP_PKEY_free) {
    REQUIRE(key_);
  }

  struct Answer {
    std::string client_data, authenticator_data, signature;
  };
  Answer create(std::string_view challenge) const {
    std::string data = head(0x40);
    data.append(16, '\0');  // the model of the device is not told
    data += static_cast<char>(credential_id.size() >> 8);
    data += static_cast<char>(credential_id.size() & 0xff);
    data += credential_id;
    return {.client_data = client_data("webauthn.create", challenge),
            .authenticator_data = data + "a key in COSE's form",
            .signature = {}};
  }
  Answer get(std::string_view challenge) {
    if (counts) ++counter;
    Answer out{.client_data = client_data("webauthn.get", challenge),
               .authenticator_data = head(0),
               .signature = {}};
    out.signature = sign(out.authenticator_data + sha256(out.client_data));
    return out;
  }
  std::string public_key() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key_.get(), &der);
    REQUIRE(size > 0);
    std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
  }
  std::int32_t algorithm() const { return static_cast<std::int32_t>(algorithm_); }

  std::string credential_id;
  std::string host = "chat.test", origin = "https://chat.test";
  std::string more_client_data;  // members behind the others: ",\"crossOrigin\":true"
  unsigned flags = 0x01 | 0x04;  // the user is present, and verified
  std::uint32_t counter = 0;
  bool counts = false;

 private:
  static EVP_PKEY* make_key(CoseAlgorithm algorithm) {
    if (algorithm == CoseAlgorithm::kEdDsa) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    if (algorithm == CoseAlgorithm::kRs256)
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  }
  static std::string sha256(std::string_view bytes) {
    std::string out(32, '\0');
    REQUIRE(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr,
                       EVP_sha256(), nullptr) == 1);
    return out;
  }
  std::string head(unsigned more_flags) const {
    std::string out = sha256(host);
    out += static_cast<char>(flags | more_flags);
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(counter >> shift & 0xff);
    return out;
  }
  std::string client_data(std::string_view type, std::string_view challenge) const {
    return R"({"type":")" + std::string(type) + R"(","challenge":")" + std::string(challenge) +
           R"(","origin":")" + origin + "\"" + more_client_data + "}";
  }
  std::string sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const bool hashed = algorithm_ != CoseAlgorithm::kEdDsa;
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, hashed ? EVP_sha256() : nullptr, nullptr,
                               key_.get()) == 1);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
    std::string out(size, '\0');
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                           text.size()) == 1);
    out.resize(size);
    return out;
  }

  CoseAlgorithm algorithm_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace halley::fakes
