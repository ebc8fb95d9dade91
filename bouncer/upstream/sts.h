// Strict transport security: which of a network's hosts are to be reached over TLS alone, as they have said
// over TLS, also after a restart; and the host that has just asked for it in plain. Source:
// https://ircv3.net/specs/extensions/sts
//
// Bounds: kMostPolicies hosts, of more the one that lapses first is forgotten. Times: seconds since 1970.
// Thread: the loop's. Owner: the Upstream. REQUIRES (hear, link_gone): the journal has room for a record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/network_url.h"
#include "bouncer/core/durable_state.h"

namespace halley {

class Sts {
 public:
  static constexpr std::size_t kMostPolicies = 8;

  // Takes what was kept. `states` outlives it.
  Sts(DurableState& states, storage::UserId user, storage::NetworkId network);

  // Before an address is dialled: over TLS, if that is how it is to be.
  void secure(NetworkUrl& url, std::int64_t now_s);
  // The capability's value, heard from where we are. True: we are to come back over TLS, at once.
  bool hear(const NetworkUrl& from, std::string_view value, std::int64_t now_s);
  // A policy counts from the end of the link by which it was heard last.
  void link_gone(std::int64_t now_s);

 private:
  struct Policy {
    std::string host;
    std::uint16_t port = 0;
    std::int64_t duration_s = 0, until_s = 0;
  };
  std::vector<Policy>::iterator find(std::string_view host);
  void keep(Policy policy);
  void forget(std::vector<Policy>::iterator policy);

  DurableState& states_;
  const storage::UserId user_;
  const storage::NetworkId network_;
  std::vector<Policy> policies_;
  struct State {
    std::string asked_host;  // in plain, to be dialled over TLS next; empty: none
    std::uint16_t asked_port = 0;
    std::string heard_host;  // whose policy this link has said; empty: none
  };
  State state_;
};

}  // namespace halley
