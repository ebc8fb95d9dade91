#include "gateway/events/event_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/core/user.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kReplayQueue = 128 * 1024;  // bytes: with more the next page of a replay waits
constexpr std::size_t kMostHeard = 4096;        // bytes of what a WebSocket's client says, which nobody hears
constexpr std::size_t kShortQueue = 16 * 1024;  // with less a stream that fell behind reads on
// Ticks of half a second.
constexpr std::uint16_t kHeartbeatTicks = 24;  // 12 s: proxies and the page expect a word every 15 s
constexpr std::uint8_t kFirstBeatTicks = 3;    // 1 to 1.5 s after the first frame
constexpr std::uint16_t kStuckTicks = 240;     // two minutes without one byte taken
constexpr std::uint16_t kFarewellTicks = 10;   // what is left when the stream has ended gets 5 s

}  // namespace

EventStream::EventStream(StreamHub& hub, StreamOwner owner, net::Stream& stream, FrameFormat format,
                         std::string_view head)
    : FrameClient(hub, std::move(owner)), stream_(stream), format_(format) {
  if (row_of(format_.transport()).upgrade) reader_ = std::make_unique<net::WebSocketReader>(kMostHeard);
  std::string bytes(head);
  format_.append_preamble(bytes);
  queue_.push_private(bytes, 0);
  pushed(bytes.size());
  state_.kept = state_.pushed;
}

// While it is still whole.
EventStream::~EventStream() {
  detach();
}

// All that follows may be said in the same moment, and a proxy may pass on the first bytes and keep back the
// next: so one more word comes alone, soon after.
void EventStream::greet(std::int64_t wall_ms) {
  std::string& json = hub().scratch();
  json.clear();
  append_hello_json(json, wall_ms);
  put(json, 0);
  state_.kept = state_.pushed;
  state_.first_beat_ticks = kFirstBeatTicks;
}

void EventStream::beat() {
  const ChunkSpan beat = hub().heartbeat(format_);
  queue_.push(beat);
  pushed(beat.end - beat.begin);
}

void EventStream::pushed(std::size_t bytes) {
  state_.pushed += bytes;
  state_.quiet_ticks = 0;
  hub().flush_later(*this);
}

void EventStream::deliver(const Delivery& delivery) {
  const auto encode = [&](std::string& out) {
    const FrameFormat::FrameStart mark = format_.begin(out, user()->epoch(), delivery.event.id);
    append_event_json(out, user()->epoch(), delivery);
    format_.end(out, mark);
  };
  const std::size_t before = queue_.bytes();
  if (delivery.live) {
    queue_.push(user()->shared(format_.key(), delivery.event.id, encode));
  } else {
    note(delivery);
    std::string& out = hub().scratch();
    out.clear();
    encode(out);
    queue_.push_private(out, delivery.event.id);
  }
  pushed(queue_.bytes() - before);
  if (delivery.live && queue_.bytes() > queue_limit()) overflow();
}

// What is said now is encoded once for all streams of a user that are framed alike, and who has too much of
// it drops it: so all of them together hold no more than the one of each framing that is furthest behind, and
// need no share each. Answers are one stream's own: of these each has its share (has_room()).
std::size_t EventStream::queue_limit() const {
  return hub().limits().client_queue;
}

// Promise 2 of the design: a slow reader costs a cursor, not memory.
void EventStream::overflow() {
  stop_following();
  state_.behind = true;
  state_.resume_at = cursor();
  const std::uint64_t sent = state_.pushed - queue_.bytes();
  if (sent < state_.kept) return;  // the snapshot is still on its way: it goes out before reading on
  state_.resume_at = queue_.drop_unsent();
  state_.pushed = sent + queue_.bytes();
}

void EventStream::put(std::string_view json, EventId id) {
  const std::size_t before = queue_.bytes();
  if (id == 0) {
    queue_.push(hub().shared(format_, json));
  } else {
    std::string out;
    const FrameFormat::FrameStart mark = format_.begin(out, user()->epoch(), id);
    out += json;
    format_.end(out, mark);
    queue_.push_private(out, id);
  }
  pushed(queue_.bytes() - before);
}

void EventStream::start_at(EventId id) {
  queue_.start_at(id);
}

void EventStream::ready() {
  put_ready();
  if (state_.opened) return;
  state_.opened = true;
  state_.kept = state_.pushed;
}

// In the log it would not be found again.
void EventStream::keep() {
  state_.kept = state_.pushed;
}

bool EventStream::takes_more_names() const {
  return !ended() && !state_.gone && !state_.behind && wants_more();
}

bool EventStream::has_room() const {
  return !state_.behind && user() && queue_.bytes() <= user()->client_queue_limit();
}

bool EventStream::wants_more() const {
  return queue_.bytes() < (user() ? std::min(kReplayQueue, user()->client_queue_limit()) : kReplayQueue);
}

void EventStream::flush() {
  if (state_.gone || blocked_) return;
  const std::size_t before = queue_.bytes();
  blocked_ = !queue_.flush(stream_);
  queue_.end_turn();
  if (queue_.bytes() < before) state_.stuck_ticks = 0;
  eased();
  if (ended()) {
    close_when_sent();
  } else if (state_.behind && user() && queue_.bytes() <= kShortQueue) {
    state_.behind = false;
    follow(state_.resume_at);
  } else if (!live() && wants_more()) {
    more();
  }
  go_on_telling();
}

void EventStream::received(std::string_view bytes) {
  using Result = net::WebSocketReader::Result;
  while (reader_ && !bytes.empty() && !ended() && !state_.gone) {
    std::size_t taken = 0;
    const Result result = reader_->feed(bytes, taken);
    bytes.remove_prefix(taken);
    if (result == Result::kPing) pong(reader_->payload());
    if (result == Result::kClose) leave(reader_->code(), {});
    if (result == Result::kFailed) leave(reader_->code(), reader_->payload());
  }
}

// Of several pings only the last need be answered (RFC 6455 section 5.5.3): so who does not read cannot have
// answers pile up.
void EventStream::pong(std::string_view payload) {
  if (blocked_ || queue_.bytes() > kShortQueue) {
    state_.pong = payload;
    state_.pong_due = true;
    return;
  }
  std::string bytes;
  net::append_ws_frame(bytes, net::WsOpcode::kPong, payload);
  queue_.push_private(bytes, 0);
  pushed(bytes.size());
}

void EventStream::leave(net::WsCode code, std::string_view reason) {
  left();
  // What is kept goes out first: the head of the answer may be among it.
  if (const std::uint64_t sent = state_.pushed - queue_.bytes(); sent >= state_.kept) {
    queue_.drop_unsent();
    state_.pushed = sent + queue_.bytes();
  }
  std::string bytes;
  net::append_ws_close(bytes, code, reason);
  queue_.push_private(bytes, 0);
  pushed(bytes.size());
  state_.stuck_ticks = 0;
}

void EventStream::drained() {
  blocked_ = false;
  if (std::exchange(state_.pong_due, false)) pong(std::exchange(state_.pong, {}));
  flush();
}

void EventStream::closed() {
  state_.gone = true;
  stop_following();
  stop_telling();
}

void EventStream::finish() {
  std::string bytes;
  format_.append_epilogue(bytes);
  if (!bytes.empty()) queue_.push_private(bytes, 0);
  pushed(bytes.size());
  state_.stuck_ticks = 0;
}

void EventStream::close_when_sent() {
  if (state_.closing || !queue_.empty()) return;
  state_.closing = true;
  stream_.close();
}

void EventStream::tick(std::uint64_t) {
  if (state_.gone || state_.closing) return;
  if (!queue_.empty()) {
    if (++state_.stuck_ticks < (ended() ? kFarewellTicks : kStuckTicks)) return;
    state_.closing = true;
    stop_following();
    stream_.close();
    return;
  }
  const bool first = state_.first_beat_ticks > 0 && --state_.first_beat_ticks == 0;
  if (first || ++state_.quiet_ticks >= kHeartbeatTicks) beat();
}

std::string EventStream::description() const {
  return fmt::format("web {} {}", owner().address, row_of(format_.transport()).name);
}

}  // namespace halley::gateway
