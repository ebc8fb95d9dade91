// The members of one channel on their way to one client, RPL_NAMREPLY in pieces: as they were when the list
// was made, whatever happens to the channel meanwhile. What happens is told behind it, and changes what the
// list has told: a list of any other moment would leave the client with a wrong picture.
//
// Who goes or takes another nick before their turn has come is written down as they were; who comes is passed
// over. So the cost is that of what changes meanwhile, not a copy of all; when that is too much, the list
// ends early and is to be made anew (spoilt).
//
// Thread: the loop's. Owner: whoever tells; the network's state outlives it, or says that the channel goes.
// Nothing to hand over: a successor makes the list anew.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bouncer/core/burst.h"
#include "bouncer/core/channel_members.h"
#include "bouncer/core/network_state.h"

namespace halley {

class NamesList final : private ChannelWatcher {
 public:
  using Sink = std::function<void(std::string_view line)>;  // no CR LF

  NamesList(const Network& network, const Channel& channel, NamesStyle style);
  ~NamesList();
  NamesList(const NamesList&) = delete;
  NamesList& operator=(const NamesList&) = delete;

  // The next lines, about so many bytes of them. True: that was all, RPL_ENDOFNAMES with it.
  // `sink` changes nothing of the network.
  bool piece(std::size_t bytes, const Sink& sink);
  bool spoilt() const { return spoilt_; }

 private:
  void member_comes(MemberId id) override;
  void member_goes(MemberId id, std::uint8_t prefixes) override;
  void member_renames(MemberId id, std::uint8_t prefixes) override;
  void channel_goes() override { state_ = nullptr; }

  bool told(MemberId id) const;
  void keep(MemberId id, std::uint8_t prefixes);
  void count(std::size_t bytes);
  void append_entry(MemberId id, std::uint8_t prefixes);
  void put(const Sink& sink);
  void flush(const Sink& sink);

  const NetworkState* state_;  // null: nothing more is read from it
  const Channel* channel_;
  NamesStyle style_;
  std::string head_, end_;
  std::string line_;                                          // begun
  std::string entry_;                                         // scratch
  ChannelMembers::HashPlace place_ = ChannelMembers::kBegin;  // members before it have been told
  std::vector<std::string> kept_;                             // entries of who has changed before their turn
  std::unordered_set<MemberId> passed_over_;                  // who is told otherwise when their turn comes
  std::size_t changed_bytes_ = 0;                             // what these two cost
  bool spoilt_ = false;
};

}  // namespace halley
