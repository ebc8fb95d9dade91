// MONITOR between clients and one network: keeps the network's one list in step with the clients' own
// (MonitorLists), sets it up again on each link, and tells each client of those whom it watches.
// Source: https://ircv3.net/specs/extensions/monitor
//
// Thread: the loop's. Owner: the Upstream. What a successor needs of it are the lists, which are values.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/core/client_id.h"
#include "bouncer/core/monitor_changes.h"
#include "bouncer/core/monitor_lists.h"
#include "bouncer/irc/message.h"

namespace halley {

class Upstream;

class Monitor {
 public:
  explicit Monitor(Upstream& up) : up_(up) {}

  // A client's MONITOR, answered by Halley from what the network said.
  void command(ClientId from, const irc::Message& message);
  // Halley itself watches as kNobody. Targets are separated by commas.
  void add(ClientId who, std::string_view targets);
  void remove(ClientId who, std::string_view targets);
  void forget(ClientId who);  // it has gone

  void in_use();                                        // the link is
  void link_gone();                                     // nothing is known of anybody
  void told(const irc::Message& message, bool online);  // 730 or 731: "nick!user@host,..."
  void list_full(const irc::Message& message);          // 734

  // Does a client watch them?
  bool watched(std::string_view nick) const;
  void pass_to_watchers(std::string_view nick, std::string_view line);

  // Is something to be said to the network? It has a turn behind all else.
  bool waits() const { return changes_ != nullptr; }
  std::string take_line();  // REQUIRES: waits()

 private:
  std::size_t limit() const;
  void change(MonitorLists::Delta delta);
  void reply(ClientId to, std::string_view numeric, const std::vector<std::string>& names);
  void say_full(ClientId to, std::string_view limit, std::string_view targets);
  void tell_presence(ClientId to, const std::vector<const MonitorLists::Watched*>& targets);

  Upstream& up_;
  MonitorLists lists_;
  std::unique_ptr<MonitorChanges> changes_;  // null: there are none
};

}  // namespace halley
