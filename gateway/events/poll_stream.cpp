#include "gateway/events/poll_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/core/user.h"
#include "gateway/events/snapshot_turns.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {
namespace {
constexpr std::size_t kMostAnswer =
    256 * 1024;  // bytes: with more the rest of a replay is left to the next request
constexpr std::size_t kMostResting = 64 * 1024;  // with more the next request reads the log again
constexpr std::uint64_t kRestMs = 30'000;
}  // namespace

bool PollStream::rests_at(const StreamOwner& who, const std::optional<Cursor>& after) const {
  return !over_ && !ended() && !respond_ && user() && after && after->id == position_ &&
         after->epoch == user()->epoch() && owner() == who;
}

void PollStream::answer(Responder respond, std::uint64_t until_ms) {
  respond_ = std::move(respond);
  until_ms_ = until_ms;
  hub().flush_later(*this);
}

void PollStream::separate() {
  if (!frames_.empty()) frames_ += ',';
}

void PollStream::grown() {
  if (!respond_ && frames_.size() > kMostResting) {
    over_ = true;
    stop_following();
    decltype(frames_){}.swap(frames_);
  } else {
    hub().flush_later(*this);
  }
}

void PollStream::put(std::string_view json, EventId) {
  if (over_) return;
  separate();
  frames_ += json;
  // How the links stand is no news when it only accompanies a replay.
  if (caught_up_) news_ = true;
  grown();
}

void PollStream::deliver(const Delivery& delivery) {
  if (over_) return;
  note(delivery);
  separate();
  append_event_json(frames_, user()->epoch(), delivery);
  news_ = true;
  grown();
}

void PollStream::ready() {
  caught_up_ = true;
  if (fresh()) news_ = true;
  hub().flush_later(*this);
}

void PollStream::finish() {
  news_ = true;
  if (!respond_) over_ = true;
  hub().flush_later(*this);
}

bool PollStream::has_room() const {
  return !over_ && frames_.size() < kMostAnswer;
}

bool PollStream::wants_more() const {
  return frames_.size() < kMostAnswer;
}

// A poll is told all members before its answer goes, however many they are. So of those that are being told
// only the one that has most goes on where all clients of the user together have too much unread.
bool PollStream::takes_more_names() const {
  if (over_ || !user()) return false;
  std::size_t unread = 0, most = 0;
  for (const Client* client : user()->clients()) {
    unread += client->queued();
    if (client->telling()) most = std::max(most, client->queued());
  }
  return unread < SnapshotTurns::kMostUnread || queued() >= most;
}

void PollStream::all_told() {
  hub().flush_later(*this);
}

// Who is in the channels is told whole: the next request may find no more than the log.
void PollStream::flush() {
  if (respond_ && news_ && !telling()) send();
}

void PollStream::send() {
  if (caught_up_ && user() && !ended()) {
    separate();
    append_mark_json(frames_, "ready", user()->epoch(), cursor());
  }
  std::string body;
  body.reserve(frames_.size() + 3);
  body += '[';
  body += frames_;
  body += "]\n";
  decltype(frames_){}.swap(frames_);
  eased();
  news_ = false;
  position_ = cursor();
  until_ms_ += kRestMs;
  // A replay that is not done is read on by the next request: nothing gathers for a client that may never
  // come back.
  if (!caught_up_ || ended()) {
    over_ = true;
    stop_following();
  }
  std::exchange(respond_, std::nullopt)->send(json_response(200, std::move(body)));
}

void PollStream::tick(std::uint64_t now_ms) {
  if (respond_ && !respond_->waiting()) {
    over_ = true;  // the client has gone
  } else if (now_ms >= until_ms_) {
    if (respond_) {
      send();
    } else {
      over_ = true;
    }
  }
  if (over_) {
    stop_following();
    stop_telling();
  }
  go_on_telling();
}

std::string PollStream::description() const {
  return fmt::format("web {} poll", owner().address);
}

}  // namespace halley::gateway
