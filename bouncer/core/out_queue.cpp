#include "bouncer/core/out_queue.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace halley {

namespace {
constexpr std::size_t kSlicesPerWrite =
    16;  // 64 cost 100 instructions of 670 a line and client: they are cleared
constexpr std::size_t kCheckpoints = 16;
}  // namespace

Chunk* Chunk::make(std::size_t bytes, std::size_t least) {
  constexpr std::size_t kUnit = alignof(Mark);
  const std::size_t needed = sizeof(Chunk) + (least + kUnit - 1) / kUnit * kUnit + sizeof(Mark);
  const std::size_t whole = std::max(bytes / kUnit * kUnit, needed);
  return new (::operator new(whole)) Chunk(whole - sizeof(Chunk));
}

void Chunk::unref() {
  if (--refs_ > 0) return;
  this->~Chunk();
  ::operator delete(this);
}

std::reverse_iterator<const Chunk::Mark*> Chunk::first_mark() const {
  return std::reverse_iterator{reinterpret_cast<const Mark*>(data() + capacity_)};
}

void Chunk::append(std::string_view bytes, EventId id) {
  char* const begin = reinterpret_cast<char*>(this + 1);
  std::memcpy(begin + size_, bytes.data(), bytes.size());
  size_ += static_cast<std::uint32_t>(bytes.size());
  const EventId newest = id != 0 || marks_ == 0 ? id : (first_mark() + (marks_ - 1))->id;
  ++marks_;
  new (begin + capacity_ - marks_ * sizeof(Mark)) Mark{newest, size_};
}

std::size_t Chunk::end_of_append(std::size_t offset) const {
  const auto at = std::lower_bound(first_mark(), end_of_marks(), offset,
                                   [](const Mark& mark, std::size_t place) { return mark.end < place; });
  return at == end_of_marks() ? size_ : at->end;
}

EventId Chunk::id_at(std::size_t offset) const {
  if (marks_ == 0) return 0;
  if (const Mark& last = *(first_mark() + (marks_ - 1)); last.end <= offset) return last.id;
  const auto behind = std::upper_bound(first_mark(), end_of_marks(), offset,
                                       [](std::size_t at, const Mark& mark) { return at < mark.end; });
  return behind == first_mark() ? 0 : std::prev(behind)->id;
}

ChunkSpan ChunkWriter::append(std::string_view bytes, EventId id) {
  if (!open_ || !open_->has_room(bytes.size())) {
    open_ = ChunkRef::adopt(Chunk::make(next_capacity_, bytes.size()));
    next_capacity_ = std::min(next_capacity_ * 4, kFullCapacity);
  }
  const auto begin = static_cast<std::uint32_t>(open_->size());
  open_->append(bytes, id);
  return {open_, begin, static_cast<std::uint32_t>(open_->size())};
}

void OutQueue::push(const ChunkSpan& span) {
  bytes_ += span.end - span.begin;
  if (first_ < ranges_.size()) {
    Range& last = ranges_.back();
    if (last.span.chunk.get() == span.chunk.get() && last.span.end == span.begin) {
      last.span.end = span.end;
      return;
    }
  }
  ranges_.push_back({span, 0});
}

void OutQueue::push_private(std::string_view bytes, EventId id) {
  push(private_.append(bytes, id));
}

void OutQueue::skip(EventId id) {
  if (first_ == ranges_.size()) {
    sent_id_ = id;
  } else {
    ranges_.back().trailing = id;
  }
}

void OutQueue::start_at(EventId id) {
  sent_id_ = id;
  checkpoints_.clear();
}

bool OutQueue::flush(net::Stream& stream) {
  std::array<std::string_view, kSlicesPerWrite> slices;
  while (first_ < ranges_.size()) {
    std::size_t count = 0, offered = 0;
    for (std::size_t i = first_; i < ranges_.size() && count < slices.size(); ++i, ++count) {
      const ChunkSpan& span = ranges_[i].span;
      slices[count] = {span.chunk->data() + span.begin, span.end - span.begin};
      offered += slices[count].size();
    }
    const std::size_t taken = stream.write({slices.data(), count});
    advance(taken);
    if (taken > 0) checkpoint();
    if (taken < offered) return false;
  }
  return true;
}

void OutQueue::advance(std::size_t taken) {
  bytes_ -= taken;
  sent_bytes_ += taken;
  while (first_ < ranges_.size()) {
    Range& range = ranges_[first_];
    const std::size_t size = range.span.end - range.span.begin;
    const std::size_t part = std::min(size, taken);
    range.span.begin += static_cast<std::uint32_t>(part);
    taken -= part;
    sent_id_ = std::max(sent_id_, range.span.chunk->id_at(range.span.begin));
    if (part < size) break;
    sent_id_ = std::max(sent_id_, range.trailing);
    range.span.chunk = {};
    ++first_;
  }
  if (first_ == ranges_.size()) {
    ranges_.clear();
    first_ = 0;
    if (ranges_.capacity() > kSlicesPerWrite) ranges_.shrink_to_fit();
  } else if (first_ >= kSlicesPerWrite && first_ >= ranges_.size() / 2) {
    // A peer that is always a little behind: what it has taken goes, at a cost of one move a range.
    ranges_.erase(ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

EventId OutQueue::drop_unsent() {
  if (first_ == ranges_.size()) return sent_id_;
  // What was appended as one and of which the peer has a part must be finished, or the next one would be
  // glued to it. It may hold line ends of its own (frames of the gateway do).
  const ChunkSpan span = ranges_[first_].span;
  const bool inside =
      sent_bytes_ > 0 && span.begin > 0 && span.chunk->end_of_append(span.begin) != span.begin;
  ranges_.clear();
  first_ = 0;
  bytes_ = 0;
  EventId position = sent_id_;
  if (!inside) return position;
  const auto end = std::min(span.end, static_cast<std::uint32_t>(span.chunk->end_of_append(span.begin)));
  position = std::max(position, span.chunk->id_at(end));
  ranges_.push_back({{span.chunk, span.begin, end}, 0});
  bytes_ = end - span.begin;
  return position;
}

void OutQueue::checkpoint() {
  if (!checkpoints_.empty() && checkpoints_.back().second == sent_id_) return;
  if (checkpoints_.size() == kCheckpoints) {
    // Every second one goes: old positions stay known, coarser.
    for (std::size_t i = 0; i < kCheckpoints / 2; ++i) checkpoints_[i] = checkpoints_[2 * i];
    checkpoints_.resize(kCheckpoints / 2);
  }
  checkpoints_.emplace_back(sent_bytes_, sent_id_);
}

EventId OutQueue::acknowledged_id(std::size_t unacknowledged_bytes) const {
  if (unacknowledged_bytes == 0 || checkpoints_.empty()) return sent_id_;
  const std::uint64_t reached = sent_bytes_ - std::min<std::uint64_t>(sent_bytes_, unacknowledged_bytes);
  EventId id = 0;
  for (const auto& [bytes, at] : checkpoints_) {
    if (bytes <= reached) id = at;
  }
  return id;
}

}  // namespace halley
