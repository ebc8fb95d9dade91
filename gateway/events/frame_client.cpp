#include "gateway/events/frame_client.h"

#include <algorithm>

#include "bouncer/commands/read_markers.h"
#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/message.h"
#include "gateway/events/buffer_frames.h"
#include "gateway/events/frame.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {

FrameClient::FrameClient(StreamHub& hub, StreamOwner owner) : hub_(hub), state_{.owner = std::move(owner)} {}

FrameClient::~FrameClient() {
  hub_.remove(*this);
}

ClientSource FrameClient::source() const {
  return {.address = state_.owner.address,
          .transport = std::string(row_of(transport()).name),
          .software = state_.owner.agent};
}

void FrameClient::left() {
  state_.ended = true;
  if (state_.waits) hub_.snapshots().forget(*this);
  state_.waits = false;
  stop_following();
  stop_telling();
}

void FrameClient::open(User& user, const std::optional<Cursor>& after) {
  hub_.add(*this);
  attach(user, View::all());
  state_.opened_at = user.head();
  if (after && after->epoch == user.epoch() && after->id <= user.head()) {
    start_at(after->id);
    follow(after->id);
    return;
  }
  state_.waits = true;
  state_.reset = after.has_value();
  hub_.snapshots().wait(*this);
}

void FrameClient::begin() {
  state_.waits = false;
  state_.opened_at = user()->head();
  start_at(state_.opened_at);
  if (state_.reset) {
    std::string& json = hub_.scratch();
    json.clear();
    append_mark_json(json, "reset");
    put_json(json);
  }
  snapshot();
  state_.fresh = true;
  follow(user()->head());
}

void FrameClient::snapshot() {
  std::string& json = hub_.scratch();
  json.clear();
  append_mark_json(json, "snapshot");
  put_json(json);
  if (!rules_of(user()->row()).empty()) put_rules();
  for (const auto& network : user()->networks()) {
    put_network(*network, false);
    put_state(*network);
    put_markers(*network);
    if (!set_buffers(*network).empty()) put_buffers(*network);
  }
}

void FrameClient::put_state(const Network& network) {
  if (network.link() == Link::kConnected) state_.connected.push_back(network.id());
  const Burst burst(network, names_style());
  const auto sink = [&](std::string_view line) { put_line(network.name(), line); };
  burst.isupport(sink);
  for (const auto& channel : network.state().channels()) {
    burst.join(*channel, sink);
    if (channel->names_known) tell_channel(network, *channel, true, Occasion::kWelcome);
  }
}

// The page shows every prefix and needs no hosts.
NamesStyle FrameClient::names_style() const {
  return {.multi_prefix = true, .userhost = false};
}

void FrameClient::tell(const Network& network, std::string_view line) {
  put_line(network.name(), line);
  keep();
}

// How far each buffer was read: it may have been read elsewhere while this client was away.
void FrameClient::put_markers(const Network& network) {
  tell_markers(network, [&](std::string_view line) { put_line(network.name(), line); });
}

// What is set for buffers: a client that was away may have missed a change.
void FrameClient::put_buffers(const Network& network) {
  tell_set_buffers(network, hub_.scratch(), [this](std::string_view json) { put_json(json); });
}

void FrameClient::put_rules() {
  std::string& json = hub_.scratch();
  json.clear();
  append_rules_json(json, *user());
  put_json(json);
}

void FrameClient::rules_changed() {
  if (takes_passed()) put_rules();
}

void FrameClient::buffer_changed(const Network& network, BufferId buffer, bool removed) {
  if (!takes_passed()) return;
  std::string& json = hub_.scratch();
  json.clear();
  if (removed) {
    append_removed_buffer_json(json, network, buffer);
  } else {
    append_buffers_json(json, network, {&buffer, 1}, false);
  }
  put_json(json);
}

// What was said, by any client, and is open: the frames of its way may have been missed.
void FrameClient::put_open_lines() {
  for (const auto& network : user()->networks()) network->outbox().tell_open(*this);
}

void FrameClient::said(const Network& network, const SaidNews& news) {
  if (!takes_passed()) return;
  if (!news.to_all && (state_.owner.client.empty() || state_.owner.client != news.command.client)) return;
  std::string& json = hub_.scratch();
  json.clear();
  append_said_json(json, user()->epoch(), network.name(), news);
  put_json(json);
}

void FrameClient::put_line(std::string_view network, std::string_view line) {
  std::string& json = hub_.scratch();
  json.clear();
  append_line_json(json, network, line);
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
  append_mark_json(json, "ready", user()->epoch(), cursor());
  put(json, cursor());
}

void FrameClient::note(const Delivery& delivery) {
  if (delivery.live || !delivery.network ||
      delivery.event.kind != static_cast<std::uint8_t>(EventKind::kJoin))
    return;
  if (delivery.event.id > state_.opened_at) return;  // it hears when that channel is known whole
  const auto message = irc::parse(delivery.event.line);
  if (!message || !delivery.network->state().is_me(irc::parse_prefix(message->source).nick)) return;
  if (std::ranges::find(state_.rejoined, delivery.event.network) == state_.rejoined.end())
    state_.rejoined.push_back(delivery.event.network);
}

void FrameClient::caught_up() {
  if (state_.ended) return;
  // What is not in the log: how the links stand, and who is in the channels that were joined meanwhile.
  if (!state_.fresh) {
    put_rules();
    for (const auto& network : user()->networks()) {
      put_network(*network, false);
      if (std::ranges::find(state_.rejoined, network->id()) != state_.rejoined.end()) put_state(*network);
      put_markers(*network);
      put_buffers(*network);
    }
  }
  decltype(state_.rejoined){}.swap(state_.rejoined);
  put_open_lines();
  ready();
  state_.fresh = false;
  go_on_telling();
}

void FrameClient::pass(const Network& network, std::string_view line) {
  if (takes_passed()) put_line(network.name(), line);
}

void FrameClient::pass_own(std::string_view line) {
  if (takes_passed()) put_line({}, line);
}

bool FrameClient::takes_passed() const {
  return !state_.ended && !state_.waits && has_room();
}

void FrameClient::network_changed(const Network& network, bool removed) {
  const bool connected = !removed && network.link() == Link::kConnected;
  const bool fresh = connected && std::ranges::find(state_.connected, network.id()) == state_.connected.end();
  std::erase(state_.connected, network.id());
  if (connected) state_.connected.push_back(network.id());
  if (!takes_passed()) return;
  put_network(network, removed);
  // What the network is like is known from now on: which names are channels, which signs stand before nicks.
  if (!fresh) return;
  Burst(network, names_style()).isupport([&](std::string_view line) { put_line(network.name(), line); });
  put_markers(network);
}

void FrameClient::channel_complete(const Network& network, const Channel& channel) {
  if (!state_.ended && !state_.waits) tell_channel(network, channel, true);
}

void FrameClient::channel_names(const Network& network, const Channel& channel) {
  if (!state_.ended && !state_.waits) tell_channel(network, channel, false);
}

void FrameClient::end(std::string_view reason) {
  if (state_.ended) return;
  left();
  std::string json;
  append_end_json(json, reason);
  put_json(json);
  finish();
}

}  // namespace halley::gateway
