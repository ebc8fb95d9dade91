// The door of IRC clients for proxies: of a peer that is one of http.trusted_proxies the header of the PROXY
// protocol says who speaks; whatever else it begins with is its own, and all others' bytes are not looked at.
//
// Thread: the loop's. Owner: the composition root; what it is given outlives it. Destroying it drops the
// connections whose header is not whole. Bounds: as many as the acceptors accept, limits.connections of all
// kinds; ten seconds for each; who has said nothing by then is a client like others. What a successor needs
// of a connection is its peer, its bytes and its deadline, which are values.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/config/config.h"
#include "bouncer/net/address_limits.h"
#include "bouncer/net/farewells.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley {

class ProxiedDoor {
 public:
  // Who serves the client; the stream is paused.
  using Pass = std::function<void(std::unique_ptr<net::Stream> stream, net::Peer peer)>;
  ProxiedDoor(net::Loop& loop, const Config& config, net::AddressLimits& addresses, Pass pass);
  ~ProxiedDoor();

  // REQUIRES: the stream is as an acceptor gives it: paused, and nobody listens.
  void accept(std::unique_ptr<net::Stream> stream, net::Peer peer);

 private:
  class Arrival;
  void arrived(Arrival& arrival);
  void sweep();
  void refuse(std::unique_ptr<net::Stream> stream, std::string_view why);
  void tick();

  net::Loop& loop_;
  const Config& config_;
  net::AddressLimits& addresses_;
  Pass pass_;
  net::Farewells farewells_;
  std::vector<std::unique_ptr<Arrival>> waiting_;
  std::unique_ptr<net::Task> sweep_;
  std::unique_ptr<net::Timer> timer_;  // one for all
};

}  // namespace halley
