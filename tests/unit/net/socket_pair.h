// Connected sockets for tests: TCP over loopback with a port that the kernel chose, or a Unix pair.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace halley::net {

// A raw descriptor on the test's side of a connection; closes it.
class RawSocket {
 public:
  explicit RawSocket(int descriptor) : descriptor_(descriptor) {}
  RawSocket(RawSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  RawSocket& operator=(RawSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~RawSocket() { close(); }

  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  void nonblocking() const { fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) | O_NONBLOCK); }
  // Closing will send a reset instead of an end.
  void reset_on_close() const {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  bool send(std::string_view bytes) const {
    return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // What is there, without waiting. `ended`: the other side has closed. Throws on a broken connection.
  std::string receive(bool* ended = nullptr) const {
    std::string all;
    char buffer[65536];
    for (;;) {
      const ssize_t got = recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return all;
      if (got < 0) throw std::runtime_error("recv: errno " + std::to_string(errno));
      if (got == 0) {
        if (ended != nullptr) *ended = true;
        return all;
      }
      all.append(buffer, static_cast<std::size_t>(got));
    }
  }

 private:
  int descriptor_;
};

struct SocketPair {
  RawSocket near, far;  // near is for the code under test: non-blocking
};

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

// A listening socket on loopback that nobody accepts from; with its port.
inline std::pair<RawSocket, std::uint16_t> raw_listener() {
  RawSocket listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  require(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  require(::listen(listener.get(), 16) == 0, "listen");
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return {std::move(listener), ntohs(address.sin_port)};
}

inline RawSocket raw_connect(std::uint16_t port) {
  RawSocket out(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  require(connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return out;
}

inline SocketPair tcp_pair() {
  const auto [listener, port] = raw_listener();
  RawSocket out = raw_connect(port);
  SocketPair pair{RawSocket(accept(listener.get(), nullptr, nullptr)), std::move(out)};
  require(pair.near.get() >= 0, "accept");
  pair.near.nonblocking();
  return pair;
}

inline SocketPair unix_pair() {
  int ends[2];
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
  SocketPair pair{RawSocket(ends[0]), RawSocket(ends[1])};
  pair.near.nonblocking();
  return pair;
}

}  // namespace halley::net
