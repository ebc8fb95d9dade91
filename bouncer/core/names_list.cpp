#include "bouncer/core/names_list.h"

#include <fmt/format.h>

#include "bouncer/core/network.h"
#include "bouncer/irc/fit.h"
#include "bouncer/irc/numerics.h"

namespace halley {

namespace {

// What may be remembered of changes while a list is on its way; the client that takes it does not read.
constexpr std::size_t kMostChanged = 256 * 1024;
constexpr std::size_t kSlotsAtOnce = 256;  // looked at before the bytes are counted

// How RPL_NAMREPLY says what kind of channel it is: secret, private or public.
char symbol(const Channel& channel) {
  return channel.modes.has('s') ? '@' : channel.modes.has('p') ? '*' : channel.symbol;
}

}  // namespace

NamesList::NamesList(const Network& network, const Channel& channel, NamesStyle style)
    : state_(&network.state()), channel_(&channel), style_(style) {
  const Burst burst(network, style);
  head_ = fmt::format(":{} {} {} {} {} :", burst.server(), irc::kRplNamReply, burst.nick(), symbol(channel),
                      channel.name);
  end_ = burst.end_of_names(channel.name);
  line_ = head_;
  state_->watch(channel, *this);
}

NamesList::~NamesList() {
  if (state_) state_->unwatch(*this);
}

bool NamesList::piece(std::size_t bytes, const Sink& sink) {
  std::size_t written = 0;
  const Sink counted = [&](std::string_view line) {
    written += line.size() + 2;
    sink(line);
  };
  for (; !kept_.empty() && written < bytes; kept_.pop_back()) {
    entry_ = kept_.back();
    put(counted);
  }
  while (state_ && place_ != ChannelMembers::kEnd && written < bytes) {
    place_ = channel_->members.visit(place_, kSlotsAtOnce, [&](std::uint32_t packed) {
      if (passed_over_.contains(Channel::member_of(packed))) return;
      append_entry(Channel::member_of(packed), Channel::prefixes_of(packed));
      put(counted);
    });
  }
  if (!kept_.empty() || (state_ && place_ != ChannelMembers::kEnd)) return false;
  flush(counted);
  counted(end_);
  return true;
}

// An entry, and what it takes of a line: a name that does not fit goes without its address, and one that
// never fits is left out.
void NamesList::append_entry(MemberId id, std::uint8_t prefixes) {
  const MemberTable& members = state_->members();
  entry_.clear();
  state_->append_symbols(entry_, prefixes, style_.multi_prefix);
  entry_ += members.nick(id);
  if (!style_.userhost || members.host(id).empty()) return;
  const std::size_t address = members.user(id).size() + members.host(id).size() + 2;
  if (head_.size() + entry_.size() + address > irc::kClientFits) return;
  ((entry_ += '!') += members.user(id)).append("@").append(members.host(id));
}

void NamesList::put(const Sink& sink) {
  if (line_.size() > head_.size() && line_.size() + 1 + entry_.size() > irc::kClientFits) flush(sink);
  if (head_.size() + entry_.size() > irc::kClientFits) return;
  if (line_.size() > head_.size()) line_ += ' ';
  line_ += entry_;
}

void NamesList::flush(const Sink& sink) {
  if (line_.size() == head_.size()) return;
  sink(line_);
  line_ = head_;
}

// --- What happens meanwhile

bool NamesList::told(MemberId id) const {
  return channel_->members.is_before(id, place_);
}

void NamesList::member_comes(MemberId id) {
  if (told(id) || !passed_over_.insert(id).second) return;
  constexpr std::size_t kNode = 40;
  count(kNode);
}

void NamesList::member_goes(MemberId id, std::uint8_t prefixes) {
  if (told(id) || passed_over_.erase(id) > 0) return;
  keep(id, prefixes);
}

void NamesList::member_renames(MemberId id, std::uint8_t prefixes) {
  if (told(id) || passed_over_.contains(id)) return;
  keep(id, prefixes);
  member_comes(id);
}

void NamesList::keep(MemberId id, std::uint8_t prefixes) {
  if (!state_) return;
  append_entry(id, prefixes);
  kept_.push_back(entry_);
  count(entry_.size() + sizeof(std::string));
}

void NamesList::count(std::size_t bytes) {
  changed_bytes_ += bytes;
  if (spoilt_ || changed_bytes_ <= kMostChanged) return;
  spoilt_ = true;
  state_->unwatch(*this);
  state_ = nullptr;
  kept_ = {};
  passed_over_ = {};
}

}  // namespace halley
