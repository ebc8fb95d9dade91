// Listening sockets on the real loop.
//
// Thread: the loop's. Owner: the composition root.
#pragma once

#include <functional>
#include <string>

#include "bouncer/net/acceptor.h"
#include "bouncer/net/address_limits.h"
#include "bouncer/net/inherited_sockets.h"
#include "bouncer/net/tls_context.h"
#include "bouncer/net/uv_loop.h"

namespace halley::net {

enum class AcceptProblem {
  kExhausted,  // no descriptors or memory: accepting rests for a second
  kHandshake,  // one connection's TLS failed: common on the open internet, of interest when someone asks
  kCrowded,    // one address has too many connections: likewise
};

// REQUIRES: loop, context (null: addresses with tls are refused) and limits outlive what it makes; inherited
// sockets (null: none), which are taken where they listen at an address that is asked for, outlive this.
//
// At most 64 connections are accepted in a turn, and at most 1,024 handshakes are under way at once; beyond
// that the oldest is dropped, so that those who connect and stay silent cannot keep others out. Limits (null:
// none) count the connections of all listeners together, from being accepted until their descriptor is
// closed; what is over them is closed at once.
class UvAcceptors final : public Acceptors {
 public:
  using OnProblem = std::function<void(AcceptProblem, const std::string& sentence)>;
  UvAcceptors(
      UvLoop& loop, const TlsContext* tls, OnProblem on_problem = [](AcceptProblem, const std::string&) {},
      AddressLimits* limits = nullptr, InheritedSockets* inherited = nullptr)
      : loop_(loop), tls_(tls), on_problem_(std::move(on_problem)), limits_(limits), inherited_(inherited) {}

  std::expected<std::unique_ptr<Acceptor>, std::string> listen(const ListenAddress& address,
                                                               OnAccept on_accept) override;

  // How long a TLS handshake may take; of listeners that are opened from then on.
  static constexpr std::uint64_t kHandshakeMs = 10'000;
  std::uint64_t handshake_ms = kHandshakeMs;

 private:
  UvLoop& loop_;
  const TlsContext* tls_;
  OnProblem on_problem_;
  AddressLimits* limits_;
  InheritedSockets* inherited_;
};

}  // namespace halley::net
