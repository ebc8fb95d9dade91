// The nick that the user wants on one network. A nick that a client asks for is wanted once the network has
// given it; one that is held by another is taken back when it becomes free, by tries that nobody is shown and
// that become rarer while they are refused. A new nick that services give us is accepted, not fought.
//
// Thread: the loop's. Owner: the Upstream. Times: monotonic milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/upstream/whose_try.h"

namespace halley {

class Upstream;

class NickKeeper {
 public:
  explicit NickKeeper(Upstream& up) : up_(up) {}

  const std::string& wanted() const { return state_.wanted; }
  void want(std::string_view nick);  // by the settings
  void ask(std::string_view nick);   // by a client, which sends it itself when the link is up
  void take_back();                  // now, if that makes sense

  // --- Registering ---
  // What to register with: what was asked for while there was no link, else the wanted one.
  const std::string& to_register() const {
    return state_.requested.empty() ? state_.wanted : state_.requested;
  }
  // The nick is refused. False: no nick was requested that could be given up, so another nick is to be tried.
  bool request_refused();
  void registered_as(std::string_view nick, bool after_refusals);
  void in_use();     // the link is
  void link_gone();  // what was not answered will not be

  // --- In use ---
  void renamed(std::string_view nick);  // we
  void is_free(std::string_view nick);  // somebody left, or took another nick
  void is_taken(std::string_view nick);
  // A numeric with these parameters refused a nick.
  WhoseTry refused(std::span<const std::string_view> params);
  void tick();

 private:
  static constexpr std::size_t kMostNicksAsked = 16;  // not yet answered; the oldest is forgotten first
  struct Try {
    std::string nick;
    bool by_client;
    std::uint64_t at_ms;
  };
  bool same(std::string_view a, std::string_view b) const;
  void stop_watching();
  bool waits() const;  // for the wanted nick to become free
  void add_try(std::string_view nick, bool by_client);

  struct State {
    std::string wanted, requested;
    std::vector<Try> tries;  // sent, oldest first
    bool accepted = false;   // the network gave us another nick, and that is that
    bool taken = false;      // MONITOR says so
    std::string monitored;   // watched with MONITOR on this link
    std::uint64_t next_ms = 0, delay_ms = 0;
  };

  Upstream& up_;
  State state_;
};

}  // namespace halley
