#include "bouncer/push/p256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <cstdlib>
#include <utility>

namespace halley::push {
namespace {

constexpr const char* kCurve = "prime256v1";
constexpr int kHalf = 32;  // bytes of a coordinate, and of r and s

struct Freed {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
};
template <typename T>
using Owned = std::unique_ptr<T, Freed>;

void require(bool good) {
  if (!good) std::abort();  // out of memory, or an OpenSSL without P-256
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// `secret` null: a public key. Null: the point is none of the curve's.
std::shared_ptr<EVP_PKEY> make_key(std::string_view point, const BIGNUM* secret) {
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  require(builder &&
          OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) == 1 &&
          OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                           point.size()) == 1);
  if (secret != nullptr)
    require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret) == 1);
  const Owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  require(params && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  const int selection = secret != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) return nullptr;
  return {key, EVP_PKEY_free};
}

std::shared_ptr<EVP_PKEY> public_key(std::string_view point) {
  if (point.size() != P256Key::kPointBytes || point.front() != 4) return nullptr;
  return make_key(point, nullptr);
}

}  // namespace

P256Key::P256Key(std::shared_ptr<evp_pkey_st> key, std::string point)
    : key_(std::move(key)), point_(std::move(point)) {}

std::optional<P256Key> P256Key::from_scalar(const Scalar& scalar) {
  const Owned<BIGNUM> secret(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  require(secret && group);
  if (BN_is_zero(secret.get()) || BN_cmp(secret.get(), EC_GROUP_get0_order(group.get())) >= 0)
    return std::nullopt;
  const Owned<EC_POINT> at(EC_POINT_new(group.get()));
  std::string point(kPointBytes, '\0');
  require(at && EC_POINT_mul(group.get(), at.get(), secret.get(), nullptr, nullptr, nullptr) == 1 &&
          EC_POINT_point2oct(group.get(), at.get(), POINT_CONVERSION_UNCOMPRESSED, octets(point),
                             point.size(), nullptr) == kPointBytes);
  auto key = make_key(point, secret.get());
  require(key != nullptr);
  return P256Key(std::move(key), std::move(point));
}

P256Key P256Key::make(net::Random& random) {
  for (;;) {
    Scalar scalar{};
    random.fill(scalar);
    auto key = from_scalar(scalar);
    OPENSSL_cleanse(scalar.data(), scalar.size());
    if (key) return std::move(*key);
  }
}

std::optional<std::string> P256Key::shared_secret(std::string_view peer_point) const {
  const auto peer = public_key(peer_point);
  if (!peer) return std::nullopt;
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  std::string secret(kHalf, '\0');
  std::size_t size = secret.size();
  require(context && EVP_PKEY_derive_init(context.get()) == 1);
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1) return std::nullopt;
  require(EVP_PKEY_derive(context.get(), octets(secret), &size) == 1 && size == secret.size());
  return secret;
}

std::string P256Key::sign(std::string_view text) const {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  require(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
          EVP_DigestSign(context.get(), nullptr, &size, octets(text), text.size()) == 1);
  std::string der(size, '\0');
  require(EVP_DigestSign(context.get(), octets(der), &size, octets(text), text.size()) == 1);
  const unsigned char* at = octets(std::string_view(der));
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  std::string out(2 * kHalf, '\0');
  require(signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), octets(out), kHalf) == kHalf &&
          BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), octets(out) + kHalf, kHalf) == kHalf);
  return out;
}

bool is_point(std::string_view bytes) {
  return public_key(bytes) != nullptr;
}

}  // namespace halley::push
