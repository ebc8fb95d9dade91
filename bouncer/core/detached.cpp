#include "bouncer/core/detached.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "bouncer/core/client.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"

namespace halley {

namespace {

template <typename Number>
bool read_whole(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

// Key: the buffer; value: the newest event then. What nobody could have put is passed over.
Detached::Detached(DurableState& states, UserId user) : StateOwner(states), user_(user) {
  states_.take(StateKind::kDetached, user, [this](const storage::StateRow& row) {
    BufferId buffer = 0;
    EventId since = 0;
    if (read_whole(row.key, buffer) && read_whole(row.value, since) && !full())
      since_[{row.network, buffer}] = since;
  });
}

bool Detached::hides_there(const storage::Event& event) const {
  if (event.buffers.empty()) return false;
  // Our own new nick concerns every client, wherever we are.
  const bool own_nick =
      static_cast<Kind>(event.kind) == Kind::kNick && (event.flags & event_flag::kSelf) != 0;
  // What came before is still to be shown to who was behind then.
  return !own_nick && std::ranges::all_of(event.buffers, [&](BufferId buffer) {
    const auto at = since_.find({event.network, buffer});
    return at != since_.end() && event.id > at->second;
  });
}

std::vector<BufferId> Detached::of(NetworkId network) const {
  std::vector<BufferId> out;
  for (auto at = since_.lower_bound({network, 0}); at != since_.end() && at->first.first == network; ++at)
    out.push_back(at->first.second);
  return out;
}

void Detached::add(NetworkId network, BufferId buffer, EventId head) {
  since_[{network, buffer}] = head;
  put({network, buffer}, std::to_string(head));
}

void Detached::remove(NetworkId network, BufferId buffer) {
  if (since_.erase({network, buffer}) > 0) put({network, buffer}, {});
}

void Detached::put(const BufferKey& place, std::string_view value) {
  const std::string key = std::to_string(place.second);
  states_.put(StateKind::kDetached,
              {.user = user_, .network = place.first, .device = 0, .kind = 0, .key = key, .value = value});
}

void Detached::forget_network(UserId user, NetworkId network) {
  if (user != user_) return;
  std::erase_if(since_, [network](const auto& entry) { return entry.first.first == network; });
}

bool is_detached(const Network& network, std::string_view channel) {
  const Detached& detached = network.user().detached();
  return !detached.empty() && detached.has(network.id(), network.buffers().find(channel));
}

std::string detach_channel(Network& network, std::string_view channel) {
  User& user = network.user();
  const BufferId buffer = network.buffers().make(channel, Buffers::MadeBy::kUser);
  if (network.buffers().find(channel) == 0)
    return fmt::format("{} has no buffer of its own here: there are too many", channel);
  if (user.detached().has(network.id(), buffer)) return {};
  if (user.detached().full())
    return fmt::format("{} detached channels are the most: join one first", Detached::kMostDetached);
  user.detached().add(network.id(), buffer, user.head());
  if (const Channel* joined = network.state().find_channel(channel)) user.channel_hidden(network, *joined);
  user.buffer_changed(network, buffer);
  return {};
}

bool attach_channel(Network& network, std::string_view channel) {
  User& user = network.user();
  const BufferId buffer = network.buffers().find(channel);
  if (!user.detached().has(network.id(), buffer)) return false;
  const EventId since = user.detached().since(network.id(), buffer);
  user.detached().remove(network.id(), buffer);
  if (const Channel* joined = network.state().find_channel(channel))
    user.channel_shown(network, *joined, since);
  user.buffer_changed(network, buffer);
  return true;
}

}  // namespace halley
