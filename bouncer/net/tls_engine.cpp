#include "bouncer/net/tls_engine.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdlib>

#include "bouncer/net/address.h"
#include "bouncer/net/tls_certificate.h"
#include "bouncer/net/tls_transport.h"

namespace halley::net {

namespace {

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};

std::string fingerprint_of(const X509* certificate, const EVP_MD* hash = EVP_sha256()) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  std::string text;
  if (certificate == nullptr || X509_digest(certificate, hash, digest, &size) != 1) return text;
  for (unsigned at = 0; at < size; ++at) text += fmt::format("{:02x}", digest[at]);
  return text;
}

std::string verify_text(long result) {
  switch (result) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "its certificate is self-signed, and no authority vouches for it";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "no authority that this system knows vouches for its certificate";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet (is the clock right?)";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is for another name";
    case X509_V_ERR_APPLICATION_VERIFICATION:
      return "its certificate is none of those that are pinned";
    default:
      return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(result));
  }
}

std::string library_text(unsigned long code) {
  if (ERR_GET_LIB(code) == ERR_LIB_SSL) {
    switch (ERR_GET_REASON(code)) {
      case SSL_R_WRONG_VERSION_NUMBER:
      case SSL_R_HTTP_REQUEST:
      case SSL_R_PACKET_LENGTH_TOO_LONG:
      case SSL_R_RECORD_LENGTH_MISMATCH:
        return "the other side does not speak TLS there";
      case SSL_R_UNSUPPORTED_PROTOCOL:
      case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return "the other side speaks no version of TLS that is safe today (1.2 or newer)";
      default:
        break;
    }
  }
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "TLS failed" : fmt::format("TLS failed: {}", reason);
}

}  // namespace

struct TlsEngine::Impl {
  std::unique_ptr<SSL, Freed<SSL_free>> ssl;
  TlsTransport transport;
  std::vector<std::string> pins;
  std::string error, fingerprint;
  bool for_server = false;
  bool handshaken = false;
  bool refused = false;

  explicit Impl(const TlsContext& context);
  static int verify(int good, X509_STORE_CTX* chain);
  bool pinned() const { return std::find(pins.begin(), pins.end(), fingerprint) != pins.end(); }
  bool set_host(const std::string& host) const;
  bool set_certificate(const std::string& certificate_pem, const std::string& key_pem) const;
  IoResult result_of(int returned);
  IoResult fail(std::string text);
};

// Memory that OpenSSL cannot get here ends the process, as it does everywhere else in it.
TlsEngine::Impl::Impl(const TlsContext& context) : ssl(SSL_new(static_cast<SSL_CTX*>(context.native()))) {
  BIO* const bio = BIO_new(static_cast<BIO_METHOD*>(context.transport()));
  if (!ssl || bio == nullptr) std::abort();
  BIO_set_data(bio, &transport);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_app_data(ssl.get(), this);
}

// Called for each certificate of the chain, good or not. Pins decide alone where there are any; a client's
// certificate is anybody's, since its fingerprint is what is compared later.
int TlsEngine::Impl::verify(int good, X509_STORE_CTX* chain) {
  const auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& impl = *static_cast<Impl*>(SSL_get_app_data(ssl));
  if (impl.fingerprint.empty()) impl.fingerprint = fingerprint_of(X509_STORE_CTX_get0_cert(chain));
  if (impl.for_server) return 1;
  if (impl.pins.empty()) return good;
  if (impl.pinned()) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

bool TlsEngine::Impl::set_host(const std::string& host) const {
  const Address address = Address::numeric(host, 0);
  if (address.valid()) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), address.text().c_str()) == 1;
  }
  // RFC 9525 section 2: the subject's common name is no host's, whatever else the certificate holds or lacks.
  SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
}

bool TlsEngine::Impl::set_certificate(const std::string& certificate_pem, const std::string& key_pem) const {
  using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
  const Bio certificate_text(
      BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  const Bio key_text(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  if (!certificate_text || !key_text) return false;
  const std::unique_ptr<X509, Freed<X509_free>> certificate(
      PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_password, nullptr));
  return certificate && key && SSL_use_certificate(ssl.get(), certificate.get()) == 1 &&
         SSL_use_PrivateKey(ssl.get(), key.get()) == 1;
}

TlsEngine::IoResult TlsEngine::Impl::fail(std::string text) {
  error = std::move(text);
  return IoResult::kFailed;
}

TlsEngine::IoResult TlsEngine::Impl::result_of(int returned) {
  switch (SSL_get_error(ssl.get(), returned)) {
    case SSL_ERROR_NONE:
      return IoResult::kDone;
    case SSL_ERROR_WANT_READ:
      return IoResult::kNeedInput;
    case SSL_ERROR_ZERO_RETURN:
      return IoResult::kEnded;
    default:
      break;
  }
  const unsigned long code = ERR_peek_error();
  refused = ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
  auto text = refused ? verify_text(SSL_get_verify_result(ssl.get())) : library_text(code);
  ERR_clear_error();
  return fail(std::move(text));
}

TlsEngine::TlsEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsEngine::TlsEngine(TlsEngine&&) noexcept = default;
TlsEngine& TlsEngine::operator=(TlsEngine&&) noexcept = default;
TlsEngine::~TlsEngine() = default;

TlsEngine TlsEngine::server(const TlsContext& context, bool ask_certificate) {
  auto impl = std::make_unique<Impl>(context);
  impl->for_server = true;
  SSL_set_accept_state(impl->ssl.get());
  if (ask_certificate)
    SSL_set_verify(impl->ssl.get(), SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, &Impl::verify);
  return TlsEngine(std::move(impl));
}

std::expected<TlsEngine, std::string> TlsEngine::client(const TlsContext& context,
                                                        const TlsClientSettings& settings) {
  auto impl = std::make_unique<Impl>(context);
  for (const auto& pin : settings.pins) {
    impl->pins.push_back(normal_fingerprint(pin));
    if (impl->pins.back().size() != kSha256Digits) {
      return std::unexpected(
          fmt::format("\"{}\" is no fingerprint: it takes the 64 hex digits of a SHA-256.", pin));
    }
  }
  ERR_clear_error();
  SSL_set_connect_state(impl->ssl.get());
  SSL_set_verify(impl->ssl.get(), SSL_VERIFY_PEER, &Impl::verify);
  if (!impl->set_host(settings.host)) {
    return std::unexpected(fmt::format("\"{}\" is no host name. Mend the network's address.", settings.host));
  }
  if (!settings.certificate_pem.empty() &&
      !impl->set_certificate(settings.certificate_pem, settings.certificate_key_pem)) {
    ERR_clear_error();
    return std::unexpected(
        "our own certificate and key cannot be used: they are not in PEM form or do not match.");
  }
  return TlsEngine(std::move(impl));
}

void TlsEngine::feed(std::string_view ciphertext) {
  impl_->transport.input = ciphertext;
}
std::string_view TlsEngine::unread() const {
  return impl_->transport.input;
}
std::string& TlsEngine::output() {
  return impl_->transport.output;
}
const std::string& TlsEngine::output() const {
  return impl_->transport.output;
}
bool TlsEngine::handshaken() const {
  return impl_->handshaken;
}
const std::string& TlsEngine::error() const {
  return impl_->error;
}
bool TlsEngine::certificate_refused() const {
  return impl_->refused;
}
const std::string& TlsEngine::peer_fingerprint() const {
  return impl_->fingerprint;
}
std::string TlsEngine::peer_sha512() const {
  return fingerprint_of(SSL_get0_peer_certificate(impl_->ssl.get()), EVP_sha512());
}

TlsEngine::IoResult TlsEngine::handshake() {
  if (impl_->handshaken) return IoResult::kDone;
  if (!impl_->error.empty()) return IoResult::kFailed;
  ERR_clear_error();
  const IoResult status = impl_->result_of(SSL_do_handshake(impl_->ssl.get()));
  if (status != IoResult::kDone) return status;
  // A resumed session shows its certificate to no callback.
  if (impl_->fingerprint.empty())
    impl_->fingerprint = fingerprint_of(SSL_get0_peer_certificate(impl_->ssl.get()));
  if (!impl_->pins.empty() && !impl_->pinned())
    return impl_->fail(verify_text(X509_V_ERR_APPLICATION_VERIFICATION));
  impl_->handshaken = true;
  return status;
}

TlsEngine::IoResult TlsEngine::read(std::span<char> out, std::size_t& size) {
  if (!impl_->error.empty()) return IoResult::kFailed;
  ERR_clear_error();
  return impl_->result_of(SSL_read_ex(impl_->ssl.get(), out.data(), out.size(), &size));
}

bool TlsEngine::write(std::string_view plaintext) {
  if (!impl_->error.empty()) return false;
  while (!plaintext.empty()) {
    std::size_t written = 0;
    ERR_clear_error();
    const int returned = SSL_write_ex(impl_->ssl.get(), plaintext.data(), plaintext.size(), &written);
    if (returned != 1) {
      impl_->result_of(returned);
      return false;
    }
    plaintext.remove_prefix(written);
  }
  return true;
}

void TlsEngine::shut_down() {
  ERR_clear_error();
  if (impl_->handshaken && impl_->error.empty()) SSL_shutdown(impl_->ssl.get());
  ERR_clear_error();
}

}  // namespace halley::net
