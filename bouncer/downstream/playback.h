// What *playback answers: history for clients that know ZNC's module of that name (WeeChat, Textual,
// Palaver...) in place of CHATHISTORY. PLAY gives lines of buffers between two times, LIST says what there
// is, CLEAR forgets, for this purpose, what was. Source: https://wiki.znc.in/Playback
//
// Works through one buffer after the other, as the store answers and the peer takes them, page by page in
// turns with others (HistoryAnswers): a long answer costs a list of buffers and one page.
//
// Thread: the loop's. Owner: the Downstream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "bouncer/accounts/ids.h"
#include "bouncer/irc/casemapping.h"
#include "storage/api/store.h"

namespace halley {

class Downstream;
class Network;

class Playback {
 public:
  static constexpr std::size_t kMostMasks = 16;     // "#a,#b*,c" of one command; further ones are left out
  static constexpr std::size_t kMaxMask = 64;       // bytes of one
  static constexpr std::size_t kMostCleared = 100;  // buffers that one CLEAR names; "*" is all, at once

  explicit Playback(Downstream& client) : client_(client) {}

  // A line that was said to *playback, about this network.
  void command(Network& network, std::string_view text);
  // There is room towards the peer: what waits goes on.
  void go_on();

 private:
  // Times in milliseconds since 1970, both excluded.
  struct Range {
    std::int64_t from = -1, to = std::numeric_limits<std::int64_t>::max();
  };
  struct Replay {
    bool list;
    NetworkId network;
    Range range;
    std::vector<storage::TargetRow>
        buffers;  // that are still to be served, from the back; the last may be on its way
  };

  void play(Network& network, const std::vector<std::string_view>& words);
  void clear(Network& network, const std::vector<std::string_view>& words);
  void find_buffers(const Network& network, std::string_view masks, Replay job);
  void ask(const Network& network, const Replay& job, const storage::TargetRow& target);
  void answer(const Network& network, bool list, const storage::TargetRow& target, storage::Page page);
  void say(std::string_view text);
  void say_too_much();

  struct State {
    std::list<Replay> jobs;  // an empty deque would cost each client 600 bytes
  };

  Downstream& client_;
  State state_;
  bool asking_ = false;  // a page is on its way: from the store, or to the peer
};

// Masks of "*" and "?", separated by commas. Names compare as the network does. What a name costs is what it
// is long, for each mask with such signs.
class MaskList {
 public:
  // Bytes of names that are compared with masks for one command: some milliseconds of work.
  static constexpr std::size_t kMostComparedBytes = std::size_t{2} << 20;

  MaskList(irc::CaseMapping mapping, std::string_view masks);
  // Does it fit one of them? False, too, once so much was compared that nothing more is.
  bool fits(std::string_view name);
  // Is it one of them itself, and not only fitted by signs?
  bool names(std::string_view name) const;
  bool exhausted() const { return compared_ > kMostComparedBytes; }

 private:
  __extension__ typedef unsigned __int128 Places;  // bit i: what stands before mask[i] has been found
  struct Mask {
    std::string text;  // folded; no star follows another
    Places stars = 0;
    std::vector<Places> fitting;  // for each byte; empty: it is a name
  };
  bool fits(const Mask& mask, std::string_view name);

  const irc::CaseMapping mapping_;
  std::vector<Mask> masks_;
  std::size_t compared_ = 0;
};

}  // namespace halley
