// What the TLS connections of one kind share: certificate and key of a server, or a client's authorities.
#pragma once

#include <expected>
#include <memory>
#include <string>

namespace halley::net {

// Thread: the loop's. Must outlive the engines made from it; a reload leaves those as they are. TLS 1.2 and
// newer, no renegotiation.
class TlsContext {
 public:
  // For accepting. Both files in PEM; the first holds the chain too. Errors are sentences with the file's
  // name.
  static std::expected<std::unique_ptr<TlsContext>, std::string> server(const std::string& certificate_file,
                                                                        const std::string& key_file);
  // For dialling. `authorities`: a PEM file of the certificates that may vouch for peers; empty: the system's
  // own.
  static std::expected<std::unique_ptr<TlsContext>, std::string> client(const std::string& authorities = {});
  ~TlsContext();

  // Reads the same files again, for connections made from now on. After an error the old ones stay in use.
  std::expected<void, std::string> reload();
  // SHA-256 of a server's own certificate, lower-case hex.
  const std::string& fingerprint() const;

  // For TlsEngine: OpenSSL's context, and its way to read and write an engine's bytes.
  void* native() const;
  void* transport() const;

 private:
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace halley::net
