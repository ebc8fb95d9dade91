#include "gateway/events/frame_client.h"

#include <algorithm>

#include "bouncer/commands/read_markers.h"
#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/message.h"
#include "gateway/events/frame.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {

FrameClient::FrameClient(StreamHub& hub, StreamOwner owner) : hub_(hub), owner_(std::move(owner)) {}

FrameClient::~FrameClient() {
  hub_.remove(*this);
}

void FrameClient::left() {
  ended_ = true;
  if (waits_) hub_.snapshots().forget(*this);
  waits_ = false;
  stop_following();
  stop_telling();
}

void FrameClient::open(const std::optional<Cursor>& after) {
  User& user = *owner_.user;
  hub_.add(*this);
  attach(user, View::all());
  opened_at_ = user.head();
  if (after && after->epoch == user.epoch() && after->id <= user.head()) {
    start_at(after->id);
    follow(after->id);
    return;
  }
  waits_ = true;
  reset_ = after.has_value();
  hub_.snapshots().wait(*this);
}

void FrameClient::begin() {
  waits_ = false;
  User& user = *owner_.user;
  opened_at_ = user.head();
  start_at(user.head());
  if (reset_) {
    std::string& json = hub_.scratch();
    json.clear();
    append_mark_json(json, "reset");
    put_json(json);
  }
  snapshot();
  fresh_ = true;
  follow(user.head());
}

void FrameClient::snapshot() {
  std::string& json = hub_.scratch();
  json.clear();
  append_mark_json(json, "snapshot");
  put_json(json);
  for (const auto& network : owner_.user->networks()) {
    put_network(*network, false);
    put_state(*network);
    put_markers(*network);
  }
}

void FrameClient::put_state(const Network& network) {
  if (network.link() == Link::kConnected) connected_.push_back(network.id());
  const Burst burst(network, names_style());
  const auto sink = [&](std::string_view line) { put_line(network, line); };
  burst.isupport(sink);
  for (const auto& channel : network.state().channels()) {
    burst.join(*channel, sink);
    if (channel->names_known) tell_channel(network, *channel, true, When::kWelcome);
  }
}

// The page shows every prefix and needs no hosts.
NamesStyle FrameClient::names_style() const {
  return {.multi_prefix = true, .userhost = false};
}

void FrameClient::tell(const Network& network, std::string_view line) {
  put_line(network, line);
  keep();
}

// How far each buffer was read: it may have been read elsewhere while this client was away.
void FrameClient::put_markers(const Network& network) {
  tell_markers(network, [&](std::string_view line) { put_line(network, line); });
}

// What was said, by any client, and is open: the frames of its way may have been missed.
void FrameClient::put_open_lines() {
  for (const auto& network : owner_.user->networks()) network->outbox().tell_open(*this);
}

void FrameClient::said(const Network& network, const SaidNews& news) {
  if (ended_ || waits_ || !has_room()) return;
  if (!news.to_all && (owner_.client.empty() || owner_.client != news.command.client)) return;
  std::string& json = hub_.scratch();
  json.clear();
  append_said_json(json, owner_.user->epoch(), network.name(), news);
  put_json(json);
}

void FrameClient::put_line(const Network& network, std::string_view line) {
  std::string& json = hub_.scratch();
  json.clear();
  append_line_json(json, network.name(), line);
  put_json(json);
}

void FrameClient::put_network(const Network& network, bool removed) {
  std::string& json = hub_.scratch();
  json.clear();
  append_network_json(json, network, removed);
  put_json(json);
}

void FrameClient::put_ready() {
  std::string& json = hub_.scratch();
  json.clear();
  append_mark_json(json, "ready", owner_.user->epoch(), cursor());
  put(json, cursor());
}

void FrameClient::note(const Delivery& delivery) {
  if (delivery.live || !delivery.network || delivery.event.kind != static_cast<std::uint8_t>(Kind::kJoin))
    return;
  if (delivery.event.id > opened_at_) return;  // it hears when that channel is known whole
  const auto message = irc::parse(delivery.event.line);
  if (!message || !delivery.network->state().is_me(irc::parse_prefix(message->source).nick)) return;
  if (std::ranges::find(rejoined_, delivery.event.network) == rejoined_.end())
    rejoined_.push_back(delivery.event.network);
}

void FrameClient::caught_up() {
  if (ended_) return;
  // What is not in the log: how the links stand, and who is in the channels that were joined meanwhile.
  if (!fresh_) {
    for (const auto& network : owner_.user->networks()) {
      put_network(*network, false);
      if (std::ranges::find(rejoined_, network->id()) != rejoined_.end()) put_state(*network);
      put_markers(*network);
    }
  }
  decltype(rejoined_){}.swap(rejoined_);
  put_open_lines();
  ready();
  fresh_ = false;
  go_on_telling();
}

void FrameClient::pass(const Network* network, std::string_view line) {
  if (ended_ || waits_ || !has_room()) return;
  std::string& json = hub_.scratch();
  json.clear();
  append_line_json(json, network ? std::string_view(network->name()) : std::string_view{}, line);
  put_json(json);
}

void FrameClient::network_changed(const Network& network, bool removed) {
  const bool connected = !removed && network.link() == Link::kConnected;
  const bool fresh = connected && std::ranges::find(connected_, network.id()) == connected_.end();
  std::erase(connected_, network.id());
  if (connected) connected_.push_back(network.id());
  if (ended_ || waits_ || !has_room()) return;
  put_network(network, removed);
  // What the network is like is known from now on: which names are channels, which signs stand before nicks.
  if (!fresh) return;
  Burst(network, names_style()).isupport([&](std::string_view line) { put_line(network, line); });
  put_markers(network);
}

void FrameClient::channel_complete(const Network& network, const Channel& channel) {
  if (!ended_ && !waits_) tell_channel(network, channel, true);
}

void FrameClient::channel_names(const Network& network, const Channel& channel) {
  if (!ended_ && !waits_) tell_channel(network, channel, false);
}

void FrameClient::end(std::string_view reason) {
  if (ended_) return;
  left();
  std::string json;
  append_end_json(json, reason);
  put_json(json);
  finish();
}

}  // namespace halley::gateway
