// A server's certificate and the contexts around it, for tests of TLS.
#pragma once

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
