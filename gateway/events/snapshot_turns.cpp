#include "gateway/events/snapshot_turns.h"

#include <algorithm>
#include <unordered_set>

#include "bouncer/core/user.h"
#include "gateway/events/frame_client.h"

namespace halley::gateway {
namespace {

bool has_room(const User& user) {
  std::size_t unread = 0;
  for (const Client* client : user.clients()) unread += client->queued();
  return unread < SnapshotTurns::kMostUnreadBytes;
}

}  // namespace

void SnapshotTurns::wait(FrameClient& stream) {
  waiting_.push_back(&stream);
  if (!armed_) serve();
}

void SnapshotTurns::forget(FrameClient& stream) {
  std::erase(waiting_, &stream);
}

void SnapshotTurns::tick() {
  if (!armed_ && !waiting_.empty()) serve();
}

void SnapshotTurns::serve() {
  // A thousand streams of a user may wait, each of them one of the thousand clients that are to be summed up.
  std::unordered_set<const User*> looked_at;
  const auto next = std::ranges::find_if(waiting_, [&](const FrameClient* stream) {
    const User* user = stream->user();  // null: the user has gone, and the stream is about to be ended
    return user && looked_at.insert(user).second && has_room(*user);
  });
  if (next == waiting_.end()) return;
  FrameClient& stream = **next;
  waiting_.erase(next);
  arm();
  stream.begin();
}

void SnapshotTurns::arm() {
  armed_ = true;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    armed_ = false;
    serve();
  });
}

}  // namespace halley::gateway
