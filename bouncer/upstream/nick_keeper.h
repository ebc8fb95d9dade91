// The nick that the user wants on one network. A nick that a client asks for is wanted once the network has
// given it; one that is held by another is taken back when it becomes free, by tries that nobody is shown and
// that become rarer while they are refused. A new nick that services give us is accepted, not fought.
//
// Plain values besides the reference. Thread: the loop's. Owner: the Upstream. Times: monotonic milliseconds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace halley {

class Upstream;

class NickKeeper {
 public:
  explicit NickKeeper(Upstream& up) : up_(up) {}

  const std::string& wanted() const { return wanted_; }
  void want(std::string_view nick);  // by the settings
  void ask(std::string_view nick);   // by a client, which sends it itself when the link is up
  void take_back();                  // now, if that makes sense

  // --- Registering ---
  // What to register with: what was asked for while there was no link, else the wanted one.
  const std::string& to_register() const { return requested_.empty() ? wanted_ : requested_; }
  // The nick is refused. False: no nick was requested that could be given up, so another nick is to be tried.
  bool request_refused();
  void registered_as(std::string_view nick, bool after_refusals);
  void in_use();     // the link is
  void link_gone();  // what was not answered will not be

  // --- In use ---
  void renamed(std::string_view nick);  // we
  void is_free(std::string_view nick);  // somebody left, or took another nick
  void is_taken(std::string_view nick);
  enum class Refusal { kNotOurs, kAsked, kQuiet };
  // A numeric with these parameters refused a nick. kAsked: the client that asked is to be told. kQuiet: it
  // was Halley's own try.
  Refusal refused(std::span<const std::string_view> params);
  void tick();

 private:
  static constexpr std::size_t kMostTries = 16;  // not yet answered; the oldest is forgotten first
  struct Try {
    std::string nick;
    bool by_client;
    std::uint64_t at_ms;
  };
  bool same(std::string_view a, std::string_view b) const;
  void stop_watching();
  bool waits() const;  // for the wanted nick to become free
  void add_try(std::string_view nick, bool by_client);

  Upstream& up_;
  std::string wanted_, requested_;
  std::vector<Try> tries_;  // sent, oldest first
  bool accepted_ = false;   // the network gave us another nick, and that is that
  bool taken_ = false;      // MONITOR says so
  std::string monitored_;   // watched with MONITOR on this link
  std::uint64_t next_ms_ = 0, delay_ms_ = 0;
};

}  // namespace halley
