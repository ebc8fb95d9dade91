// Where polls wait for news, and rest between two requests of their client.
//
// Thread: the loop's. Owner: the HttpServer. Each poll is a client of its user, also while it rests; a caller
// that finds limits.clients_per_user reached drops those that rest first. What a successor needs of it have
// its polls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/events/poll_stream.h"

namespace halley::gateway {

class PollRoom {
 public:
  explicit PollRoom(StreamHub& hub) : hub_(hub) {}

  // Does a poll of this client rest where it would go on?
  bool rests(const StreamOwner& owner, const std::optional<Cursor>& after) const;
  // Answers `owner`, who is `user`, with what is new behind `after`, at the latest at `until_ms`.
  void poll(User& user, StreamOwner owner, const std::optional<Cursor>& after, Responder respond,
            std::uint64_t until_ms);
  // Drops those that are over, and of those that rest all but the last kMostRestingPolls of each user; twice
  // a second.
  void sweep();
  // Drops those that rest in this user's name: they make place when the user has too many clients.
  void drop_resting(const User& user);

 private:
  static constexpr std::size_t kMostRestingPolls = 8;
  StreamHub& hub_;
  std::vector<std::unique_ptr<PollStream>> polls_;
};

}  // namespace halley::gateway
