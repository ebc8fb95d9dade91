// Being reached: listening sockets, plain, Unix and TLS.
//
// Thread: the loop's. Owner: the Listeners have the acceptors; the composition root has who makes them.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "bouncer/net/stream.h"

namespace halley::net {

struct ListenAddress {
  std::string host{};      // numeric address or name; unused for a Unix socket
  std::uint16_t port = 0;  // 0: the kernel chooses
  // "::" is every address of this machine, IPv4 too, unless this is set: then "0.0.0.0" may stand beside it.
  bool ipv6_only = false;
  std::string unix_path{};  // not empty: a Unix socket there, mode 0600 unless unix_mode says otherwise
  unsigned unix_mode = 0600;
  bool tls = false;  // certificates from the TlsContext that the acceptor factory was made with
  // With tls: clients may show a certificate of their own (SASL EXTERNAL). Off for browsers, which would ask
  // their users.
  bool ask_certificate = true;
  // Does a connection count among all (AddressLimits)? That of an administrator on this machine does not.
  bool counted = true;
  // What a plain connection is told before it is closed because its address has too many, or all have.
  std::string crowded_reply{};
};

// A listening socket. Destroying it stops listening (and unlinks its Unix socket); accepted streams live on.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual std::uint16_t port() const = 0;  // what was bound
  // Stops accepting, and gives the listening descriptor away, for a successor to go on with: it is neither
  // closed nor unlinked, and is the caller's from then on. Who has connected and was not accepted waits in
  // it. Handshakes that are under way still arrive here, until this is destroyed. REQUIRES: not given up
  // before.
  virtual int give_up() = 0;
};

class Acceptors {
 public:
  virtual ~Acceptors() = default;
  // Streams arrive paused; those of TLS after their handshake, so that the peer's certificate is known.
  // Handshakes that fail or take longer than 10 s never arrive. The error is a sentence: what could not be
  // bound, why, and what mends it.
  using OnAccept = std::function<void(std::unique_ptr<Stream>, Peer)>;
  virtual std::expected<std::unique_ptr<Acceptor>, std::string> listen(const ListenAddress& address,
                                                                       OnAccept on_accept) = 0;
};

}  // namespace halley::net
