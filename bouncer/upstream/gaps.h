// What was said while Halley itself was away: fetched from networks that keep history (draft/chathistory), of
// each channel that we are in again and of the talks with people there were meanwhile, page by page, one
// question at a time. The lines come as a network's replay (upstream/replays.h): they keep their time, and
// what the log has is not logged again.
// Source: https://ircv3.net/specs/extensions/chathistory
//
// How far the network was heard is durable (StateKind::kHeard): written once a minute, when a link ends, and
// not before all that was missed has been fetched. So a link that ends in the middle, or a crash, begins
// again where it was.
//
// Bounds: kMostGaps channels and talks of a link, kMostGapPages pages of each. Thread: the loop's. Owner: the
// Upstream. A successor needs what is durable alone: it asks again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/core/durable_state.h"
#include "bouncer/irc/message.h"

namespace halley {

class Upstream;

class Gaps {
 public:
  static constexpr std::size_t kMostGaps = 500;
  static constexpr std::size_t kMostGapPages = 20;
  static constexpr std::size_t kLinesOfAPage = 100;  // asked for; fewer where the network says so
  static constexpr std::uint64_t kAnsweredWithinMs = 60'000;
  // So long after the registration a channel that we join is one that we were in before.
  static constexpr std::uint64_t kJoinedWithinMs = 10 * 60'000;

  // Takes what was kept. `states` outlives it.
  Gaps(Upstream& up, DurableState& states);
  ~Gaps();

  void registered();
  void joined(std::string_view channel);  // by us
  // Each line, before it is handled. True: it was an answer to us, and nobody else's.
  bool hear(const irc::Message& message);
  // The lines that came are in the log.
  void replayed() { go_on(); }
  void tick();  // each quarter of a minute
  // `heard_ms`: when the network was last heard; milliseconds since 1970.
  void link_gone(std::int64_t heard_ms);

 private:
  struct Target {
    std::string name;       // empty: who has spoken to us at all (TARGETS)
    std::int64_t from_ms;   // by the network's clock
    std::size_t pages = 0;  // that were asked for
  };
  // What is fetched on this link; values.
  struct Work {
    std::int64_t from_ms = 0;       // by the network's clock
    std::list<Target> targets;      // the first one is asked about
    bool asked = false;             // and not yet answered
    std::uint64_t asked_at_ms = 0;  // monotonic
    std::string batch;              // the answer's; empty: it has not begun
    bool last_page = false;         // says the network
    std::size_t lines = 0;          // of the answer so far
    std::int64_t newest_ms = 0;     // among them
  };

  bool keeps_history() const;
  std::size_t lines_of_a_page() const;
  void heard(std::int64_t ms);
  bool fetched() const;
  void add(std::string name);
  void go_on();
  bool opens(const irc::Message& message);
  void hear_line(const irc::Message& message);
  void answered(bool refused);

  Upstream& up_;
  DurableState& states_;
  std::int64_t heard_ms_ = 0;   // as it is kept, by our clock; 0: never
  bool registered_ = false;     // on this link, with a network that keeps history
  std::unique_ptr<Work> work_;  // null: nothing was missed on this link, or it is not known what
};

}  // namespace halley
