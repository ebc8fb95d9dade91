// Everyone the user shares a channel with on one network: each nick once, however many channels it is in, in
// an arena of text, so that a thousand members of a hundred channels cost little (12 bytes per membership is
// the bound).
//
// A plain value: copyable, no I/O. Thread: the loop's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bouncer/irc/casemapping.h"

namespace halley {

using MemberId = std::uint32_t;  // at most 24 bits: a channel packs its prefix modes into the rest
inline constexpr MemberId kNoMember = 0xFFFFFF;

class MemberTable {
 public:
  MemberId find(std::string_view nick) const;
  // The member of that nick, added when new; kNoMember when the table is full.
  MemberId intern(std::string_view nick);
  // REQUIRES (this and all that take an id): intern() gave it, and its last release() is still to come.
  void rename(MemberId id, std::string_view nick);
  // Learns what is not empty of user and host.
  void set_address(MemberId id, std::string_view user, std::string_view host);
  // In how many channels: the last release() forgets the member.
  void hold(MemberId id) { ++slots_[id].channels; }
  void release(MemberId id);
  std::uint32_t channels(MemberId id) const { return slots_[id].channels; }

  std::string_view nick(MemberId id) const { return part(id, 0); }
  std::string_view user(MemberId id) const { return part(id, 1); }
  std::string_view host(MemberId id) const { return part(id, 2); }

  std::size_t size() const { return count_; }
  std::size_t bytes() const;  // heap in use
  // When CASEMAPPING becomes known: all is hashed anew.
  void set_casemapping(irc::CaseMapping mapping);
  // Makes the order in memory one that no network can foresee, so that none can choose nicks that collide.
  // All is hashed anew.
  void set_key(std::uint64_t key);

 private:
  friend struct CostProbe;  // tests look at the counters
  struct Slot {
    std::uint32_t at = 0;  // in text_; the three parts stand one after another
    std::uint32_t channels = 0;
    std::uint8_t length[3] = {};  // nick, user, host; longer ones are clipped to 255 bytes
    bool used = false;
  };
  std::string_view part(MemberId id, int which) const;
  void store(MemberId id, const std::string_view (&parts)[3]);
  void replace_part(MemberId id, int which, std::string_view text);
  void insert_index(MemberId id);
  void erase_index(MemberId id);
  void rehash(std::size_t slots);
  void compact_if_due();
  std::size_t home(std::string_view nick) const;
  std::size_t next(std::size_t place) const { return place + 1 == index_.size() ? 0 : place + 1; }

  irc::CaseMapping mapping_ = irc::CaseMapping::kRfc1459;
  std::uint64_t key_ = 0;
  std::vector<Slot> slots_;
  std::vector<MemberId> free_;
  std::vector<MemberId> index_;  // open addressing, linear probing; at most three quarters in use
  std::vector<char> text_;
  std::size_t garbage_ = 0;
  std::size_t count_ = 0;
  std::uint64_t moved_ = 0;  // members looked at in order to move texts together
};

}  // namespace halley
