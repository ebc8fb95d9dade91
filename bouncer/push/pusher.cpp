#include "bouncer/push/pusher.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/core/event_kind.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/push/payload.h"

namespace halley::push {
namespace {

constexpr std::uint32_t kDayS = 24 * 3600, kWeekS = 7 * kDayS;
constexpr std::uint64_t kMinuteMs = 60'000;

bool is_said(const storage::Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  return kind == EventKind::kPrivmsg || kind == EventKind::kNotice || kind == EventKind::kInvite;
}

// A notice is one line.
std::string shown_line(const storage::Event& event) {
  if ((event.flags & event_flag::kMultiline) == 0) return std::string(event.line);
  return std::string(event.line.substr(0, event.text_at)) +
         irc::on_one_line(event.line.substr(event.text_at));
}

}  // namespace

Pusher::Pusher(const Parts& parts)
    : StateOwner(parts.states),
      parts_(parts),
      vapid_(parts.sealer),
      subscriptions_(parts.states, parts.sealer),
      deliveries_({.loop = parts.loop,
                   .random = parts.random,
                   .dialer = parts.dialer,
                   .vapid = vapid_,
                   .subscriptions = subscriptions_,
                   .config = parts.config},
                  [this](UserId user, std::uint64_t id) { unsubscribe(user, id); }) {
  timer_ = parts_.loop.timer([this] { look(); });
}

// --- Subscriptions ---

std::expected<std::uint64_t, Pusher::SubscribeError> Pusher::subscribe(Subscription subscription) {
  const UserId user = subscription.user;
  remove_lapsed(user);
  // Two records, of 32 KiB at most.
  const User* who = parts_.user(user);
  if (!who || !who->has_room(2 * storage::kMaxRecord)) return std::unexpected(SubscribeError::kBusy);
  for (const Subscription& old : subscriptions_.of(user)) {
    if (old.endpoint == subscription.endpoint) {
      gone(user, old.id);
      break;
    }
  }
  subscription.created_ms = parts_.loop.clock().wall_us() / 1000;
  const auto id = subscriptions_.put(std::move(subscription));
  if (!id) return std::unexpected(SubscribeError::kTooMany);
  return *id;
}

bool Pusher::unsubscribe(UserId user, std::uint64_t id) {
  const bool known = subscriptions_.find(user, id) != nullptr;
  remove(user, [id](const Subscription& one) { return one.id == id; });
  return known;
}

bool Pusher::unsubscribe(UserId user, std::string_view endpoint) {
  const std::size_t before = count(user);
  remove(user, [endpoint](const Subscription& one) { return one.endpoint == endpoint; });
  return count(user) != before;
}

void Pusher::remove(UserId user, const Subscriptions::Goes& goes) {
  subscriptions_.remove(user, goes, [this, user](std::uint64_t id) { gone(user, id); });
}

// Its pushes, and what is known of its notices.
void Pusher::gone(UserId user, std::uint64_t id) {
  deliveries_.forget(user, id);
  const auto person = state_.people.find(user);
  if (person != state_.people.end())
    std::erase_if(person->second.open, [id](const OpenNotice& open) { return open.subscription == id; });
}

// Web logins end by themselves when they were not used for long.
void Pusher::remove_lapsed(UserId user) {
  const auto sessions = parts_.accounts.sessions(user);
  remove(user, [&](const Subscription& one) {
    return one.session != 0 &&
           std::ranges::none_of(sessions, [&](const auto* session) { return session->id == one.session; });
  });
}

std::vector<Pusher::Shown> Pusher::list(UserId user) {
  remove_lapsed(user);
  std::vector<Shown> all;
  for (const Subscription& one : subscriptions_.of(user)) {
    const Deliveries::Last last = deliveries_.last(user, one.id);
    const auto endpoint = parse_endpoint(one.endpoint);
    all.push_back({.id = one.id,
                   .network = one.network,
                   .device = one.device,
                   .session = one.session,
                   .markread = one.markread,
                   .created_ms = one.created_ms,
                   .sent_ms = last.sent_ms,
                   .origin = endpoint ? endpoint->origin : std::string(),
                   .trouble = last.trouble});
  }
  return all;
}

void Pusher::forget_user(UserId user) {
  subscriptions_.forget(user, [this, user](std::uint64_t id) { deliveries_.forget(user, id); });
  state_.people.erase(user);
}

void Pusher::forget_network(UserId user, NetworkId network) {
  remove(user, [network](const Subscription& one) { return one.network == network; });
  const auto person = state_.people.find(user);
  if (person != state_.people.end())
    std::erase_if(person->second.open, [network](const OpenNotice& open) { return open.network == network; });
}

void Pusher::forget_device(DeviceId device) {
  for (const UserId user : subscriptions_.users())
    remove(user, [device](const Subscription& one) { return one.device == device; });
}

void Pusher::forget_session(std::uint64_t session) {
  for (const UserId user : subscriptions_.users())
    remove(user, [session](const Subscription& one) { return one.session == session; });
}

void Pusher::password_changed(UserId user) {
  remove(user, [](const Subscription& one) { return one.by_password; });
}

// --- What is pushed ---

void Pusher::logged(const Network& network, const storage::Event& event) {
  const UserId user = network.user().id();
  if (!is_said(event) || event.buffers.empty() || subscriptions_.of(user).empty()) return;
  const BufferId buffer = event.buffers[0];
  if (std::ranges::none_of(subscriptions_.of(user),
                           [&](const Subscription& one) { return takes(one, network, buffer); }))
    return;  // before it takes the place of what is pushed
  if ((event.flags & event_flag::kSelf) != 0) {
    const auto person = state_.people.find(user);
    if (person == state_.people.end()) return;
    // Who answers has read.
    for (Unread& unread : person->second.unread) {
      if (unread.network == network.id() && unread.buffer == buffer) unread.line.clear();
    }
    return;
  }
  const std::string* name = network.buffers().name(buffer);
  if (name && *name == kServiceName) return;  // on each network the same
  Person& person = state_.people[user];
  if (person.unread.size() >= kMostUnreadLines) return;
  person.unread.push_back({.network = network.id(),
                           .buffer = buffer,
                           .id = event.id,
                           .time_ms = event.time_ms,
                           .msgid = std::string(event.msgid),
                           .tags = std::string(event.tags),
                           .line = shown_line(event)});
  state_.due.emplace_back(now_ms() + kUnreadMs, user);
  if (!timer_->active()) timer_->start(kUnreadMs);
}

// Each line that waits has its place in State::due, in the order in which they came.
void Pusher::look() {
  const std::uint64_t now = now_ms();  // read once: what is not due by it is later than it
  while (!state_.due.empty() && state_.due.front().first <= now) {
    const UserId user = state_.due.front().second;
    state_.due.pop_front();
    const auto person = state_.people.find(user);
    if (person == state_.people.end() || person->second.unread.empty()) continue;  // the user went meanwhile
    const Unread unread = std::move(person->second.unread.front());
    person->second.unread.pop_front();
    if (!unread.line.empty()) push_unread(user, unread);
  }
  if (!state_.due.empty()) timer_->start(state_.due.front().first - now);
}

void Pusher::push_unread(UserId id, const Unread& unread) {
  User* user = parts_.user(id);
  const Network* network = user ? user->network(unread.network) : nullptr;
  if (!network || !user->row().enabled) return;
  const auto read = user->read_markers().of(unread.network, unread.buffer);
  if (read && *read >= unread.time_ms) return;
  if (!unread.msgid.empty() && user->redactions().has(unread.network, unread.buffer, unread.msgid)) return;
  remove_lapsed(id);
  if (may_push(state_.people[id])) push(*user, *network, unread);
}

bool Pusher::takes(const Subscription& one, const Network& network, BufferId buffer) {
  if (one.network != 0 && one.network != network.id()) return false;
  return one.device == 0 || !network.user().detached().has(network.id(), buffer, one.device);
}

void Pusher::push(User& user, const Network& network, const Unread& unread) {
  const std::string* name = network.buffers().name(unread.buffer);
  for (const Subscription& one : subscriptions_.of(user.id())) {
    if (!takes(one, network, unread.buffer)) continue;
    auto text = line_payload({.id = unread.id,
                              .time_ms = unread.time_ms,
                              .msgid = unread.msgid,
                              .tags = unread.tags,
                              .text = unread.line},
                             one, network.name());
    if (!text) continue;
    deliveries_.add(one, {.text = std::move(*text), .ttl_s = kWeekS, .urgent = true});
    // What stands with the network's own messages nobody marks as read.
    if (one.markread && name && !name->empty())
      note_open(state_.people[user.id()], {.subscription = one.id,
                                           .network = network.id(),
                                           .buffer = unread.buffer,
                                           .time_ms = unread.time_ms});
  }
}

bool Pusher::may_push(Person& person) const {
  const std::uint64_t minute = now_ms() / kMinuteMs;
  if (person.minute != minute) person.in_minute = 0;
  person.minute = minute;
  if (person.in_minute >= kMostAMinute) return false;
  ++person.in_minute;
  return true;
}

void Pusher::note_open(Person& person, const OpenNotice& open) {
  std::erase_if(person.open, [&](const OpenNotice& known) {
    return known.subscription == open.subscription && known.network == open.network &&
           known.buffer == open.buffer;
  });
  if (person.open.size() >= kMostOpenNotices) person.open.erase(person.open.begin());
  person.open.push_back(open);
}

void Pusher::read(const Network& network, BufferId buffer, std::int64_t time_ms) {
  const User& user = network.user();
  const auto person = state_.people.find(user.id());
  const std::string* name = network.buffers().name(buffer);
  if (person == state_.people.end() || !name) return;
  std::vector<OpenNotice>& all = person->second.open;
  const auto over = [&](const OpenNotice& open) {
    return open.network == network.id() && open.buffer == buffer && open.time_ms <= time_ms;
  };
  for (const OpenNotice& open : all) {
    const Subscription* one = over(open) ? subscriptions_.find(user.id(), open.subscription) : nullptr;
    if (!one) continue;
    deliveries_.add(*one, {.text = read_payload(user.hostname(), *name, time_ms, *one, network.name()),
                           .ttl_s = kDayS,
                           .urgent = false,
                           // Of this buffer; base64url, 32 characters at most (RFC 8030 section 5.4).
                           .topic = fmt::format("read-{}", buffer)});
  }
  std::erase_if(all, over);
}

}  // namespace halley::push
