// Dialling on the real loop.
#pragma once

#include "bouncer/net/dialer.h"
#include "bouncer/net/tls_context.h"
#include "bouncer/net/uv_loop.h"

namespace halley::net {

// Loop and context (a client's) must outlive it and its dials. Addresses are tried in the order of the
// system's resolver, at most 16 of them; one that gives no answer for 5 s makes way for the next. The first
// that accepts the connection is the one: a handshake that fails there is the answer.
class UvDialer final : public Dialer {
 public:
  UvDialer(UvLoop& loop, const TlsContext& tls) : loop_(loop), tls_(tls) {}
  std::unique_ptr<Dial> dial(const DialTarget& target, Done done) override;

 private:
  UvLoop& loop_;
  const TlsContext& tls_;
};

}  // namespace halley::net
