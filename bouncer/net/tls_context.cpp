#include "bouncer/net/tls_context.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "bouncer/net/tls_certificate.h"
#include "bouncer/net/tls_transport.h"

namespace halley::net {

namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

struct FreeMethod {
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
};

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

// An idle connection keeps no buffers; a kept session costs its client one ticket and us nothing.
Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

std::expected<Context, std::string> load_server(const std::string& certificate_file,
                                                const std::string& key_file) {
  ERR_clear_error();
  for (const auto& file : {certificate_file, key_file}) {
    if (access(file.c_str(), R_OK) != 0) {
      return std::unexpected(
          fmt::format("cannot read {}: {}. Mend the path or its permissions.", file, std::strerror(errno)));
    }
  }
  Context context = make_context(TLS_server_method());
  if (!context) return std::unexpected("cannot set up TLS: " + last_error());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return std::unexpected(
        fmt::format("{} holds no usable certificate in PEM form: {}", certificate_file, last_error()));
  }
  // OpenSSL would otherwise ask the terminal for the password of a key that has one.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return std::unexpected(fmt::format("{} holds no usable private key in PEM form that belongs to {}: {}",
                                       key_file, certificate_file, last_error()));
  }
  SSL_CTX_set_num_tickets(context.get(), 1);
  // Sessions of clients that showed a certificate are resumed only under a name of their own.
  constexpr std::string_view kSessions = "halley";
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(kSessions.data()),
                                 static_cast<unsigned>(kSessions.size()));
  return context;
}

std::expected<Context, std::string> load_client(const std::string& authorities) {
  ERR_clear_error();
  Context context = make_context(TLS_client_method());
  if (!context) return std::unexpected("cannot set up TLS: " + last_error());
  const int loaded = authorities.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                         : SSL_CTX_load_verify_file(context.get(), authorities.c_str());
  if (loaded == 1) return context;
  return std::unexpected(fmt::format("cannot read the certificates of {}: {}",
                                     authorities.empty() ? "the system's authorities" : authorities,
                                     last_error()));
}

int transport_read(BIO* bio, char* out, int size) {
  auto& bytes = *static_cast<TlsTransport*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (bytes.input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t taken = std::min(bytes.input.size(), static_cast<std::size_t>(size));
  std::memcpy(out, bytes.input.data(), taken);
  bytes.input.remove_prefix(taken);
  return static_cast<int>(taken);
}

int transport_write(BIO* bio, const char* in, int size) {
  static_cast<TlsTransport*>(BIO_get_data(bio))->output.append(in, static_cast<std::size_t>(size));
  return size;
}

long transport_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int transport_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

}  // namespace

struct TlsContext::Impl {
  Context context;
  std::unique_ptr<BIO_METHOD, FreeMethod> transport{BIO_meth_new(BIO_TYPE_SOURCE_SINK | 100, "halley")};
  bool for_server = false;
  std::string certificate_file, key_file, authorities, fingerprint;

  std::expected<void, std::string> load();
};

std::expected<void, std::string> TlsContext::Impl::load() {
  auto loaded = for_server ? load_server(certificate_file, key_file) : load_client(authorities);
  if (!loaded) return std::unexpected(loaded.error());
  if (for_server) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(SSL_CTX_get0_certificate(loaded->get()), EVP_sha256(), digest, &size);
    fingerprint.clear();
    for (unsigned at = 0; at < size; ++at) fingerprint += fmt::format("{:02x}", digest[at]);
  }
  context = std::move(*loaded);
  return {};
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  BIO_METHOD* const method = impl_->transport.get();
  BIO_meth_set_read(method, transport_read);
  BIO_meth_set_write(method, transport_write);
  BIO_meth_set_ctrl(method, transport_control);
  BIO_meth_set_create(method, transport_create);
}

TlsContext::~TlsContext() = default;

std::expected<std::unique_ptr<TlsContext>, std::string> TlsContext::server(
    const std::string& certificate_file, const std::string& key_file) {
  auto impl = std::make_unique<Impl>();
  impl->for_server = true;
  impl->certificate_file = certificate_file;
  impl->key_file = key_file;
  const auto loaded = impl->load();
  if (!loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

std::expected<std::unique_ptr<TlsContext>, std::string> TlsContext::client(const std::string& authorities) {
  auto impl = std::make_unique<Impl>();
  impl->authorities = authorities;
  const auto loaded = impl->load();
  if (!loaded) return std::unexpected(loaded.error());
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

std::expected<void, std::string> TlsContext::reload() {
  return impl_->load();
}
const std::string& TlsContext::fingerprint() const {
  return impl_->fingerprint;
}
void* TlsContext::native() const {
  return impl_->context.get();
}
void* TlsContext::transport() const {
  return impl_->transport.get();
}

}  // namespace halley::net
