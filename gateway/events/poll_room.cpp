#include "gateway/events/poll_room.h"

#include <algorithm>
#include <map>

#include "bouncer/core/user.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {

bool PollRoom::rests(const StreamOwner& owner, const std::optional<Cursor>& after) const {
  return std::ranges::any_of(polls_, [&](const auto& poll) { return poll->rests_at(owner, after); });
}

void PollRoom::poll(User& user, StreamOwner owner, const std::optional<Cursor>& after, Responder respond,
                    std::uint64_t until_ms) {
  const auto resting =
      std::ranges::find_if(polls_, [&](const auto& poll) { return poll->rests_at(owner, after); });
  if (resting != polls_.end()) {
    (*resting)->answer(std::move(respond), until_ms);
    return;
  }
  polls_.push_back(std::make_unique<PollStream>(hub_, std::move(owner)));
  polls_.back()->answer(std::move(respond), until_ms);
  polls_.back()->open(user, after);
}

void PollRoom::sweep() {
  std::erase_if(polls_, [](const auto& poll) { return poll->over(); });
  std::map<UserId, std::size_t> resting;
  for (const auto& poll : polls_)
    if (!poll->waiting()) ++resting[poll->owner().user];
  // Those that came first go first.
  std::erase_if(polls_, [&](const auto& poll) {
    return !poll->waiting() && resting[poll->owner().user]-- > kMostRestingPolls;
  });
}

void PollRoom::drop_resting(const User& user) {
  std::erase_if(polls_,
                [&](const auto& poll) { return poll->owner().user == user.id() && !poll->waiting(); });
}

}  // namespace halley::gateway
