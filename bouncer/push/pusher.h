// Tells users' devices by Web Push what calls them: highlights, what is said to them alone, and invitations
// that nobody has read within a few seconds; and, where such a notice is open, that it was read elsewhere.
//
// A device that is attached hears it too: whether somebody looks at it nobody knows but its user, whose read
// markers and own lines say so.
//
// Thread: the loop's. Owner: the Bouncer. What it is given outlives it.
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

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/notice_sink.h"
#include "bouncer/push/deliveries.h"
#include "bouncer/push/subscriptions.h"
#include "bouncer/push/vapid.h"

namespace halley {
class User;
}

namespace halley::push {

class Pusher final : public NoticeSink, public StateOwner {
 public:
  static constexpr std::uint64_t kUnreadMs = 5'000;  // so long somebody may read it before it is pushed
  static constexpr std::size_t kMostUnreadLines =
      32;  // of a user that wait for that; further ones are left out
  static constexpr std::size_t kMostAMinute =
      60;  // lines of a user that are pushed; further ones are left out
  static constexpr std::size_t kMostOpenNotices = 64;  // notices of a user that are known to be open

  struct Parts {
    net::Loop& loop;
    net::Random& random;
    net::Dialer& dialer;
    DurableState& states;
    const Sealer& sealer;
    const Accounts& accounts;
    const Config& config;
    std::function<User*(UserId)> user;  // null: there is none
  };
  explicit Pusher(const Parts& parts);

  // What clients subscribe with, base64url.
  const std::string& public_key() const { return vapid_.public_key(); }

  enum class SubscribeError { kTooMany, kBusy };
  // The subscription's new number. One of the same user with that endpoint is replaced.
  std::expected<std::uint64_t, SubscribeError> subscribe(Subscription subscription);
  // False: there was none.
  bool unsubscribe(UserId user, std::uint64_t id);
  bool unsubscribe(UserId user, std::string_view endpoint);
  // Writes what was removed meanwhile. False: the disk is behind, what is removed now would be written later.
  bool catch_up() { return subscriptions_.write_removed() && parts_.states.has_room(); }
  // The journal has room again: what was removed meanwhile is written.
  void room() { subscriptions_.write_removed(); }

  // For people.
  struct Shown {
    std::uint64_t id = 0;
    NetworkId network = 0;
    DeviceId device = 0;
    std::uint64_t session = 0;
    bool markread = true;
    std::int64_t created_ms = 0, sent_ms = 0;
    std::string origin;   // of the endpoint: the rest of it is a secret
    std::string trouble;  // why the newest push was not taken; empty: it was
  };
  std::vector<Shown> list(UserId user);
  std::size_t count(UserId user) const { return subscriptions_.of(user).size(); }
  std::size_t count() const { return subscriptions_.size(); }
  const Deliveries::Figures& figures() const { return deliveries_.figures(); }

  // --- StateOwner, and likewise: what was subscribed by what is no more goes, too ---
  void forget_user(UserId user) override;
  void forget_network(UserId user, NetworkId network) override;
  void forget_device(DeviceId device) override;
  void forget_session(std::uint64_t session);
  void password_changed(UserId user);

  // --- NoticeSink ---
  void logged(const Network& network, const storage::Event& event) override;
  void read(const Network& network, BufferId buffer, std::int64_t time_ms) override;

 private:
  struct Unread {
    NetworkId network;
    BufferId buffer;
    EventId id;
    std::int64_t time_ms;
    std::string msgid, tags, line;
  };
  struct OpenNotice {
    std::uint64_t subscription;
    NetworkId network;
    BufferId buffer;
    std::int64_t time_ms;  // of the newest line
  };
  struct Person {
    std::deque<Unread> unread;
    std::vector<OpenNotice> open;  // the newest last
    std::uint64_t minute = 0;
    std::size_t in_minute = 0;
  };

  // Beside the subscriptions, which are durable.
  struct State {
    std::map<UserId, Person> people;                   // who has had something to be pushed
    std::deque<std::pair<std::uint64_t, UserId>> due;  // when the first unread line of whom is looked at
  };

  void remove(UserId user, const Subscriptions::Goes& goes);
  void remove_lapsed(UserId user);
  void gone(UserId user, std::uint64_t id);
  void look();
  void push_unread(UserId user, const Unread& unread);
  void push(User& user, const Network& network, const Unread& unread);
  // Is what is said there for it, and not hidden from its device?
  static bool takes(const Subscription& one, const Network& network, BufferId buffer);
  bool may_push(Person& person) const;
  void note_open(Person& person, const OpenNotice& open);
  std::uint64_t now_ms() const { return parts_.loop.clock().monotonic_ms(); }

  const Parts parts_;
  Vapid vapid_;
  Subscriptions subscriptions_;
  Deliveries deliveries_;
  State state_;
  std::unique_ptr<net::Timer> timer_;
};

}  // namespace halley::push
