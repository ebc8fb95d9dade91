// A client's connection: TCP, or TLS over it. Non-blocking.
// Owner: a client of the pool; one thread. The queue holds what a client says, a few lines, so it has no
// bound.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

class Transport {
 public:
  // `tls` null: plain. It outlives the transport.
  Transport(std::uint16_t port, SSL_CTX* tls);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  int descriptor() const { return descriptor_; }
  // Above 0: bytes read; 0: the peer is gone; below 0: nothing there now.
  std::int64_t read(char* to, std::size_t room);
  // TLS may hold decrypted bytes that no poll will announce.
  bool more_buffered() const { return tls_ && SSL_pending(tls_.get()) > 0; }
  void send(std::string_view bytes) { out_ += bytes; }
  bool write();  // false: the peer is gone
  bool wants_write() const { return !out_.empty() || handshake_writes_; }

 private:
  struct FreeTls {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  int descriptor_;
  std::unique_ptr<SSL, FreeTls> tls_;
  std::string out_;
  bool handshake_writes_ = true;
};

}  // namespace bench
