#include "bouncer/push/deliveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "bouncer/push/encryption.h"

namespace halley::push {
namespace {

constexpr std::uint64_t kFirstDelayMs = 30'000;

// Services want to know whom to tell of trouble (RFC 8292 section 2.1); Apple's takes no push without it.
std::string contact_of(const Config& config) {
  if (!config.push.contact.empty()) return config.push.contact;
  if (config.http.public_url.starts_with("https://")) return config.http.public_url;
  return fmt::format("mailto:postmaster@{}", config.hostname);
}

bool worth_another_try(int status) {
  return status == 408 || status == 429 || status >= 500;
}

}  // namespace

Deliveries::Deliveries(const Parts& parts, Gone gone) : parts_(parts), gone_(std::move(gone)) {
  timer_ = parts_.loop.timer([this] { wake(); });
}

void Deliveries::add(const Subscription& subscription, Push push) {
  const Key key{subscription.user, subscription.id};
  Lane& lane = state_.lanes[key];
  if (lane.queue.size() >= kMostQueuedPushes) {
    // The first of them is on its way; it is taken, or given up, by itself.
    lane.queue.erase(lane.queue.begin() + (under_way(key) ? 1 : 0));
    ++state_.figures.lost;
  }
  lane.queue.push_back(std::move(push));
  line_up(key, lane);
  pump();
}

void Deliveries::forget(UserId user, std::uint64_t id) {
  const auto at = state_.lanes.find({user, id});
  if (at == state_.lanes.end()) return;
  posts_.erase(at->first);
  state_.lanes.erase(at);
  pump();
}

Deliveries::Last Deliveries::last(UserId user, std::uint64_t id) const {
  const auto at = state_.lanes.find({user, id});
  return at == state_.lanes.end() ? Last{} : at->second.last;
}

void Deliveries::line_up(const Key& key, Lane& lane) {
  if (lane.in_line || under_way(key) || lane.queue.empty() || lane.not_before_ms > now_ms()) return;
  lane.in_line = true;
  state_.line.push_back(key);
}

std::size_t Deliveries::on_their_way(UserId user) const {
  return static_cast<std::size_t>(
      std::distance(posts_.lower_bound({user, 0}), posts_.lower_bound({user + 1, 0})));
}

// Who has as many on their way as a user may stays in line, behind the others.
void Deliveries::pump() {
  for (std::size_t left = state_.line.size(); left > 0 && posts_.size() < kMostPushesAtOnce; --left) {
    const Key key = state_.line.front();
    state_.line.pop_front();
    const auto at = state_.lanes.find(key);
    if (at == state_.lanes.end() || !at->second.in_line) continue;
    if (on_their_way(key.first) >= kMostOfUserAtOnce) {
      state_.line.push_back(key);
      continue;
    }
    at->second.in_line = false;
    if (const Subscription* subscription = parts_.subscriptions.find(key.first, key.second))
      start(key, at->second, *subscription);
    else
      state_.lanes.erase(at);
  }
}

void Deliveries::start(const Key& key, Lane& lane, const Subscription& subscription) {
  const Push& push = lane.queue.front();
  const auto endpoint = parse_endpoint(subscription.endpoint);
  Salt salt{};
  parts_.random.fill(salt);
  auto body = encrypt(push.text, {subscription.point, subscription.auth}, P256Key::make(parts_.random), salt);
  if (!endpoint || !body) {  // checked when it was made
    lose(lane);
    return;
  }
  posts_[key] = std::make_unique<net::HttpsPost>(
      parts_.loop, parts_.dialer,
      net::HttpsRequest{.host = endpoint->host,
                        .port = endpoint->port,
                        .target = endpoint->target,
                        .headers = headers_of(push, *endpoint),
                        .body = std::move(*body),
                        .allow_private_hosts = parts_.config.push.allow_private_hosts},
      [this, key](const auto& result) { answered(key, result); });
}

std::string Deliveries::headers_of(const Push& push, const Endpoint& endpoint) const {
  std::string headers = fmt::format(
      "Authorization: {}\r\nContent-Encoding: aes128gcm\r\nContent-Type: application/octet-stream\r\n"
      "TTL: {}\r\nUrgency: {}\r\n",
      parts_.vapid.authorization(endpoint.origin, contact_of(parts_.config), wall_ms() / 1000), push.ttl_s,
      push.urgent ? "high" : "normal");
  if (!push.topic.empty()) headers += fmt::format("Topic: {}\r\n", push.topic);
  return headers;
}

void Deliveries::answered(const Key& key, const std::expected<net::HttpsAnswer, std::string>& result) {
  const auto at = state_.lanes.find(key);
  if (at == state_.lanes.end()) return;  // cannot be: the post goes with its lane
  Lane& lane = at->second;
  const auto post = posts_.extract(key);  // goes when we return: it calls us
  const int status = result ? result->status : 0;
  bool gone = status == 404 || status == 410;
  if (status >= 200 && status < 300) {
    taken(lane);
  } else if (!gone) {
    lane.last.trouble = result ? fmt::format("its service answered {}", status) : result.error();
    if (!result || worth_another_try(status)) {
      try_later(lane, result ? result->retry_after_s : 0);
    } else {
      gone = status != 413 && ++lane.refusals >= kMostRefusals;
      lose(lane);
    }
  }
  if (gone) {
    state_.figures.lost += lane.queue.size();
    state_.lanes.erase(at);
    gone_(key.first, key.second);
  } else {
    line_up(key, lane);
  }
  pump();
}

void Deliveries::taken(Lane& lane) {
  lane.queue.erase(lane.queue.begin());
  lane.tries = lane.refusals = 0;
  lane.last = {.sent_ms = wall_ms(), .trouble = {}};
  ++state_.figures.sent;
}

// Who does not answer, or not now, does not refuse: it may be our own line that is down.
void Deliveries::try_later(Lane& lane, std::uint64_t retry_after_s) {
  std::uint64_t delay_ms = kFirstDelayMs << std::min(lane.tries, kMostTries);
  if (retry_after_s > 0) delay_ms = std::min(retry_after_s, kMostDelayMs / 1000) * 1000;
  lane.not_before_ms = now_ms() + delay_ms;
  if (++lane.tries >= kMostTries) lose(lane);
  wake_by(lane.not_before_ms);
}

void Deliveries::wake_by(std::uint64_t at_ms) {
  if (timer_->active() && wake_at_ms_ <= at_ms) return;
  wake_at_ms_ = at_ms;
  timer_->start(at_ms - std::min(at_ms, now_ms()));
}

void Deliveries::lose(Lane& lane) {
  lane.queue.erase(lane.queue.begin());
  lane.tries = 0;
  ++state_.figures.lost;
}

void Deliveries::wake() {
  std::uint64_t next_ms = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t now = now_ms();
  for (auto& [key, lane] : state_.lanes) {
    if (lane.queue.empty() || under_way(key)) continue;
    if (lane.not_before_ms > now)
      next_ms = std::min(next_ms, lane.not_before_ms);
    else
      line_up(key, lane);
  }
  if (next_ms != std::numeric_limits<std::uint64_t>::max()) wake_by(next_ms);
  pump();
}

}  // namespace halley::push
