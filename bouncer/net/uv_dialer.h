// Dialling on the real loop.
//
// Thread: the loop's. Owner: the composition root.
#pragma once

#include "bouncer/net/dialer.h"
#include "bouncer/net/tls_context.h"
#include "bouncer/net/uv_loop.h"

namespace halley::net {

// REQUIRES: loop and context (a client's) outlive it and its dials. Of the addresses that the system's
// resolver gives, at most 16 are tried: IPv6 and IPv4 in turns, a quarter of a second after one another
// (UvConnect). The first that accepts the connection is the one: a handshake that fails there is the answer.
class UvDialer final : public Dialer {
 public:
  UvDialer(UvLoop& loop, const TlsContext& tls) : loop_(loop), tls_(tls) {}
  std::unique_ptr<Dial> dial(const DialTarget& target, Done done) override;

 private:
  UvLoop& loop_;
  const TlsContext& tls_;
};

}  // namespace halley::net
