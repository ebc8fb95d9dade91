// What is known of one network while its link is up: who we are there, what the server supports, the channels
// we are in with their topics, modes and members. Follows the protocol's lines; sends nothing and logs
// nothing.
//
// Without I/O or clock. Whoever watches a channel's members is told of each change, and is no part of what is
// known. Thread: the loop's. Owner: the Network. Values: a successor takes them as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/core/channel_members.h"
#include "bouncer/core/member_table.h"
#include "bouncer/irc/caps.h"
#include "bouncer/irc/isupport.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/modes.h"
#include "bouncer/irc/text.h"

namespace halley {

struct Channel {
  std::string name;
  std::string topic, topic_who;
  std::int64_t topic_time = 0, created = 0;  // seconds since 1970; 0: not known
  irc::ChannelModes modes;
  // Each packed: low 24 bits the member; high 8 bits prefix modes, bit i for the i-th letter of ISUPPORT
  // PREFIX.
  ChannelMembers members;
  char symbol = '=';         // of the network's own NAMES reply: '@' secret, '*' private, '=' public
  bool names_known = false;  // the first NAMES reply is complete

  static MemberId member_of(std::uint32_t packed) { return packed & 0xFFFFFF; }
  static std::uint8_t prefixes_of(std::uint32_t packed) { return static_cast<std::uint8_t>(packed >> 24); }
};

// Who tells a channel's members in pieces hears of each change before it is made (NamesList). A call may end
// the watch of whom it is made to, and does no more to the state.
class ChannelWatcher {
 public:
  virtual void member_comes(MemberId id) = 0;
  virtual void member_goes(MemberId id, std::uint8_t prefixes) = 0;
  virtual void member_renames(MemberId id, std::uint8_t prefixes) = 0;
  // It is left, or takes another name: nothing more is heard.
  virtual void channel_goes() = 0;

 protected:
  ~ChannelWatcher() = default;
};

class NetworkState {
 public:
  NetworkState() = default;
  NetworkState(NetworkState&&) = default;
  NetworkState& operator=(NetworkState&&) = default;
  ~NetworkState() { tell_all_go(); }

  // Bytes of a nick, user or host of ours, and of an account: what is longer is cut, or its bearer refused.
  static constexpr std::size_t kMaxOwnName = 255;

  // Who we are. Empty while not registered. Set through the two functions below, which bound them: own lines
  // are made with this mask.
  std::string nick, user, host, account, umodes;
  std::string server;   // the server's name, from 001
  std::string my_info;  // the parameters of 004 after the nick
  irc::CapSet caps;     // enabled towards the network
  bool away = false;    // the user is, as the network says

  void set_nick(std::string_view name) { nick = irc::clip_utf8(name, irc::kMaxNick); }
  void set_address(std::string_view user_name, std::string_view host_name);
  void change_umodes(std::string_view change);  // "-i+rw": what it does not name stays

  // ISUPPORT, shared among the networks that say the same (see IsupportPool).
  const irc::Isupport& isupport() const { return *isupport_; }
  // A CASEMAPPING that changes when many are known, or yet again, is left out: each change costs a look at
  // everything that has a name. A network says it once, before anything that has one.
  void apply_isupport(std::span<const std::string_view> tokens);
  void set_isupport(std::shared_ptr<const irc::Isupport> shared) { isupport_ = std::move(shared); }

  bool is_me(std::string_view who) const { return !nick.empty() && irc::equal(casemapping(), who, nick); }
  irc::CaseMapping casemapping() const { return isupport_->casemapping(); }

  // --- Channels. Pointers and references are valid until the next join(), leave() or reset() ---
  const std::vector<std::unique_ptr<Channel>>& channels() const {
    return channels_;
  }  // sorted by folded name
  Channel* find_channel(std::string_view name) const;
  Channel& join(std::string_view name);  // we joined
  void leave(std::string_view name);     // we left, or were kicked
  // Null: we are not in `from`, or in another one of that name already.
  Channel* rename_channel(std::string_view from, std::string_view to);
  const MemberTable& members() const { return members_; }

  // --- Members. REQUIRES: a channel is one of ours. False or null: the bound `max_bytes` was reached and the
  // member is not kept, or unknown names.
  bool add_member(Channel& channel, const irc::Prefix& who, std::uint8_t prefixes = 0);
  void remove_member(Channel& channel, std::string_view nick);
  // Calls visit(Channel&) for each channel that `nick` is in.
  template <typename Visit>
  void each_channel_of(std::string_view who, Visit&& visit) const {
    const MemberId id = members_.find(who);
    if (id == kNoMember) return;
    std::uint32_t left = members_.channels(id);
    for (std::size_t i = 0; left > 0 && i < channels_.size(); ++i) {
      if (!channels_[i]->members.contains(id)) continue;
      --left;
      visit(*channels_[i]);
    }
  }
  void quit(std::string_view nick);                         // leaves every channel
  void rename(std::string_view from, std::string_view to);  // NICK, also our own
  void learn(const irc::Prefix& who);                       // user and host of somebody we know
  void set_account(std::string_view nick,
                   std::string_view account);  // "*": logged out; kept of ourselves only
  // The symbols of a membership, highest first: "@+"; `all` false: the highest only.
  void append_symbols(std::string& out, std::uint8_t prefixes, bool all) const;
  std::uint8_t prefixes_from_symbols(std::string_view symbols) const;

  // One "@+nick!user@host" of RPL_NAMREPLY. With multi-prefix and userhost-in-names or without.
  void name_reply_entry(Channel& channel, std::string_view entry);
  void end_of_names(Channel& channel);
  void apply_modes(Channel& channel, std::span<const irc::ModeChange> changes);

  // The watcher hears of this channel, one of ours, until it goes or unwatch() is called.
  void watch(const Channel& channel, ChannelWatcher& watcher) const;
  void unwatch(const ChannelWatcher& watcher) const;

  // How the network folds names and marks channels, as ISUPPORT tokens: what is kept by name is found by them
  // while the network is away, and before it was ever there again.
  std::string naming() const;
  void set_naming(std::string_view tokens);

  // The link is gone: everything but bound, key and naming is forgotten.
  void reset();
  std::size_t bytes() const;
  void set_bound(std::size_t max_bytes) { max_bytes_ = max_bytes; }
  // A random number that the network does not know (see MemberTable::set_key). REQUIRES: in no channel yet.
  void set_hash_key(std::uint64_t key);

 private:
  std::shared_ptr<irc::Isupport> own_isupport() const;
  bool full() const { return bytes() > max_bytes_; }
  void remove(Channel& channel, MemberId id);
  void tell_all_go();
  void tell_goes(const Channel& channel);
  template <typename Visit>
  void each_watcher(MemberId id, Visit&& visit);
  std::size_t channel_index(std::string_view name, bool& found) const;

  std::shared_ptr<const irc::Isupport> isupport_ = default_isupport();
  static std::shared_ptr<const irc::Isupport> default_isupport();
  std::vector<std::unique_ptr<Channel>> channels_;
  MemberTable members_;
  std::uint64_t hash_key_ = 0;
  std::size_t member_list_bytes_ = 0;  // of all channels
  std::size_t remaps_ = 0;             // changes of the casemapping since reset()
  std::size_t max_bytes_ = ~std::size_t{0};
  // At most one of each client; null: most of the time there is none.
  using Watchers = std::vector<std::pair<const Channel*, ChannelWatcher*>>;
  mutable std::unique_ptr<Watchers> watchers_;
  std::size_t watching() const { return watchers_ ? watchers_->size() : 0; }
};

// Keeps one copy of each distinct ISUPPORT: a thousand users of one network share it.
class IsupportPool {
 public:
  std::shared_ptr<const irc::Isupport> intern(const irc::Isupport& isupport);

 private:
  std::vector<std::weak_ptr<const irc::Isupport>>
      known_;  // at most 64 remembered; others are simply not shared
};

}  // namespace halley
