// All networks of a user on the connection of one ordinary client, for clients that know no extension for
// that (login "user/*"). It has a part for each network: a Downstream that is bound to it and follows the log
// from the device's position there, as if the client had a connection for each. What the parts say is given
// the names of network_suffix.h; what the client says goes to the part that its names say (network_routes.h).
//
// Thread: the loop's. Owner: the client's Downstream, while it is logged in so. A successor makes the parts
// again from their cursors' State, and what each network calls the user from NetworkState.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/network_routes.h"
#include "bouncer/irc/caps.h"
#include "bouncer/net/loop.h"

namespace halley {

class AllNetworks {
 public:
  // Questions of a client to one network whose fields are remembered (WHOX); of further ones nicks are told
  // as the network has them.
  static constexpr std::size_t kMostWho = 16;
  // What *halley said, remembered so that it is told once and not once for each network.
  static constexpr std::size_t kMostOfService = 16;

  // REQUIRES: the client is attached, bound to no network. What the networks say comes at the end of the
  // turn.
  AllNetworks(Downstream& client, const Downstream::Parts& parts);
  ~AllNetworks();

  // A line that is about networks. REQUIRES: takes_input().
  void handle(const irc::Message& message);
  bool takes_input() const;
  // What ISUPPORT has of them together, with a space before each token.
  std::string isupport() const;

  // The client's capabilities are others; it takes more; it is to be looked after (Downstream::tick()).
  void set_caps(irc::CapSet caps);
  void drained();
  void tick();
  // As Downstream's of each part.
  bool save_position();
  // What the parts have said goes on its way to the client now, before what is answered next.
  void write_out();
  void network_changed(const Network& network, bool removed);

 private:
  class Part;

  void sync();
  void leave(Part& part, std::string_view reason);
  void tell_isupport();
  std::vector<NamedNetwork> named() const;
  void refuse(const irc::Message& message, const Unrouted& why);
  void change_nick(const irc::Message& message);
  bool handle_batch(const irc::Message& message);
  bool handle_own(const irc::Message& message);
  void route(const irc::Message& message);
  std::string labelled(Part& part, std::string_view line);
  // Null, and the client is told: it has ended.
  Part* shown_part(std::size_t network);
  bool tells_away(bool away);
  // False: the same was told from another network, within a second of now or dated to the same second.
  bool tells_of_service(NetworkId from, const irc::Message& message);

  Downstream& client_;
  const Downstream::Parts& parts_;
  irc::CapSet caps_;
  const irc::Isupport nothing_;                  // of a network that is gone
  std::vector<std::unique_ptr<Part>> networks_;  // as the user has them
  std::unique_ptr<net::Task> sync_;
  std::string told_isupport_;
  std::string batch_;              // that the client has begun: its reference; empty: none
  NetworkId batch_network_ = 0;    // ... and the network that it is for
  std::optional<bool> told_away_;  // by a network
  struct OfService {
    NetworkId from = 0;
    std::string text, time;     // of its tag; empty: it had none
    std::uint64_t told_ms = 0;  // monotonic
  };
  std::vector<OfService> of_service_;  // the last that were told, the newest at the end
};

}  // namespace halley
