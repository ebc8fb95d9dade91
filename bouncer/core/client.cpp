#include "bouncer/core/client.h"

#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {
// A queue is crowded from half of limits.client_queue on (one read from a network, encoded, must fit into the
// rest), and eased again at an eighth.
constexpr std::size_t kCrowdedPart = 2, kEasedPart = 8;
}  // namespace

Client::~Client() {
  detach();
}

void Client::attach(User& user, View view) {
  detach();
  user_ = &user;
  user.add_client(*this, cursor_, std::move(view));
}

void Client::detach() {
  if (!user_) return;
  user_->remove_client(*this);
  cursor_.close();
  crowded_at_ms_ = 0;
  user_ = nullptr;
}

Network* Client::bound_network() const {
  return user_ && view().bound() != 0 ? user_->network(view().bound()) : nullptr;
}

const Network* Client::network_of(NetworkId id) const {
  return user_ ? user_->network(id) : nullptr;
}

void Client::channel_complete(const Network& network, const Channel& channel) {
  const Burst burst(network, {.multi_prefix = true, .userhost = false});
  const auto sink = [&](std::string_view line) { pass(&network, line); };
  burst.topic(channel, sink);
  burst.names(channel, sink);
}

void Client::channel_renamed(const Network& network, const Channel& channel, std::string_view old_name,
                             std::string_view line) {
  // Of a name that is only spelt otherwise there is nothing to say.
  if (irc::equal(network.state().casemapping(), channel.name, old_name)) return;
  const auto message = irc::parse(line);
  const Burst burst(network, {});
  pass(&network, irc::format_line(burst.own_mask(), "PART", {old_name, message ? message->last() : line}));
  burst.join(channel, [&](std::string_view joined) { pass(&network, joined); });
  channel_complete(network, channel);
}

void Client::channel_names(const Network& network, const Channel& channel) {
  Burst(network, {.multi_prefix = true, .userhost = false}).names(channel, [&](std::string_view line) {
    pass(&network, line);
  });
}

// In a flood a network is not read while a client that follows it live has much queued: reading on would only
// drop the queue and have every such client read the same lines from the store. A client that has not made
// room in that time is slow, and does become a cursor.
bool Client::worth_waiting_for() {
  if (!live() || queued() <= user_->client_queue_limit() / kCrowdedPart) {
    crowded_at_ms_ = 0;
    return false;
  }
  const std::uint64_t now = user_->now_ms();
  if (crowded_at_ms_ == 0) crowded_at_ms_ = now;
  return now - crowded_at_ms_ < kLongestWaitMs;
}

void Client::eased() {
  if (crowded_at_ms_ == 0 || !user_ || queued() > user_->client_queue_limit() / kEasedPart) return;
  crowded_at_ms_ = 0;
  user_->client_eased();
}

}  // namespace halley
