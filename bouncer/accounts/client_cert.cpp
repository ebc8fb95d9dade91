#include "bouncer/accounts/client_cert.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace halley {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

Memory read_only(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
}

}  // namespace

std::expected<std::string, std::string> client_cert_fingerprint(std::string_view pem) {
  const Certificate certificate(PEM_read_bio_X509(read_only(pem).get(), nullptr, nullptr, nullptr),
                                &X509_free);
  if (!certificate) return std::unexpected("there is no certificate in the client certificate's PEM text");
  // A key with a passphrase would be asked for at the terminal: the callback refuses.
  const auto refuse = [](char*, int, int, void*) { return -1; };
  const Key key(PEM_read_bio_PrivateKey(read_only(pem).get(), nullptr, refuse, nullptr), &EVP_PKEY_free);
  if (!key)
    return std::unexpected(
        "there is no private key without a passphrase in the client certificate's PEM text");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return std::unexpected("the private key does not belong to the client certificate");
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) {
    return std::unexpected("the client certificate has no fingerprint");
  }
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4];
    out += "0123456789abcdef"[digest[i] & 15];
  }
  return out;
}

}  // namespace halley
