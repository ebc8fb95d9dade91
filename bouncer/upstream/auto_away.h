// AWAY while nobody sits before a client of the user, where the setting auto-away has a text for it: after a
// minute, so that a client that only comes back under another address makes no noise. The user's own AWAY
// goes before it, and stays.
//
// Thread: the loop's. Owner: the Upstream. A restart begins a new minute.
#pragma once

#include <cstdint>
#include <string>

namespace halley {

class Upstream;

class AutoAway {
 public:
  static constexpr std::uint64_t kAfterMs = 60'000;

  explicit AutoAway(Upstream& up) : up_(up) {}

  // Somebody may have come or gone; to be called every quarter of a minute, too.
  void look();
  void link_gone() { state_.said = false; }

 private:
  bool say(const std::string& text);

  struct State {
    std::uint64_t absent_since_ms = 0;  // monotonic; 0: somebody was there
    bool said = false;                  // on this link, and not taken back
  };

  Upstream& up_;
  State state_;
};

}  // namespace halley
