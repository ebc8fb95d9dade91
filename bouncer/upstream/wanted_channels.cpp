#include "bouncer/upstream/wanted_channels.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/upstream/question_kinds.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

constexpr std::uint64_t kAskedForMs = 60'000;
constexpr std::uint64_t kFirstRetryMs = 60'000, kLongestRetryMs = 30 * 60'000;
constexpr double kSavesPerSecond = 1;   // what is more often waits for tick()
constexpr std::size_t kJoinFits = 400;  // bytes of a JOIN's names and keys

// A name that there never will be, or too many of them: trying again would not help on this link.
bool lasts(std::string_view numeric) {
  return holds_word("403 405 407 448 476 479 926", numeric);
}

template <typename Entry>
std::string_view name_of(const Entry& entry) {
  return entry.name;
}
template <>
std::string_view name_of(const std::string& entry) {
  return entry;
}

}  // namespace

bool WantedChannels::same(std::string_view a, std::string_view b) const {
  return irc::equal(up_.state().casemapping(), a, b);
}

template <typename Entries>
auto WantedChannels::find(Entries& entries, std::string_view name) const {
  return std::ranges::find_if(entries, [&](const auto& entry) { return same(name_of(entry), name); });
}

bool WantedChannels::is_wanted(std::string_view name, std::string* stored_key) const {
  const storage::ChannelRow* row = up_.network().find_wanted(name);
  if (row && stored_key) *stored_key = row->key;
  return row != nullptr;
}

// --- What clients ask for

void WantedChannels::ask(std::string_view name, std::string_view key) {
  std::erase_if(state_.parting, [&](const std::string& parting) { return same(parting, name); });
  std::erase_if(state_.asks, [&](const Ask& ask) { return same(ask.name, name); });
  const bool no_link = up_.link() != Link::kConnected;
  if (no_link && !is_wanted(name)) {
    // Kept over a restart of Halley, until the network has been asked.
    up_.network().want_channel(name, key);
    if (state_.unconfirmed.size() < up_.network().channel_limit()) state_.unconfirmed.emplace_back(name);
    return;
  }
  if (state_.asks.size() == kMostAsks) state_.asks.erase(state_.asks.begin());
  state_.asks.push_back(
      {.name = std::string(name), .key = std::string(key), .at_ms = up_.now_ms(), .kept_for_link = no_link});
}

void WantedChannels::give_up(std::string_view name) {
  const bool on_its_way = find(state_.asks, name) != state_.asks.end() || up_.state().find_channel(name);
  forget(name, true);
  if (on_its_way && up_.link() == Link::kConnected && state_.parting.size() < kMostAsks)
    state_.parting.emplace_back(name);
}

// --- What the network says

void WantedChannels::joined(std::string_view name) {
  std::erase_if(state_.refused, [&](const RefusedChannel& refused) { return same(refused.name, name); });
  std::erase_if(state_.unconfirmed, [&](const std::string& other) { return same(other, name); });
  forward_over(name);
  const auto asked = find(state_.asks, name);
  std::string key = asked == state_.asks.end() ? std::string() : asked->key;
  const bool by_client = asked != state_.asks.end();
  if (by_client) state_.asks.erase(asked);
  if (find(state_.parting, name) != state_.parting.end()) return;  // left again already
  const auto is_goal = [&](const auto& forward) { return same(forward.second, name); };
  if (!by_client && std::ranges::any_of(state_.forwards, is_goal))
    return;  // reached by a name that is wanted
  std::string stored_key;
  const bool known = is_wanted(name, &stored_key);
  if (!known || (!key.empty() && key != stored_key)) save(name, key.empty() ? stored_key : key, true);
}

// It is joined itself: where it led to, if that is joined still, is wanted for its own sake.
void WantedChannels::forward_over(std::string_view name) {
  const auto at =
      std::ranges::find_if(state_.forwards, [&](const auto& forward) { return same(forward.first, name); });
  if (at == state_.forwards.end()) return;
  const std::string goal = at->second;
  state_.forwards.erase(at);
  if (up_.state().find_channel(goal) && !is_wanted(goal)) save(goal, {}, true);
}

void WantedChannels::parted(std::string_view name) {
  forget(name, false);
}

void WantedChannels::forget(std::string_view left, bool by_client) {
  const std::string name(left);
  const auto drop = [&](const std::string& channel) {
    if (by_client)
      std::erase_if(state_.unsaved, [&](const Unsaved& change) { return same(change.name, channel); });
    by_client ? save_now({channel, {}, false}) : save(channel, {}, false);
  };
  const auto is_it = [&](std::string_view other) { return same(other, name); };
  std::erase_if(state_.parting, is_it);
  std::erase_if(state_.asks, [&](const Ask& ask) { return is_it(ask.name); });
  std::erase_if(state_.unconfirmed, is_it);
  std::erase_if(state_.refused, [&](const RefusedChannel& refused) { return is_it(refused.name); });
  drop(name);
  for (auto at = state_.forwards.begin(); at != state_.forwards.end();) {
    if (!is_it(at->second) && !is_it(at->first)) {
      ++at;
      continue;
    }
    const std::string from = at->first;
    at = state_.forwards.erase(at);
    if (!is_it(from)) drop(from);
  }
}

void WantedChannels::forwarded(std::string_view from, std::string_view to) {
  const auto asked = find(state_.asks, from);
  if (asked != state_.asks.end()) {
    const Ask ask = *asked;
    state_.asks.erase(asked);
    if (!is_wanted(from)) save(ask.name, ask.key, true);
  }
  std::erase_if(state_.unconfirmed, [&](const std::string& other) { return same(other, from); });
  if (!is_wanted(from)) return;  // wanted by nobody: where it leads to is, if it is joined
  std::erase_if(state_.forwards, [&](const auto& forward) { return same(forward.first, from); });
  if (state_.forwards.size() >= up_.network().channel_limit()) state_.forwards.erase(state_.forwards.begin());
  state_.forwards.emplace_back(from, to);
}

void WantedChannels::renamed(std::string_view from, std::string_view to) {
  std::string key;
  if (!is_wanted(from, &key)) return;
  save(from, {}, false);
  save(to, key, true);
}

void WantedChannels::key_is(std::string_view name, std::string_view key) {
  if (key == "*" || key.find_first_of(" ,") != std::string_view::npos) return;  // hidden, or not one to send
  std::string known;
  if (is_wanted(name, &known) && known != key) save(name, key, true);
}

WhoseTry WantedChannels::refused(std::string_view numeric, std::string_view name, std::string_view why) {
  if (up_.state().find_channel(name) && find(state_.asks, name) == state_.asks.end())
    return WhoseTry::kNobodys;
  std::erase_if(state_.parting, [&](const std::string& parting) { return same(parting, name); });
  if (const auto offline = find(state_.unconfirmed, name); offline != state_.unconfirmed.end()) {
    state_.unconfirmed.erase(offline);
    save(name, {}, false);
    up_.tell(fmt::format("{} cannot be joined: {}.", name, why));
    return WhoseTry::kOwn;
  }
  std::string key;
  const bool wanted = is_wanted(name, &key);
  if (const auto asked = find(state_.asks, name); asked != state_.asks.end()) {
    const bool was_kept = asked->kept_for_link;
    state_.asks.erase(asked);
    // The key that was asked for while there was no link is wrong: the one that worked may still be right.
    if (was_kept && wanted && !up_.state().find_channel(name)) join({{std::string(name), key}});
    return WhoseTry::kClients;
  }
  if (!wanted) return WhoseTry::kNobodys;
  const auto known = find(state_.refused, name);
  if (known != state_.refused.end()) {
    known->delay_ms = std::min(known->delay_ms * 2, kLongestRetryMs);
    known->next_ms = up_.now_ms() + known->delay_ms;
    return WhoseTry::kOwn;
  }
  if (!lasts(numeric) && state_.refused.size() < up_.network().channel_limit())
    state_.refused.push_back({std::string(name), up_.now_ms() + kFirstRetryMs, kFirstRetryMs});
  up_.tell(fmt::format("{} cannot be joined: {}.{}", name, why,
                       lasts(numeric) ? "" : " Halley tries again when that may have changed."));
  return WhoseTry::kOwn;
}

// Said again and again it is looked at by the next tick.
void WantedChannels::identified() {
  const std::uint64_t now = up_.now_ms();
  const bool again = state_.identified_ms != 0 && now - state_.identified_ms < kFirstRetryMs;
  if (!again) {
    state_.identified_ms = now;
    return try_again(true);
  }
  for (RefusedChannel& refused : state_.refused) refused.next_ms = 0;
}

void WantedChannels::invited(std::string_view name) {
  const auto known = find(state_.refused, name);
  if (known == state_.refused.end()) return;
  known->next_ms = 0;
  try_again(false);
}

// --- The link

void WantedChannels::join_all() {
  std::vector<std::pair<std::string, std::string>> channels;
  for (const storage::ChannelRow* row : up_.network().wanted_channels()) {
    const auto asked = find(state_.asks, row->name);
    const bool newer = asked != state_.asks.end() && !asked->key.empty();
    channels.emplace_back(row->name, newer ? asked->key : row->key);
  }
  join(std::move(channels));
}

void WantedChannels::link_gone() {
  std::erase_if(state_.asks, [](const Ask& ask) { return !ask.kept_for_link; });
  state_.parting.clear();
  state_.refused.clear();
  for (const Unsaved& change : std::exchange(state_.unsaved, {})) save_now(change);
}

void WantedChannels::tick() {
  const std::uint64_t now = up_.now_ms();
  std::erase_if(state_.asks,
                [now](const Ask& ask) { return !ask.kept_for_link && now - ask.at_ms > kAskedForMs; });
  for (const Unsaved& change : std::exchange(state_.unsaved, {})) save_now(change);
  try_again(false);
}

void WantedChannels::try_again(bool all) {
  if (up_.link() != Link::kConnected) return;
  const std::uint64_t now = up_.now_ms();
  std::vector<std::pair<std::string, std::string>> channels;
  for (RefusedChannel& refused : state_.refused) {
    if (!all && refused.next_ms > now) continue;
    std::string key;
    if (is_wanted(refused.name, &key)) channels.emplace_back(refused.name, key);
    refused.next_ms = now + refused.delay_ms;
  }
  join(std::move(channels));
}

// In as few lines as fit; channels with a key first, as their keys pair up with them in order.
void WantedChannels::join(std::vector<std::pair<std::string, std::string>> channels) {
  std::ranges::stable_partition(channels, [](const auto& channel) { return !channel.second.empty(); });
  std::string names, keys;
  const auto send = [&] {
    if (!names.empty()) (void)up_.send(fmt::format("JOIN {}{}{}", names, keys.empty() ? "" : " ", keys));
    names.clear();
    keys.clear();
  };
  for (const auto& [name, key] : channels) {
    if (names.size() + keys.size() + name.size() + key.size() > kJoinFits) send();
    (names += names.empty() ? "" : ",") += name;
    if (!key.empty()) (keys += keys.empty() ? "" : ",") += key;
  }
  send();
}

void WantedChannels::save(std::string_view name, std::string_view key, bool wanted) {
  const std::uint64_t now = up_.now_ms();
  state_.saves_left =
      std::min(kSavesAtOnce,
               state_.saves_left + static_cast<double>(now - state_.saves_at_ms) * kSavesPerSecond / 1000);
  state_.saves_at_ms = now;
  std::erase_if(state_.unsaved, [&](const Unsaved& change) { return same(change.name, name); });
  const Unsaved change{std::string(name), std::string(key), wanted};
  if (state_.saves_left >= 1) {
    if (!wanted && !is_wanted(name)) return;
    state_.saves_left -= 1;
    save_now(change);
  } else {
    if (state_.unsaved.size() >= 2 * up_.network().channel_limit())
      state_.unsaved.erase(state_.unsaved.begin());
    state_.unsaved.push_back(change);
  }
}

void WantedChannels::save_now(const Unsaved& change) {
  if (change.wanted) {
    up_.network().want_channel(change.name, change.key);
  } else {
    up_.network().forget_channel(change.name);
  }
}

}  // namespace halley
