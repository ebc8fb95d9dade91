#include "gateway/events/poll_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/core/user.h"
#include "gateway/events/snapshot_turns.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {
namespace {
constexpr std::size_t kMostPollBytes =
    256 * 1024;  // bytes: with more the rest of a replay is left to the next request
constexpr std::size_t kMostRestingBytes = 64 * 1024;  // with more the next request reads the log again
constexpr std::uint64_t kRestMs = 30'000;
}  // namespace

bool PollStream::rests_at(const StreamOwner& who, const std::optional<Cursor>& after) const {
  return !state_.over && !ended() && !respond_ && user() && after && after->id == state_.position &&
         after->epoch == user()->epoch() && owner() == who;
}

void PollStream::answer(Responder respond, std::uint64_t until_ms) {
  respond_ = std::move(respond);
  state_.until_ms = until_ms;
  hub().flush_later(*this);
}

void PollStream::separate() {
  if (!state_.frames.empty()) state_.frames += ',';
}

void PollStream::grown() {
  if (!respond_ && state_.frames.size() > kMostRestingBytes) {
    state_.over = true;
    stop_following();
    decltype(state_.frames){}.swap(state_.frames);
  } else {
    hub().flush_later(*this);
  }
}

void PollStream::put(std::string_view json, EventId) {
  if (state_.over) return;
  separate();
  state_.frames += json;
  // How the links stand is no news when it only accompanies a replay.
  if (state_.caught_up) state_.news = true;
  grown();
}

void PollStream::deliver(const Delivery& delivery) {
  if (state_.over) return;
  note(delivery);
  separate();
  append_event_json(state_.frames, user()->epoch(), delivery);
  state_.news = true;
  grown();
}

void PollStream::ready() {
  state_.caught_up = true;
  if (fresh()) state_.news = true;
  hub().flush_later(*this);
}

void PollStream::finish() {
  state_.news = true;
  if (!respond_) state_.over = true;
  hub().flush_later(*this);
}

bool PollStream::has_room() const {
  return !state_.over && state_.frames.size() < kMostPollBytes;
}

bool PollStream::wants_more() const {
  return state_.frames.size() < kMostPollBytes;
}

// A poll is told all members before its answer goes, however many they are. So of those that are being told
// only the one that has most goes on where all clients of the user together have too much unread.
bool PollStream::takes_more_names() const {
  if (state_.over || !user()) return false;
  std::size_t unread = 0, most = 0;
  for (const Client* client : user()->clients()) {
    unread += client->queued();
    if (client->telling()) most = std::max(most, client->queued());
  }
  return unread < SnapshotTurns::kMostUnreadBytes || queued() >= most;
}

void PollStream::all_told() {
  hub().flush_later(*this);
}

// Who is in the channels is told whole: the next request may find no more than the log.
void PollStream::flush() {
  if (respond_ && state_.news && !telling()) send();
}

void PollStream::send() {
  if (state_.caught_up && user() && !ended()) {
    separate();
    append_mark_json(state_.frames, "ready", user()->epoch(), cursor());
  }
  std::string body;
  body.reserve(state_.frames.size() + 3);
  body += '[';
  body += state_.frames;
  body += "]\n";
  decltype(state_.frames){}.swap(state_.frames);
  eased();
  state_.news = false;
  state_.position = cursor();
  state_.until_ms += kRestMs;
  // A replay that is not done is read on by the next request: nothing gathers for a client that may never
  // come back.
  if (!state_.caught_up || ended()) {
    state_.over = true;
    stop_following();
  }
  std::exchange(respond_, std::nullopt)->send(json_response(200, std::move(body)));
}

void PollStream::tick(std::uint64_t now_ms) {
  if (respond_ && !respond_->waiting()) {
    state_.over = true;  // the client has gone
  } else if (now_ms >= state_.until_ms) {
    if (respond_) {
      send();
    } else {
      state_.over = true;
    }
  }
  if (state_.over) {
    stop_following();
    stop_telling();
  }
  go_on_telling();
}

std::string PollStream::description() const {
  return fmt::format("web {} poll", owner().address);
}

}  // namespace halley::gateway
