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

std::string too_many_buffers(std::string_view name) {
  return fmt::format("{} has no buffer of its own here: there are too many", name);
}

// Is it one of those of the device that are shown the network, but for what the device hides?
bool is_shown(const Client& client, const Network& network, DeviceId device) {
  return client.device() == device && !client.sees_hidden() && client.view().shows(network.id());
}

// One may leave meanwhile.
template <typename Tell>
void each_client(const Network& network, DeviceId device, Tell&& tell) {
  const User& user = network.user();
  for (std::size_t i = 0; i < user.clients().size(); ++i) {
    Client& client = *user.clients()[i];
    if (is_shown(client, network, device)) tell(client);
  }
}

}  // namespace

// Key: the buffer; value: the newest event then. What nobody could have put is passed over.
Detached::Detached(DurableState& states, User& user) : StateOwner(states), user_(user) {
  std::size_t taken = 0;
  const auto take = [&](const storage::StateRow& row, std::size_t most) {
    BufferId buffer = 0;
    EventId since = 0;
    if (!read_whole(row.key, buffer) || !read_whole(row.value, since) || taken >= most) return;
    since_[{.device = row.device, .network = row.network, .buffer = buffer}] = since;
    ++taken;
  };
  states_.take(StateKind::kDetached, user_.id(), [&](const storage::StateRow& row) {
    if (row.device == kAllDevices) take(row, kMostDetached);
  });
  taken = 0;
  states_.take(StateKind::kHidden, user_.id(), [&](const storage::StateRow& row) {
    if (row.device != kAllDevices) take(row, kMostHidden);
  });
  count();
}

bool Detached::hides_there(const storage::Event& event, DeviceId device) const {
  if (event.buffers.empty()) return false;
  // Our own new nick concerns every client, wherever we are.
  const bool own_nick =
      static_cast<EventKind>(event.kind) == EventKind::kNick && (event.flags & event_flag::kSelf) != 0;
  // What came before is still to be shown to who was behind then.
  const auto hidden_from = [&](DeviceId whom, BufferId buffer) {
    const auto at = since_.find({.device = whom, .network = event.network, .buffer = buffer});
    return at != since_.end() && event.id > at->second;
  };
  return !own_nick && std::ranges::all_of(event.buffers, [&](BufferId buffer) {
    return hidden_from(kAllDevices, buffer) || hidden_from(device, buffer);
  });
}

std::vector<BufferId> Detached::of(NetworkId network, DeviceId device) const {
  std::vector<BufferId> out;
  for (auto at = since_.lower_bound({.device = device, .network = network, .buffer = 0});
       at != since_.end() && at->first.device == device && at->first.network == network; ++at)
    out.push_back(at->first.buffer);
  return out;
}

std::vector<Detached::Place> Detached::of_devices() const {
  std::vector<Place> out;
  for (auto at = since_.lower_bound({.device = kAllDevices + 1}); at != since_.end(); ++at)
    out.push_back(at->first);
  return out;
}

std::vector<Detached::Place> Detached::of_buffer(NetworkId network, BufferId buffer) const {
  std::vector<Place> out;
  for (const auto& [place, since] : since_) {
    if (place.network == network && place.buffer == buffer) out.push_back(place);
  }
  return out;
}

bool Detached::full(DeviceId device) const {
  return device == kAllDevices ? since_.size() - by_devices_ >= kMostDetached : by_devices_ >= kMostHidden;
}

void Detached::count() {
  by_devices_ =
      static_cast<std::size_t>(std::distance(since_.lower_bound({.device = kAllDevices + 1}), since_.end()));
}

void Detached::add(const Place& place, EventId head) {
  if (since_.insert_or_assign(place, head).second && place.device != kAllDevices) ++by_devices_;
  put(place, std::to_string(head));
}

void Detached::remove(const Place& place) {
  if (since_.erase(place) == 0) return;
  if (place.device != kAllDevices) --by_devices_;
  put(place, {});
}

// Where the journal has no room the old place is kept, and is of no use after a restart.
void Detached::move(NetworkId network, BufferId from, BufferId to) {
  for (const Place& place : of_buffer(network, to)) {
    if (!has(network, from, place.device) && states_.has_room()) remove(place);
  }
  for (const Place& place : of_buffer(network, from)) {
    const EventId since = since_.at(place);
    if (!states_.has_room()) continue;
    remove(place);
    Place moved = place;
    moved.buffer = to;
    if (!has(network, to, place.device)) add(moved, since);
  }
}

void Detached::put(const Place& place, std::string_view value) {
  const std::string key = std::to_string(place.buffer);
  states_.put(place.device == kAllDevices ? StateKind::kDetached : StateKind::kHidden,
              {.user = user_.id(),
               .network = place.network,
               .device = place.device,
               .kind = 0,
               .key = key,
               .value = value});
}

void Detached::forget_buffer(UserId user, NetworkId network_id, BufferId buffer) {
  Network* const network = user == user_.id() ? user_.network(network_id) : nullptr;
  const std::string* const name = network ? network->buffers().name(buffer) : nullptr;
  const std::vector<Place> places = name ? of_buffer(network_id, buffer) : std::vector<Place>();
  if (places.empty()) return;
  for (const Place& place : places) {
    // A stalled disk: what stays kept names a buffer that no other will be.
    if (states_.has_room()) put(place, {});
    since_.erase(place);
  }
  count();
  const Channel* joined = network->state().find_channel(*name);
  if (joined == nullptr) return;
  // Nothing that was said there is told any more.
  if (places.front().device == kAllDevices) return user_.channel_shown(*network, *joined, user_.head());
  for (const Place& place : places) {
    each_client(*network, place.device,
                [&](Client& client) { client.channel_shown(*network, *joined, user_.head()); });
  }
}

// What all devices hide goes with its channel: who wants to be there keeps the buffer.
void Detached::add_kept_buffers(UserId user, std::vector<BufferId>& kept) const {
  if (user != user_.id()) return;
  for (const Place& place : of_devices()) kept.push_back(place.buffer);
}

void Detached::forget_network(UserId user, NetworkId network) {
  if (user != user_.id()) return;
  std::erase_if(since_, [network](const auto& entry) { return entry.first.network == network; });
  count();
}

void Detached::forget_device(DeviceId device) {
  std::erase_if(since_, [device](const auto& entry) { return entry.first.device == device; });
  count();
}

bool is_detached(const Network& network, std::string_view channel) {
  return is_hidden(network, channel, Detached::kAllDevices);
}

bool is_hidden(const Network& network, std::string_view name, DeviceId device) {
  const Detached& detached = network.user().detached();
  return !detached.empty() && detached.covers(network.id(), network.buffers().find(name), device);
}

std::string detach_channel(Network& network, std::string_view channel) {
  User& user = network.user();
  if (user.detached().has(network.id(), network.buffers().find(channel))) return {};
  if (user.detached().full())
    return fmt::format("{} detached channels are the most: join one first", Detached::kMostDetached);
  const BufferId buffer = network.buffers().make(channel, Buffers::MadeBy::kUser);
  if (network.buffers().find(channel) == 0) return too_many_buffers(channel);
  if (const Channel* joined = network.state().find_channel(channel)) user.channel_hidden(network, *joined);
  user.detached().add({.network = network.id(), .buffer = buffer}, user.head());
  user.buffer_changed(network, buffer);
  return {};
}

bool attach_channel(Network& network, std::string_view channel) {
  User& user = network.user();
  const BufferId buffer = network.buffers().find(channel);
  if (!user.detached().has(network.id(), buffer)) return false;
  const EventId since = user.detached().since(network.id(), buffer);
  user.detached().remove({.network = network.id(), .buffer = buffer});
  if (const Channel* joined = network.state().find_channel(channel))
    user.channel_shown(network, *joined, since);
  user.buffer_changed(network, buffer);
  return true;
}

std::string hide_on_device(Network& network, DeviceId device, std::string_view name) {
  User& user = network.user();
  Detached& detached = user.detached();
  if (detached.has(network.id(), network.buffers().find(name), device)) return {};
  if (detached.full(device))
    return fmt::format("{} channels and queries are the most that devices hide: show one first",
                       Detached::kMostHidden);
  const BufferId buffer = network.buffers().make(name, Buffers::MadeBy::kUser);
  if (network.buffers().find(name) == 0) return too_many_buffers(name);
  EventId since = user.head();
  if (detached.has(network.id(), buffer)) since = std::min(since, detached.since(network.id(), buffer));
  if (std::ranges::none_of(user.clients(),
                           [&](const Client* one) { return is_shown(*one, network, device); }))
    since = std::min(since, user.positions().of(device, network.id()));
  if (const Channel* joined = network.state().find_channel(name)) {
    each_client(network, device, [&](Client& client) { client.channel_hidden(network, *joined); });
  }
  detached.add({.device = device, .network = network.id(), .buffer = buffer}, since);
  return {};
}

bool show_on_device(Network& network, DeviceId device, std::string_view name) {
  Detached& detached = network.user().detached();
  if (detached.empty() || device == Detached::kAllDevices) return false;
  const BufferId buffer = network.buffers().find(name);
  if (!detached.has(network.id(), buffer, device)) return false;
  const EventId since = detached.since(network.id(), buffer, device);
  detached.remove({.device = device, .network = network.id(), .buffer = buffer});
  const Channel* joined = network.state().find_channel(name);
  const bool query = !network.state().isupport().is_channel(name);
  each_client(network, device, [&](Client& client) {
    if (joined != nullptr) client.channel_shown(network, *joined, since);
    if (query) client.query_shown(network, *network.buffers().name(buffer), since);
  });
  return true;
}

void talk_goes_on(Network& network, BufferId from, BufferId to) {
  User& user = network.user();
  if (from == 0 || to == 0 || from == to || user.detached().empty()) return;
  user.detached().move(network.id(), from, to);
  user.buffer_changed(network, to);
}

}  // namespace halley
