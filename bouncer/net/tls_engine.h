// TLS without input or output: ciphertext and plaintext go in and come out as bytes.
//
// Thread: its owner's, one at a time. A session cannot be handed to a successor: its stream ends.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/net/tls_context.h"

namespace halley::net {

struct TlsClientSettings {
  std::string host;                                            // as dialled: a name or a numeric address
  std::vector<std::string> pins = {};                          // see DialTarget::cert_pins
  std::string certificate_pem = {}, certificate_key_pem = {};  // our own; empty: none is shown
};

// One connection's cryptography. Owner: a TlsStream, or a test that feeds two of them to each other.
class TlsEngine {
 public:
  // ask_certificate: the client may show a certificate, which nobody need vouch for.
  static TlsEngine server(const TlsContext& context, bool ask_certificate);
  // The error is a sentence: our own certificate or a pin cannot be read.
  static std::expected<TlsEngine, std::string> client(const TlsContext& context,
                                                      const TlsClientSettings& settings);
  TlsEngine(TlsEngine&&) noexcept;
  TlsEngine& operator=(TlsEngine&&) noexcept;
  ~TlsEngine();

  enum class IoResult {
    kDone,       // did what was asked
    kNeedInput,  // all input is used up: feed more
    kEnded,      // the peer said goodbye
    kFailed,     // for good; see error(). output() may hold an alert for the peer
  };

  // Gives ciphertext. REQUIRES: none is unread(). The bytes must stay valid until kNeedInput is returned, or
  // what is unread() is saved and fed anew.
  void feed(std::string_view ciphertext);
  std::string_view unread() const;

  // Goes on with the handshake; kDone when it is complete and the peer is who it should be.
  IoResult handshake();
  bool handshaken() const;

  // REQUIRES: handshaken().
  // Decrypts the next bytes, at least one when kDone. `out` of kMaxPlaintext takes a record whole (RFC 8446
  // section 5.1).
  static constexpr std::size_t kMaxPlaintext = 16 * 1024;
  IoResult read(std::span<char> out, std::size_t& size);
  // Encrypts all of it; false: failed. REQUIRES: handshaken(), and not shut_down().
  bool write(std::string_view plaintext);
  // Says goodbye: nothing can be written after it.
  void shut_down();

  // Ciphertext to be sent. The caller takes from its front; its memory is the caller's to keep or release.
  std::string& output();
  const std::string& output() const;

  // Half a sentence for a person: "its certificate has expired".
  const std::string& error() const;
  // The peer's certificate is why it failed.
  bool certificate_refused() const;
  // SHA-256 of the certificate that the peer showed, refused ones too; lower-case hex; empty: none.
  const std::string& peer_fingerprint() const;
  // Its SHA-512, worked out by this call; empty: it showed none. REQUIRES: handshaken().
  std::string peer_sha512() const;

 private:
  struct Impl;
  explicit TlsEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace halley::net
