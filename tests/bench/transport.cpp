#include "tests/bench/transport.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "tests/bench/sockets.h"

namespace bench {

Transport::Transport(std::uint16_t port, SSL_CTX* tls) : descriptor_(connect_to_loopback(port)) {
  if (tls == nullptr) return;
  tls_.reset(SSL_new(tls));
  SSL_set_fd(tls_.get(), descriptor_);
  SSL_set_connect_state(tls_.get());
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Transport::~Transport() {
  tls_.reset();
  close(descriptor_);
}

std::int64_t Transport::read(char* to, std::size_t room) {
  if (!tls_) {
    const ssize_t got = recv(descriptor_, to, room, 0);
    if (got < 0 && errno != EAGAIN && errno != EINTR) return 0;
    return got;
  }
  const int got = SSL_read(tls_.get(), to, static_cast<int>(std::min<std::size_t>(room, 1U << 20)));
  if (got > 0) return got;
  const int why = SSL_get_error(tls_.get(), got);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

bool Transport::write() {
  handshake_writes_ = false;
  while (!out_.empty()) {
    if (!tls_) {
      const ssize_t sent = ::send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN || errno == EINTR;
      out_.erase(0, static_cast<std::size_t>(sent));
      continue;
    }
    const int sent = SSL_write(tls_.get(), out_.data(), static_cast<int>(out_.size()));
    if (sent <= 0) {
      const int why = SSL_get_error(tls_.get(), sent);
      return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    }
    out_.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace bench
