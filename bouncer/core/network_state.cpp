#include "bouncer/core/network_state.h"

#include <algorithm>
#include <utility>

namespace halley {

namespace {
// A change of CASEMAPPING: so often on one link, and while so many members are known.
constexpr std::size_t kMostRemaps = 8;
constexpr std::size_t kMostRemapped = 10'000;
}  // namespace

std::shared_ptr<const irc::Isupport> NetworkState::default_isupport() {
  static const std::shared_ptr<const irc::Isupport> kDefault = std::make_shared<irc::Isupport>();
  return kDefault;
}

void NetworkState::change_umodes(std::string_view change) {
  bool add = true;
  for (const char c : change) {
    if (c == '+' || c == '-') {
      add = c == '+';
      continue;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const std::size_t at = umodes.find(c);
    if (!add && at != std::string::npos) umodes.erase(at, 1);
    if (add && letter && at == std::string::npos) (umodes += umodes.empty() ? "+" : "") += c;
  }
  if (umodes == "+") umodes.clear();
}

void NetworkState::set_address(std::string_view user_name, std::string_view host_name) {
  const irc::Prefix clipped = irc::clip_prefix({nick, user_name, host_name});
  user = clipped.user;
  host = clipped.host;
}

void NetworkState::apply_isupport(std::span<const std::string_view> tokens) {
  const irc::CaseMapping before = casemapping();
  const std::string named(isupport_->value("CASEMAPPING").value_or(""));
  auto changed = own_isupport();
  changed->apply(tokens);
  const bool remapped = changed->casemapping() != before;
  if (remapped && (remaps_ == kMostRemaps || members_.size() > kMostRemapped)) {
    const std::string old = named.empty() ? "-CASEMAPPING" : "CASEMAPPING=" + named;
    const std::string_view token = old;
    changed->apply({&token, 1});
  }
  isupport_ = std::move(changed);
  if (casemapping() == before) return;
  ++remaps_;
  members_.set_casemapping(casemapping());
  std::sort(channels_.begin(), channels_.end(), [this](const auto& a, const auto& b) {
    return irc::fold(casemapping(), a->name) < irc::fold(casemapping(), b->name);
  });
}

// A copy when others share it, else the very one: a network may say 005 as often as it likes.
std::shared_ptr<irc::Isupport> NetworkState::own_isupport() const {
  if (isupport_.use_count() > 1) return std::make_shared<irc::Isupport>(*isupport_);
  return std::const_pointer_cast<irc::Isupport>(isupport_);
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
    channel->members = ChannelMembers(static_cast<std::uint32_t>(hash_key_));
    channels_.insert(channels_.begin() + static_cast<std::ptrdiff_t>(at), std::move(channel));
  }
  return *channels_[at];
}

void NetworkState::leave(std::string_view name) {
  bool found = false;
  const std::size_t at = channel_index(name, found);
  if (!found) return;
  tell_goes(*channels_[at]);
  for (const std::uint32_t packed : channels_[at]->members) members_.release(Channel::member_of(packed));
  member_list_bytes_ -= channels_[at]->members.bytes();
  channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(at));
}

Channel* NetworkState::rename_channel(std::string_view from, std::string_view to) {
  bool found = false;
  const std::size_t at = channel_index(from, found);
  if (!found) return nullptr;
  if (const Channel* other = find_channel(to); other && other != channels_[at].get()) return nullptr;
  auto channel = std::move(channels_[at]);
  tell_goes(*channel);
  channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(at));
  channel->name = to;
  const std::size_t now = channel_index(to, found);
  return channels_.insert(channels_.begin() + static_cast<std::ptrdiff_t>(now), std::move(channel))->get();
}

template <typename Visit>
void NetworkState::each_watcher(MemberId id, Visit&& visit) {
  for (std::size_t i = watching(); i-- > 0;) {
    if (i >= watching()) continue;  // a watch has ended
    const auto [channel, watcher] = (*watchers_)[i];
    if (const auto prefixes = channel->members.prefixes(id)) visit(*channel, *watcher, *prefixes);
  }
}

bool NetworkState::add_member(Channel& channel, const irc::Prefix& who, std::uint8_t prefixes) {
  if (who.nick.empty()) return false;
  MemberId id = members_.find(who.nick);
  if (id != kNoMember && channel.members.contains(id)) {
    channel.members.put(id, prefixes);
    learn(who);
    return true;
  }
  if (full()) return false;
  if (id == kNoMember) id = members_.intern(who.nick);
  if (id == kNoMember) return false;
  members_.set_address(id, who.user, who.host);
  members_.hold(id);
  for (std::size_t i = watching(); i-- > 0;)
    if (i < watching() && (*watchers_)[i].first == &channel) (*watchers_)[i].second->member_comes(id);
  member_list_bytes_ -= channel.members.bytes();
  channel.members.put(id, prefixes);
  member_list_bytes_ += channel.members.bytes();
  return true;
}

void NetworkState::remove(Channel& channel, MemberId id) {
  each_watcher(id, [&](const Channel& watched, ChannelWatcher& watcher, std::uint8_t prefixes) {
    if (&watched == &channel) watcher.member_goes(id, prefixes);
  });
  member_list_bytes_ -= channel.members.bytes();
  const bool was_there = channel.members.erase(id);
  member_list_bytes_ += channel.members.bytes();
  if (was_there) members_.release(id);
}

void NetworkState::remove_member(Channel& channel, std::string_view who) {
  const MemberId id = members_.find(who);
  if (id != kNoMember) remove(channel, id);
}

void NetworkState::quit(std::string_view who) {
  const MemberId id = members_.find(who);
  if (id == kNoMember) return;
  std::uint32_t left = members_.channels(id);
  for (std::size_t i = 0; left > 0 && i < channels_.size(); ++i) {
    if (!channels_[i]->members.contains(id)) continue;
    --left;
    remove(*channels_[i], id);
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
    if (full() && to.size() > from.size()) {
      quit(from);
    } else {
      each_watcher(id, [&](const Channel&, ChannelWatcher& watcher, std::uint8_t prefixes) {
        watcher.member_renames(id, prefixes);
      });
      members_.rename(id, to);
    }
  }
  if (me) set_nick(to);
}

void NetworkState::learn(const irc::Prefix& who) {
  if (who.user.empty() && who.host.empty()) return;
  const MemberId id = members_.find(who.nick);
  if (id == kNoMember) return;
  if (!full()) members_.set_address(id, who.user, who.host);
}

void NetworkState::set_account(std::string_view who, std::string_view name) {
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
    const auto prefixes = channel.members.prefixes(id);
    if (!prefixes) continue;
    const unsigned mask = 1U << bit;
    channel.members.put(id, static_cast<std::uint8_t>(change.add ? *prefixes | mask : *prefixes & ~mask));
  }
}

void NetworkState::watch(const Channel& channel, ChannelWatcher& watcher) const {
  if (!watchers_) watchers_ = std::make_unique<Watchers>();
  watchers_->emplace_back(&channel, &watcher);
}

void NetworkState::unwatch(const ChannelWatcher& watcher) const {
  if (!watchers_) return;
  std::erase_if(*watchers_, [&](const auto& watched) { return watched.second == &watcher; });
  if (watchers_->empty()) watchers_.reset();
}

void NetworkState::tell_goes(const Channel& channel) {
  if (!watchers_) return;
  std::erase_if(*watchers_, [&](const auto& watched) {
    if (watched.first != &channel) return false;
    watched.second->channel_goes();
    return true;
  });
  if (watchers_->empty()) watchers_.reset();
}

void NetworkState::tell_all_go() {
  const auto all = std::exchange(watchers_, nullptr);
  if (!all) return;
  for (const auto& [channel, watcher] : *all) watcher->channel_goes();
}

void NetworkState::reset() {
  tell_all_go();
  const std::size_t bound = max_bytes_;
  const std::uint64_t key = hash_key_;
  const std::string naming = this->naming();
  *this = NetworkState{};
  max_bytes_ = bound;
  set_hash_key(key);
  set_naming(naming);
}

std::string NetworkState::naming() const {
  std::string tokens;
  for (const char* name : {"CASEMAPPING", "CHANTYPES"}) {
    const auto value = isupport_->value(name);
    if (!value || value->find_first_of(" \\") != std::string_view::npos) continue;
    tokens.append(tokens.empty() ? "" : " ").append(name).append("=").append(*value);
  }
  return tokens;
}

void NetworkState::set_naming(std::string_view tokens) {
  auto isupport = std::make_shared<irc::Isupport>();
  while (!tokens.empty()) {
    const std::string_view token = tokens.substr(0, tokens.find(' '));
    isupport->apply({&token, 1});
    tokens.remove_prefix(std::min(token.size() + 1, tokens.size()));
  }
  isupport_ = isupport->tokens().empty() ? default_isupport() : std::move(isupport);
  members_.set_casemapping(casemapping());
}

void NetworkState::set_hash_key(std::uint64_t key) {
  hash_key_ = key;
  members_.set_key(key);
}

// Asked for each member that joins, so counted, not summed.
std::size_t NetworkState::bytes() const {
  return members_.bytes() + member_list_bytes_ + channels_.capacity() * (sizeof(void*) + sizeof(Channel));
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
