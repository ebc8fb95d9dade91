#include "bouncer/core/client.h"

#include "bouncer/core/names_queue.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/message.h"

namespace halley {

namespace {
// A queue is crowded from half of its limit on (one read from a network, encoded, must fit into the
// rest), and eased again at an eighth.
constexpr std::size_t kCrowdedPart = 2, kEasedPart = 8;
}  // namespace

Client::Client() = default;

Client::~Client() {
  drop();
}

void Client::attach(User& user, View view) {
  detach();
  user_ = &user;
  user.add_client(*this, cursor_, std::move(view));
}

void Client::detach() {
  if (user_) user_->client_leaves(*this);
  drop();
}

void Client::drop() {
  if (!user_) return;
  stop_telling();
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
  tell_channel(network, channel, true);
}

void Client::channel_renamed(const Network& network, const Channel& channel, std::string_view old_name,
                             std::string_view line) {
  // Of a name that is only spelt otherwise there is nothing to say.
  if (irc::equal(network.state().casemapping(), channel.name, old_name)) {
    rename_telling(network, old_name, channel.name);
    return;
  }
  forget_telling(network, old_name);
  const auto message = irc::parse(line);
  const Burst burst(network, {});
  pass(network, irc::format_line(burst.own_mask(), "PART", {old_name, message ? message->last() : line}));
  burst.join(channel, [&](std::string_view joined) { pass(network, joined); });
  channel_complete(network, channel);
}

void Client::channel_names(const Network& network, const Channel& channel) {
  tell_channel(network, channel, false);
}

void Client::tell_channel(const Network& network, const Channel& channel, bool joined, Occasion when) {
  if (!user_) return;
  const bool now = !names_ && (live() || when == Occasion::kWelcome) && takes_more_names();
  const bool names = !joined || takes_names_unasked();
  const std::size_t size = names ? Burst(network, names_style()).bytes_of_names(channel) : 0;
  if (now && (size == 0 || user_->user_turns().spend(size))) {
    if (joined) tell_topic(network, channel);
    if (names) {
      Burst(network, names_style()).names(channel, [&](std::string_view line) { tell(network, line); });
    }
    return;
  }
  if (!names_) names_ = std::make_unique<NamesQueue>(*this, user_->user_turns(), user_->id());
  names_->add(network.id(), channel.name, joined, joined ? 0 : answering());
  names_->go_on();
}

void Client::tell_topic(const Network& network, const Channel& channel) {
  Burst(network, names_style()).topic(channel, [&](std::string_view line) { tell(network, line); });
}

void Client::rename_telling(const Network& network, std::string_view old_name, std::string_view name) {
  if (names_) names_->rename(network.id(), old_name, name);
}

void Client::forget_telling(const Network& network, std::string_view name) {
  if (names_) names_->forget(network.id(), name);
}

void Client::go_on_telling() {
  if (names_) names_->go_on();
}

std::size_t Client::names_answers() const {
  return names_ ? names_->answers() : 0;
}

void Client::stop_telling() {
  names_.reset();
}

// While a list is on its way the log is not followed: what happens comes behind it.
EventId Client::hold() {
  stop_following();
  return cursor();
}

// The queue that calls this may be no more when it returns.
void Client::names_told(std::optional<EventId> held_at) {
  if (names_->empty()) {
    names_.reset();
    all_told();
  }
  if (held_at) follow(*held_at);
}

std::size_t Client::queue_limit() const {
  return user_->client_queue_limit();
}

// In a flood a network is not read while a client that follows it live has much queued: reading on would only
// drop the queue and have every such client read the same lines from the store. A client that has not made
// room in that time is slow, and does become a cursor.
bool Client::worth_waiting_for() {
  if (!live() || queued() <= queue_limit() / kCrowdedPart) {
    crowded_at_ms_ = 0;
    return false;
  }
  const std::uint64_t now = user_->now_ms();
  if (crowded_at_ms_ == 0) crowded_at_ms_ = now;
  return now - crowded_at_ms_ < kLongestWaitMs;
}

void Client::eased() {
  if (crowded_at_ms_ == 0 || !user_ || queued() > queue_limit() / kEasedPart) return;
  crowded_at_ms_ = 0;
  user_->client_eased();
}

}  // namespace halley
