#include "gateway/events/event_stream.h"

#include <fmt/format.h>

#include "bouncer/core/user.h"
#include "gateway/events/stream_hub.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kReplayQueue = 128 * 1024;  // bytes: with more the next page of a replay waits
constexpr std::size_t kShortQueue = 16 * 1024;    // with less a stream that fell behind reads on
// Ticks of half a second.
constexpr std::uint16_t kHeartbeatTicks = 24;  // 12 s: proxies and the page expect a word every 15 s
constexpr std::uint16_t kStuckTicks = 240;     // two minutes without one byte taken
constexpr std::uint16_t kFarewellTicks = 10;   // what is left when the stream has ended gets 5 s

}  // namespace

EventStream::EventStream(StreamHub& hub, StreamOwner owner, net::Stream& stream, FrameFormat format,
                         std::string_view head)
    : FrameClient(hub, std::move(owner)), stream_(stream), format_(format) {
  std::string bytes(head);
  format_.append_preamble(bytes);
  queue_.push_private(bytes, 0);
  pushed(bytes.size());
  kept_ = pushed_;
}

EventStream::~EventStream() = default;

void EventStream::pushed(std::size_t bytes) {
  pushed_ += bytes;
  quiet_ticks_ = 0;
  hub().flush_later(*this);
}

void EventStream::deliver(const Delivery& delivery) {
  const auto encode = [&](std::string& out) {
    const FrameFormat::Mark mark = format_.begin(out, user()->epoch(), delivery.event.id);
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
  if (delivery.live && queue_.bytes() > hub().config().limits.client_queue) overflow();
}

// Promise 2 of the design: a slow reader costs a cursor, not memory.
void EventStream::overflow() {
  stop_following();
  behind_ = true;
  resume_at_ = cursor();
  const std::uint64_t sent = pushed_ - queue_.bytes();
  if (sent < kept_) return;  // the snapshot is still on its way: it goes out before reading on
  resume_at_ = queue_.drop_unsent();
  pushed_ = sent + queue_.bytes();
}

void EventStream::put(std::string_view json, EventId id) {
  const std::size_t before = queue_.bytes();
  if (id == 0) {
    queue_.push(hub().shared(format_, json));
  } else {
    std::string out;
    const FrameFormat::Mark mark = format_.begin(out, user()->epoch(), id);
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
  if (opened_) return;
  opened_ = true;
  kept_ = pushed_;
}

bool EventStream::has_room() const {
  return !behind_ && queue_.bytes() <= hub().config().limits.client_queue;
}

bool EventStream::wants_more() const {
  return queue_.bytes() < kReplayQueue;
}

void EventStream::flush() {
  if (gone_ || blocked_) return;
  const std::size_t before = queue_.bytes();
  blocked_ = !queue_.flush(stream_);
  queue_.end_turn();
  if (queue_.bytes() < before) stuck_ticks_ = 0;
  eased();
  if (ended()) {
    close_when_sent();
  } else if (behind_ && user() && queue_.bytes() <= kShortQueue) {
    behind_ = false;
    follow(resume_at_);
  } else if (!live() && wants_more()) {
    more();
  }
}

void EventStream::drained() {
  blocked_ = false;
  flush();
}

void EventStream::closed() {
  gone_ = true;
  stop_following();
}

void EventStream::finish() {
  std::string bytes;
  format_.append_epilogue(bytes);
  if (!bytes.empty()) queue_.push_private(bytes, 0);
  pushed(bytes.size());
  stuck_ticks_ = 0;
}

void EventStream::close_when_sent() {
  if (closing_ || !queue_.empty()) return;
  closing_ = true;
  stream_.close();
}

void EventStream::tick(std::uint64_t) {
  if (gone_ || closing_) return;
  if (!queue_.empty()) {
    if (++stuck_ticks_ < (ended() ? kFarewellTicks : kStuckTicks)) return;
    closing_ = true;
    stop_following();
    stream_.close();
    return;
  }
  if (++quiet_ticks_ < kHeartbeatTicks) return;
  const ChunkSpan beat = hub().heartbeat(format_);
  queue_.push(beat);
  pushed(beat.end - beat.begin);
}

std::string EventStream::description() const {
  return fmt::format("web {} {}", owner().address, transport_name(format_.transport()));
}

}  // namespace halley::gateway
