#include "bouncer/accounts/webauthn.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace halley {
namespace {

using nlohmann::json;
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Verifying = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// What OpenSSL says of a stranger's bytes stays in no queue: TLS on this thread would take it for its own.
struct ErrorsForgotten {
  ErrorsForgotten() = default;
  ErrorsForgotten(const ErrorsForgotten&) = delete;
  ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
  ErrorsForgotten(ErrorsForgotten&&) = delete;
  ErrorsForgotten& operator=(ErrorsForgotten&&) = delete;
  ~ErrorsForgotten() { ERR_clear_error(); }
};

constexpr std::size_t kHashSize = 32, kFlagsAt = 32, kCounterAt = 33, kAaguidAt = 37, kIdSizeAt = 53,
                      kIdAt = 55;
constexpr unsigned kUserPresent = 0x01, kUserVerified = 0x04, kHasCredential = 0x40;
constexpr int kLeastRsaBits = 2048, kMostRsaBits = 4096;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sha256(std::string_view bytes) {
  std::string out(kHashSize, '\0');
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                 EVP_sha256(), nullptr) != 1)
    std::abort();
  return out;
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// nullopt: it is no object.
std::optional<json> parse_client_data(std::string_view text) {
  if (text.size() > kMostClientData) return std::nullopt;
  json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

std::string check_client_data(const WebAuthnQuestion& question, std::string_view text) {
  const auto data = parse_client_data(text);
  if (!data) return "its client data cannot be read";
  const bool create = question.what == WebAuthnQuestion::What::kCreate;
  if (text_of(*data, "type") != (create ? "webauthn.create" : "webauthn.get"))
    return "it answers another kind of question";
  if (text_of(*data, "challenge") != question.challenge) return "it answers another question";
  if (text_of(*data, "origin") != question.origin) return "it was given to another page";
  // Of a page that stands in a frame of somebody else's.
  const auto crossed = data->find("crossOrigin");
  if ((crossed != data->end() && *crossed != false) || data->contains("topOrigin"))
    return "it was given to a page within another site's";
  return {};
}

Key parse_key(std::string_view spki) {
  const unsigned char* at = bytes_of(spki);
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (at != bytes_of(spki) + spki.size()) key.reset();
  return key;
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == SN_X9_62_prime256v1;
}

}  // namespace

std::expected<AuthenticatorData, std::string> check_answer(const WebAuthnQuestion& question,
                                                           std::string_view client_data,
                                                           std::string_view authenticator_data) {
  if (std::string wrong = check_client_data(question, client_data); !wrong.empty())
    return std::unexpected(std::move(wrong));
  const std::string_view data = authenticator_data;
  if (data.size() < kAaguidAt || data.size() > kMostAuthenticatorData)
    return std::unexpected("its authenticator data cannot be read");
  if (data.substr(0, kHashSize) != sha256(question.host))
    return std::unexpected("it was made for another site");
  const auto flags = static_cast<unsigned char>(data[kFlagsAt]);
  if ((flags & kUserPresent) == 0) return std::unexpected("nobody was at the device");
  if ((flags & kUserVerified) == 0)
    return std::unexpected("the device did not make sure who is there: it needs a PIN, a finger or a face");
  AuthenticatorData out;
  for (std::size_t i = 0; i < 4; ++i)
    out.counter = out.counter << 8 | static_cast<unsigned char>(data[kCounterAt + i]);
  if (question.what == WebAuthnQuestion::What::kGet) return out;
  if ((flags & kHasCredential) == 0 || data.size() < kIdAt)
    return std::unexpected("its authenticator data has no new passkey");
  const std::size_t size = static_cast<unsigned char>(data[kIdSizeAt]) * std::size_t{256} +
                           static_cast<unsigned char>(data[kIdSizeAt + 1]);
  if (size == 0 || size > kMostCredentialId || data.size() - kIdAt < size)
    return std::unexpected("the id of the new passkey cannot be read");
  out.credential_id = data.substr(kIdAt, size);
  return out;
}

std::string challenge_of(std::string_view client_data) {
  const auto data = parse_client_data(client_data);
  return data ? text_of(*data, "challenge") : std::string();
}

std::string check_public_key(std::int32_t algorithm, std::string_view public_key) {
  const ErrorsForgotten forgotten;
  const Key key = public_key.size() <= kMostPublicKey ? parse_key(public_key) : nullptr;
  if (!key) return "its public key cannot be read";
  switch (static_cast<CoseAlgorithm>(algorithm)) {
    case CoseAlgorithm::kEs256:
      return is_p256(key.get()) ? "" : "its public key is not on the curve P-256";
    case CoseAlgorithm::kEdDsa:
      return EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519 ? "" : "its public key is not Ed25519";
    case CoseAlgorithm::kRs256: {
      const int bits = EVP_PKEY_get_bits(key.get());
      const bool good =
          EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA && bits >= kLeastRsaBits && bits <= kMostRsaBits;
      return good ? "" : "its public key is not RSA of 2048 to 4096 bits";
    }
  }
  return "its algorithm is none of ES256, EdDSA and RS256";
}

bool is_signed(std::int32_t algorithm, std::string_view public_key, std::string_view authenticator_data,
               std::string_view client_data, std::string_view signature) {
  const ErrorsForgotten forgotten;
  const Key key = parse_key(public_key);
  const Verifying context(EVP_MD_CTX_new());
  if (!key || !context || signature.size() > kMostSignature) return false;
  // Ed25519 has a hash of its own.
  const bool hashed = static_cast<CoseAlgorithm>(algorithm) != CoseAlgorithm::kEdDsa;
  if (EVP_DigestVerifyInit(context.get(), nullptr, hashed ? EVP_sha256() : nullptr, nullptr, key.get()) != 1)
    return false;
  const std::string said = std::string(authenticator_data) + sha256(client_data);
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(said),
                          said.size()) == 1;
}

}  // namespace halley
