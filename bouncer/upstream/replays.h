// What a network replays of the past: in a batch for that (chathistory, playback), with a time long gone, or
// with a msgid that was heard before. It is not new: it keeps its time, calls nobody's attention, and what
// the log has already is not logged again.
//
// Lines of the past are held until the store has said which of them it knows. Bounds: kMostBatches open
// batches, kMostHeldLines lines of kMostHeldBytes; what is beyond is left out, as the network has it still.
// Thread: the loop's. Owner: the Upstream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/irc/message.h"

namespace halley {

class Upstream;

class Replays {
 public:
  static constexpr std::size_t kMostBatches = 32, kMostHeldLines = 1000, kMostHeldBytes = 512 * 1024;
  static constexpr std::size_t kMostRecentMsgids = 256;  // msgids of the newest lines, over all links

  explicit Replays(Upstream& up) : up_(up) {}

  void new_link();
  void batch(const irc::Message& message);  // BATCH
  // Is the line inside a batch of the past? Only what people say is taken from such.
  bool in_past_batch(const irc::Message& message) const;
  // Takes a PRIVMSG or NOTICE that is not new; false: it is.
  bool take(const irc::Message& message);
  // Is there something that is not in the log yet?
  bool holding() const { return !state_.held.empty(); }
  // Was something left out since it was asked last, because too much is held?
  bool left_out() { return std::exchange(state_.left_out, false); }
  void room();  // in the journal, again
  // A line that was said just now, while registering or in answer to a PING of ours (`surely`): the network's
  // own clock, by which old is told from new. The last PONG counts, so that one lie does not last.
  void hear_clock(const irc::Message& message, bool surely);
  std::int64_t clock_offset_ms() const { return state_.clock_offset_ms; }  // 0 unless it is far off

 private:
  struct OpenBatch {
    std::string reference;
    bool past;
  };
  std::int64_t now_ms() const;
  bool is_old(const irc::Message& message) const;
  void ask_clock();
  bool is_full() const { return state_.held.size() >= kMostHeldLines || state_.held_bytes >= kMostHeldBytes; }
  bool heard_lately(std::uint64_t msgid) const;
  void remember(std::uint64_t msgid);
  void look_up();
  void looked_up(bool known);

  struct State {
    std::vector<OpenBatch> batches;
    std::vector<std::uint64_t> recent;  // hashes of msgids, a ring
    std::size_t recent_at = 0;
    std::int64_t clock_offset_ms = 0;
    std::uint64_t clock_asked_ms = 0;  // monotonic; 0: never
    std::list<std::string> held;       // lines with their tags, in order
    std::size_t held_bytes = 0;
    bool waits_for_room = false;  // what is held is new
    bool left_out = false;
  };

  Upstream& up_;
  State state_;
  bool looking_up_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // the store's answers check that we still live
};

}  // namespace halley
