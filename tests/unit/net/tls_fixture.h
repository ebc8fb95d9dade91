// A server's certificate and the contexts around it, for tests of TLS.
#pragma once

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "bouncer/net/tls_certificate.h"
#include "bouncer/net/tls_context.h"
#include "bouncer/net/tls_engine.h"
#include "tests/fakes/temp_directory.h"

namespace halley::net {

inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

// The value, or an end of the test with the error.
template <typename T>
T good(std::expected<T, std::string> result) {
  if (!result) throw std::runtime_error(result.error());
  return std::move(*result);
}

// SHA-512 of the DER form in a PEM text, lower-case hex.
inline std::string sha512_of_pem(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  char *name = nullptr, *header = nullptr;
  unsigned char *der = nullptr, digest[EVP_MAX_MD_SIZE];
  long length = 0;
  unsigned size = 0;
  if (PEM_read_bio(bio.get(), &name, &header, &der, &length) != 1) throw std::runtime_error("no PEM");
  EVP_Digest(der, static_cast<std::size_t>(length), digest, &size, EVP_sha512(), nullptr);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(der);
  std::string text;
  for (unsigned at = 0; at < size; ++at) text += fmt::format("{:02x}", digest[at]);
  return text;
}

// The certificate vouches for itself, so that a client which reads it as an authority believes it.
struct TlsFixture {
  fakes::TempDirectory dir;
  std::int64_t now = std::time(nullptr);
  CertificateFiles files = good(ensure_self_signed(dir.path(), "irc.example.org", now));
  std::unique_ptr<TlsContext> server = good(TlsContext::server(files.certificate, files.key));
  std::unique_ptr<TlsContext> trusting = good(TlsContext::client(files.certificate));
  std::unique_ptr<TlsContext> system = good(TlsContext::client());

  TlsEngine server_engine(bool ask = false) const { return TlsEngine::server(*server, ask); }
  TlsEngine client_engine(TlsClientSettings settings = {.host = "irc.example.org"}) const {
    return good(TlsEngine::client(*trusting, settings));
  }
};

}  // namespace halley::net
