#include "gateway/events/stream_hub.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/core/user.h"
#include "gateway/events/frame_client.h"

namespace halley::gateway {

StreamHub::StreamHub(net::Loop& loop, net::Random& random, Accounts& accounts,
                     const Config::LimitsConfig& limits)
    : accounts_(accounts), limits_(limits), snapshots_(loop), flush_(loop.task([this] { flush_all(); })) {
  for (int i = 0; i < 2; ++i) script_nonce_ += fmt::format("{:016x}", random.next());
}

StreamHub::~StreamHub() = default;

void StreamHub::add(FrameClient& stream) {
  stream.hub_index_ = streams_.size();
  streams_.push_back(&stream);
}

void StreamHub::remove(FrameClient& stream) {
  snapshots_.forget(stream);
  if (stream.dirty_) std::ranges::replace(dirty_, &stream, nullptr);
  const std::size_t at = stream.hub_index_;
  if (at >= streams_.size() || streams_[at] != &stream) return;  // was never opened
  streams_[at] = streams_.back();
  streams_[at]->hub_index_ = at;
  streams_.pop_back();
}

void StreamHub::flush_later(FrameClient& stream) {
  if (stream.dirty_) return;
  stream.dirty_ = true;
  dirty_.push_back(&stream);
  flush_->schedule();
}

void StreamHub::flush_all() {
  // A flush may put more (a replay goes on): those are looked at in the same pass.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    FrameClient* stream = dirty_[i];
    if (!stream) continue;
    stream->dirty_ = false;
    stream->flush();
  }
  dirty_.clear();
  writer_.close();
  for (Shared& shared : shared_) shared = {};
}

FrameClient* StreamHub::find(const User& user, std::string_view client) const {
  if (client.empty()) return nullptr;
  // The newest, by its number: an older one of the name may have died unnoticed.
  FrameClient* newest = nullptr;
  for (FrameClient* stream : streams_) {
    if (stream->owner().user != user.id() || stream->owner().client != client || stream->ended()) continue;
    if (!newest || newest->id() < stream->id()) newest = stream;
  }
  return newest;
}

bool StreamHub::login_holds(const FrameClient& stream) {
  const StreamOwner& owner = stream.owner();
  const auto is = [](auto id) { return [id](const auto* row) { return row->id == id; }; };
  if (owner.session != 0)
    return std::ranges::any_of(accounts_.sessions(stream.user()->id()), is(owner.session));
  return owner.device == 0 || std::ranges::any_of(accounts_.devices(stream.user()->id()), is(owner.device));
}

void StreamHub::tick(std::uint64_t now_ms) {
  snapshots_.tick();
  const FrameClient* last = nullptr;
  bool held = true;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    FrameClient& stream = *streams_[i];
    if (!stream.ended()) {
      // Tabs of one login mostly stand side by side: they are looked up once.
      if (!last || last->user() != stream.user() || last->owner().session != stream.owner().session ||
          last->owner().device != stream.owner().device)
        held = stream.user() && login_holds(stream);
      last = &stream;
      // Whoever listens is there, though a stream may ask nothing for months.
      if (held && stream.owner().session != 0) accounts_.session_seen(stream.owner().session);
      if (!held) stream.end("This login has ended.");
    }
    stream.tick(now_ms);
  }
}

void StreamHub::end_session(std::uint64_t session, std::string_view reason) {
  for (std::size_t i = 0; i < streams_.size(); ++i)
    if (streams_[i]->owner().session == session) streams_[i]->end(reason);
}

void StreamHub::end_all(std::string_view reason) {
  for (std::size_t i = 0; i < streams_.size(); ++i) streams_[i]->end(reason);
}

ChunkSpan StreamHub::heartbeat(const FrameFormat& format) {
  encoded_.clear();
  format.append_heartbeat(encoded_);
  flush_->schedule();
  return writer_.append(encoded_, 0);
}

ChunkSpan StreamHub::shared(const FrameFormat& format, std::string_view json) {
  const std::uint64_t key = format.key();
  for (const Shared& shared : shared_)
    if (shared.span.chunk && shared.key == key && shared.json == json) return shared.span;
  encoded_.clear();
  const FrameFormat::FrameStart mark = format.begin(encoded_);
  encoded_ += json;
  format.end(encoded_, mark);
  flush_->schedule();
  Shared& place = shared_[next_shared_++ % shared_.size()];
  place = {key, std::string(json), writer_.append(encoded_, 0)};
  return place.span;
}

}  // namespace halley::gateway
