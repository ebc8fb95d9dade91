// Reaching out: name look-up, connect, and TLS with its verification, as one step.
//
// Thread: the loop's. Owner: the composition root has the dialler, who dials the Dial.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/net/address.h"
#include "bouncer/net/stream.h"

namespace halley::net {

struct DialTarget {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  // Accepted fingerprints of the peer's certificate: SHA-256 in hex, colons and case ignored. With one of
  // them given and matching, no authority need vouch for the certificate; none matching refuses. Empty:
  // verified by the system's authorities and host name.
  std::vector<std::string> cert_pins;
  // Our own certificate and key in PEM, for SASL EXTERNAL; empty: none is shown.
  std::string client_cert_pem, client_key_pem;
  std::string bind_address;  // local address to bind; empty: any. Not towards a proxy
  std::string_view bind_setting = "[upstream] bind";  // which refusals name
  // A SOCKS5 proxy by which the host is reached, whose name it finds itself; empty: none. `proxy_user`: to be
  // told apart by. The proxy is the operator's, and may be on this machine; what it reaches is its own to
  // say.
  std::string proxy_host, proxy_user;
  std::uint16_t proxy_port = 0;
  bool allow_private_hosts =
      false;  // else addresses of loopback, link-local, private and unspecified ranges are refused
  std::string_view allow_setting = "[upstream] allow_private_hosts";  // which the refusal names
  // Told of each connection that is begun, and not yet there, with the addresses of its two ends: a server
  // may ask for them at once. Null: nobody is told. Not of one to a proxy. REQUIRES: it lives as long as the
  // Dial.
  std::function<void(const Address& local, const Address& remote)> on_attempt = nullptr;
  std::uint64_t timeout_ms = 30'000;  // for look-up, connect and handshake together
};

struct Dialled {
  std::unique_ptr<Stream> stream;  // connected, handshake done and verified, paused
  Peer peer;
};

// An attempt under way. Destroying it cancels it silently.
class Dial {
 public:
  virtual ~Dial() = default;
};

class Dialer {
 public:
  virtual ~Dialer() = default;
  // `done` is called exactly once on the loop's thread, never from inside dial(). All addresses of the name
  // are tried, soon one beside the other. The error is a sentence for a person: what failed, on which host,
  // and what may mend it.
  using Done = std::function<void(std::expected<Dialled, std::string>)>;
  virtual std::unique_ptr<Dial> dial(const DialTarget& target, Done done) = 0;
};

}  // namespace halley::net
