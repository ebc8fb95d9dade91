// Certificates that vouch for themselves: Halley's own when none is configured, and those shown for SASL
// EXTERNAL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace halley::net {

struct PemPair {
  std::string certificate, key;
};

struct CertificateFiles {
  std::string certificate, key;  // paths
  std::string fingerprint;       // SHA-256 of the certificate, lower-case hex
  bool made = false;             // by this call
};

// A new P-256 key and a certificate for `name` (a host name, a numeric address or a user's name), valid from
// an hour before `now` for `days`. Times in seconds since 1970.
std::expected<PemPair, std::string> make_self_signed(const std::string& name, std::int64_t now,
                                                     int days = 3650);

// The pair tls-cert.pem and tls-key.pem in `directory`, both of mode 0600; made for `hostname` when neither
// is there. Errors are sentences: an unreadable file, half a pair, a full disk.
std::expected<CertificateFiles, std::string> ensure_self_signed(const std::string& directory,
                                                                const std::string& hostname,
                                                                std::int64_t now);

// SHA-256 of the first certificate in a PEM text, lower-case hex.
std::expected<std::string, std::string> pem_fingerprint(const std::string& pem);

// What can be said of a server's certificate file without a handshake.
struct CertificateFacts {
  std::int64_t from_s = 0, until_s = 0;  // of the first certificate; seconds since 1970
  bool self_signed = false;
  std::size_t count = 0;  // certificates in the file
  bool linked = true;     // each is issued by the next
};
std::expected<CertificateFacts, std::string> certificate_facts(const std::string& pem);

inline constexpr std::size_t kSha256Digits = 64, kSha512Digits = 128;  // hex digits of a fingerprint

// A fingerprint as people write it ("AB:CD ...", any case) in our form: lower-case hex digits, as many as a
// SHA-256 or a SHA-512 has. Empty when it is none.
std::string normal_fingerprint(const std::string& text);

}  // namespace halley::net
