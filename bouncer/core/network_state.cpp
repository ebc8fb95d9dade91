#include "bouncer/core/network_state.h"

#include <algorithm>

namespace halley {

namespace {
constexpr std::size_t kMaxMembersBit = 0xFFFFFF;
}

std::shared_ptr<const irc::Isupport> NetworkState::default_isupport() {
  static const std::shared_ptr<const irc::Isupport> kDefault = std::make_shared<irc::Isupport>();
  return kDefault;
}

void NetworkState::set_address(std::string_view user_name, std::string_view host_name) {
  const irc::Prefix clipped = irc::clip_prefix({nick, user_name, host_name});
  user = clipped.user;
  host = clipped.host;
}

void NetworkState::apply_isupport(std::span<const std::string_view> tokens) {
  auto changed = std::make_shared<irc::Isupport>(*isupport_);
  changed->apply(tokens);
  const bool remapped = changed->casemapping() != casemapping();
  isupport_ = std::move(changed);
  if (!remapped) return;
  members_.set_casemapping(casemapping());
  std::sort(channels_.begin(), channels_.end(), [this](const auto& a, const auto& b) {
    return irc::fold(casemapping(), a->name) < irc::fold(casemapping(), b->name);
  });
}

std::size_t NetworkState::channel_index(std::string_view name, bool& found) const {
  const irc::CaseMapping mapping = casemapping();
  const auto less = [mapping](std::string_view a, std::string_view b) {
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i) {
      const auto x = static_cast<unsigned char>(irc::fold(mapping, a[i]));
      const auto y = static_cast<unsigned char>(irc::fold(mapping, b[i]));
      if (x != y) return x < y;
    }
    return a.size() < b.size();
  };
  const auto at =
      std::lower_bound(channels_.begin(), channels_.end(), name,
                       [&](const auto& channel, std::string_view n) { return less(channel->name, n); });
  found = at != channels_.end() && !less(name, (*at)->name);
  return static_cast<std::size_t>(at - channels_.begin());
}

Channel* NetworkState::find_channel(std::string_view name) const {
  bool found = false;
  const std::size_t at = channel_index(name, found);
  return found ? channels_[at].get() : nullptr;
}

Channel& NetworkState::join(std::string_view name) {
  bool found = false;
  const std::size_t at = channel_index(name, found);
  if (!found) {
    auto channel = std::make_unique<Channel>();
    channel->name = name;
    channels_.insert(channels_.begin() + static_cast<std::ptrdiff_t>(at), std::move(channel));
  }
  return *channels_[at];
}

void NetworkState::leave(std::string_view name) {
  bool found = false;
  const std::size_t at = channel_index(name, found);
  if (!found) return;
  for (const std::uint32_t packed : channels_[at]->members) members_.release(Channel::member_of(packed));
  memberships_ -= channels_[at]->members.size();
  channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(at));
}

std::size_t NetworkState::position_of(const Channel& channel, MemberId id) {
  for (std::size_t i = 0; i < channel.members.size(); ++i) {
    if (Channel::member_of(channel.members[i]) == id) return i;
  }
  return kNowhere;
}

bool NetworkState::add_member(Channel& channel, const irc::Prefix& who, std::uint8_t prefixes) {
  if (who.nick.empty()) return false;
  MemberId id = members_.find(who.nick);
  if (id != kNoMember) {
    const std::size_t at = position_of(channel, id);
    if (at != kNowhere) {
      channel.members[at] = id | (std::uint32_t{prefixes} << 24);
      members_.set_address(id, who.user, who.host);
      return true;
    }
  }
  if (bytes() > max_bytes_ || members_.size() >= kMaxMembersBit) {
    truncated_ = true;
    return false;
  }
  if (id == kNoMember) id = members_.intern(who.nick);
  if (id == kNoMember) return false;
  members_.set_address(id, who.user, who.host);
  members_.hold(id);
  channel.members.push_back(id | (std::uint32_t{prefixes} << 24));
  ++memberships_;
  return true;
}

void NetworkState::remove_at(Channel& channel, std::size_t position) {
  const MemberId id = Channel::member_of(channel.members[position]);
  channel.members[position] = channel.members.back();
  channel.members.pop_back();
  --memberships_;
  members_.release(id);
}

void NetworkState::remove_member(Channel& channel, std::string_view who) {
  const MemberId id = members_.find(who);
  if (id == kNoMember) return;
  const std::size_t at = position_of(channel, id);
  if (at != kNowhere) remove_at(channel, at);
}

void NetworkState::quit(std::string_view who) {
  const MemberId id = members_.find(who);
  if (id == kNoMember) return;
  for (const auto& channel : channels_) {
    const std::size_t at = position_of(*channel, id);
    if (at != kNowhere) remove_at(*channel, at);
  }
}

void NetworkState::rename(std::string_view from, std::string_view to) {
  if (to.empty()) return;
  const bool me = is_me(from);
  const MemberId id = members_.find(from);
  if (id != kNoMember) {
    const MemberId other = members_.find(to);
    // The network can't have both; a stale one of that name goes.
    if (other != kNoMember && other != id) quit(to);
    members_.rename(id, to);
  }
  if (me) set_nick(to);
}

bool NetworkState::is_member(const Channel& channel, std::string_view who) const {
  const MemberId id = members_.find(who);
  return id != kNoMember && position_of(channel, id) != kNowhere;
}

void NetworkState::learn(const irc::Prefix& who) {
  if (who.user.empty() && who.host.empty()) return;
  const MemberId id = members_.find(who.nick);
  if (id != kNoMember) members_.set_address(id, who.user, who.host);
}

void NetworkState::set_account(std::string_view who, std::string_view name) {
  const MemberId id = members_.find(who);
  if (id != kNoMember) members_.set_account(id, name);
  if (is_me(who)) account = name == "*" ? "" : name;
}

void NetworkState::append_symbols(std::string& out, std::uint8_t prefixes, bool all) const {
  const std::string_view symbols = isupport_->prefix_symbols();
  for (std::size_t i = 0; i < symbols.size() && i < 8; ++i) {
    if ((prefixes >> i & 1) == 0) continue;
    out += symbols[i];
    if (!all) return;
  }
}

std::uint8_t NetworkState::prefixes_from_symbols(std::string_view symbols) const {
  std::uint8_t prefixes = 0;
  for (const char symbol : symbols) {
    const std::size_t i = isupport_->prefix_symbols().find(symbol);
    if (i < 8) prefixes = static_cast<std::uint8_t>(prefixes | 1U << i);
  }
  return prefixes;
}

void NetworkState::name_reply_entry(Channel& channel, std::string_view entry) {
  const std::size_t symbols = std::min(entry.find_first_not_of(isupport_->prefix_symbols()), entry.size());
  add_member(channel, irc::parse_prefix(entry.substr(symbols)),
             prefixes_from_symbols(entry.substr(0, symbols)));
}

void NetworkState::end_of_names(Channel& channel) {
  channel.names_known = true;
  channel.members.shrink_to_fit();
  members_.settle();
}

void NetworkState::apply_modes(Channel& channel, std::span<const irc::ModeChange> changes) {
  for (const irc::ModeChange& change : changes) {
    if (change.group != 'P') {
      channel.modes.apply(change);
      continue;
    }
    const std::size_t bit = isupport_->prefix_modes().find(change.letter);
    const MemberId id = members_.find(change.arg);
    if (bit >= 8 || id == kNoMember) continue;
    const std::size_t at = position_of(channel, id);
    if (at == kNowhere) continue;
    const std::uint32_t mask = std::uint32_t{1} << (24 + bit);
    channel.members[at] = change.add ? channel.members[at] | mask : channel.members[at] & ~mask;
  }
}

void NetworkState::reset() {
  const std::size_t bound = max_bytes_;
  *this = NetworkState{};
  max_bytes_ = bound;
}

// Asked for each member that joins, so counted, not summed.
std::size_t NetworkState::bytes() const {
  return members_.bytes() + memberships_ * sizeof(std::uint32_t) +
         channels_.capacity() * (sizeof(void*) + sizeof(Channel));
}

std::shared_ptr<const irc::Isupport> IsupportPool::intern(const irc::Isupport& isupport) {
  std::erase_if(known_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : known_) {
    if (auto known = weak.lock(); known && known->tokens() == isupport.tokens()) return known;
  }
  auto fresh = std::make_shared<const irc::Isupport>(isupport);
  constexpr std::size_t kMost = 64;
  if (known_.size() < kMost) known_.push_back(fresh);
  return fresh;
}

}  // namespace halley
