// The way of pushes to their services: each subscription has a short queue of its own, of which one is on its
// way at a time; subscriptions take turns, so that a slow service holds nobody else up. What a service
// answers decides: taken, tried again later, or the subscription is gone. Source: RFC 8030 sections 5
// and 8.4.
//
// Thread: the loop's. Owner: the Pusher. What it is given outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/config/config.h"
#include "bouncer/net/dialer.h"
#include "bouncer/net/https_post.h"
#include "bouncer/net/loop.h"
#include "bouncer/push/subscriptions.h"
#include "bouncer/push/vapid.h"

namespace halley::push {

struct Push {
  std::string text;         // one IRC line, kMaxPushText bytes at most
  std::uint32_t ttl_s = 0;  // so long the service keeps it for a device that it does not reach
  bool urgent = false;
  std::string topic = {};  // a newer one of this name takes the place of one that waits there; empty: none
};

class Deliveries {
 public:
  static constexpr std::size_t kMostQueuedPushes = 32;  // of a subscription; beyond, the oldest is given up
  static constexpr std::size_t kMostPushesAtOnce = 32;  // connections, of all users
  static constexpr std::size_t kMostOfUserAtOnce = 4;
  static constexpr unsigned kMostTries = 5;     // of one push, while the service does not answer, or is busy
  static constexpr unsigned kMostRefusals = 5;  // of a subscription on end, before it is removed
  static constexpr std::uint64_t kMostDelayMs = 3'600'000;  // whatever Retry-After says

  struct Parts {
    net::Loop& loop;
    net::Random& random;
    net::Dialer& dialer;
    Vapid& vapid;
    const Subscriptions& subscriptions;
    const Config& config;
  };
  // The service says that the subscription is gone, or refuses its pushes.
  using Gone = std::function<void(UserId user, std::uint64_t id)>;
  Deliveries(const Parts& parts, Gone gone);

  void add(const Subscription& subscription, Push push);
  // The subscription is no more.
  void forget(UserId user, std::uint64_t id);

  // What became of the newest push of a subscription since the start. Zero and empty: there was none.
  struct Last {
    std::int64_t sent_ms = 0;
    std::string trouble;  // why the newest was not taken
  };
  Last last(UserId user, std::uint64_t id) const;
  struct Figures {
    std::uint64_t sent = 0, lost = 0;  // since the start
  };
  const Figures& figures() const { return state_.figures; }

 private:
  using Key = std::pair<UserId, std::uint64_t>;
  struct Lane {
    std::vector<Push> queue;
    bool in_line = false;
    std::uint64_t not_before_ms = 0;
    unsigned tries = 0, refusals = 0;
    Last last;
  };
  // What a successor needs; what is on its way then it sends once more.
  struct State {
    std::map<Key, Lane> lanes;  // of subscriptions to which something was pushed
    std::deque<Key> line;       // who is next
    Figures figures;
  };

  bool under_way(const Key& key) const { return posts_.contains(key); }
  void line_up(const Key& key, Lane& lane);
  void pump();
  void start(const Key& key, Lane& lane, const Subscription& subscription);
  std::string headers_of(const Push& push, const Endpoint& endpoint) const;
  void answered(const Key& key, const std::expected<net::HttpsAnswer, std::string>& result);
  void taken(Lane& lane);
  void try_later(Lane& lane, std::uint64_t retry_after_s);
  void lose(Lane& lane);
  void wake_by(std::uint64_t at_ms);
  void wake();
  std::size_t on_their_way(UserId user) const;
  std::uint64_t now_ms() const { return parts_.loop.clock().monotonic_ms(); }
  std::int64_t wall_ms() const { return parts_.loop.clock().wall_us() / 1000; }

  const Parts parts_;
  const Gone gone_;
  State state_;
  std::map<Key, std::unique_ptr<net::HttpsPost>> posts_;  // on their way, the first push of each lane
  std::unique_ptr<net::Timer> timer_;                     // for those that are to be tried later
  std::uint64_t wake_at_ms_ = 0;
};

}  // namespace halley::push
