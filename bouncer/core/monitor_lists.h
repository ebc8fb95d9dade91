// MONITOR: whom each client watches, merged onto the one list that the network keeps for us, so that a
// client's "MONITOR C" ends nobody else's watch and presence is told to those who asked for it. Source:
// https://ircv3.net/specs/extensions/monitor
//
// Thread: the loop's. Owner: the link's Monitor. A value.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bouncer/core/client_id.h"
#include "bouncer/irc/casemapping.h"

namespace halley {

class MonitorLists {
 public:
  static constexpr std::size_t kMostWatched =
      1000;  // of all clients of a network; the network may take fewer

  // What of the network's list has to change.
  struct Delta {
    std::vector<std::string> add, remove;
  };
  enum class Presence { kUnknown, kOnline, kOffline };
  struct Watched {
    std::string name;  // as the first client wrote it
    std::string mask;  // nick!user@host while online
    Presence presence = Presence::kUnknown;
    std::vector<ClientId> watchers;
  };

  // Adds `nick` to the list of `who`. False: the list is full (`limit` of the network, or kMostWatched).
  bool add(ClientId who, std::string_view nick, std::size_t limit, Delta& delta);
  void remove(ClientId who, std::string_view nick, Delta& delta);
  // The client has cleared its list, or left.
  void forget(ClientId who, Delta& delta);

  const Watched* find(std::string_view nick) const;  // null: nobody watches it
  std::vector<const Watched*> of(ClientId who) const;
  std::vector<std::string> all() const;  // to be set up again on a new link

  // 730 and 731: the network's word. Gives the target, null when nobody watches it.
  const Watched* learn(std::string_view nick, std::string_view mask, Presence presence);
  // The link has gone: nothing is known of anybody. Names are compared as the new mapping has it.
  void link_lost();
  void set_casemapping(irc::CaseMapping mapping);

 private:
  std::unordered_map<std::string, Watched> targets_;  // by folded nick
  irc::CaseMapping mapping_ = irc::CaseMapping::kRfc1459;
};

}  // namespace halley
