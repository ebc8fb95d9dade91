// Bytes on their way to one client, and how far the client's log position has got with them.
//
// What many clients get is encoded once into a shared Chunk; a client's queue holds only ranges of chunks, so
// a line to a hundred clients costs one encoding and a hundred range extensions. Thread: the loop's (the
// count of references is not atomic). Owner: a client has its queue, the queues that show a chunk share it. A
// successor takes its bytes, and the ids up to which they reach.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "bouncer/net/stream.h"
#include "storage/api/event.h"

namespace halley {

using storage::EventId;

// An append-only block of encoded lines with their ends, and the newest event id at each. Bytes once written
// never move. One piece of memory: this object, the bytes behind it, and from the far end down the marks.
class Chunk {
 public:
  // With one reference. `bytes`: of the whole piece; at least what one append of `least` takes.
  static Chunk* make(std::size_t bytes, std::size_t least);
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  void ref() { ++refs_; }
  void unref();

  std::size_t size() const { return size_; }
  bool has_room(std::size_t bytes) const { return size_ + bytes + (marks_ + 1) * sizeof(Mark) <= capacity_; }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  // `id` 0: no event ends here. REQUIRES: has_room() for the bytes.
  void append(std::string_view bytes, EventId id);
  // The newest event that ends at or before `offset`; 0 when there is none.
  EventId id_at(std::size_t offset) const;
  // The end of the append() in which the byte before `offset` lies; `offset` itself when one ended there.
  std::size_t end_of_append(std::size_t offset) const;

 private:
  struct Mark {
    EventId id;
    std::uint32_t end;
  };
  explicit Chunk(std::size_t capacity) : capacity_(static_cast<std::uint32_t>(capacity)) {}
  ~Chunk() = default;
  // In the order of the appends: the first mark is the last in memory.
  std::reverse_iterator<const Mark*> first_mark() const;
  std::reverse_iterator<const Mark*> end_of_marks() const { return first_mark() + marks_; }

  std::uint32_t size_ = 0, capacity_, marks_ = 0, refs_ = 1;
};

class ChunkRef {
 public:
  ChunkRef() = default;
  static ChunkRef adopt(Chunk* chunk) {
    ChunkRef r;
    r.chunk_ = chunk;
    return r;
  }
  ChunkRef(const ChunkRef& other) : chunk_(other.chunk_) {
    if (chunk_) chunk_->ref();
  }
  ChunkRef(ChunkRef&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
  ChunkRef& operator=(ChunkRef other) noexcept {
    std::swap(chunk_, other.chunk_);
    return *this;
  }
  ~ChunkRef() {
    if (chunk_) chunk_->unref();
  }
  Chunk* get() const { return chunk_; }
  Chunk* operator->() const { return chunk_; }
  explicit operator bool() const { return chunk_ != nullptr; }

 private:
  Chunk* chunk_ = nullptr;
};

// Encoded bytes [begin, end) of a chunk.
struct ChunkSpan {
  ChunkRef chunk;
  std::uint32_t begin = 0, end = 0;
};

// Appends to an open chunk, opening another when it is full. One per kind of encoding that clients share (or
// per client).
class ChunkWriter {
 public:
  ChunkSpan append(std::string_view bytes, EventId id);
  // Gives up the open chunk, so that it goes when its last reader has sent it. At the end of each turn.
  void close() {
    open_ = {};
    next_capacity_ = kFirstCapacity;
  }
  bool open() const { return static_cast<bool>(open_); }

 private:
  static constexpr std::size_t kFirstCapacity = 1024,
                               kFullCapacity = 64 * 1024;  // the first is what malloc has at hand
  ChunkRef open_;
  std::size_t next_capacity_ = kFirstCapacity;
};

class OutQueue {
 public:
  // Adds an encoded range; ranges that continue the last one extend it.
  // REQUIRES (here and below): ids grow.
  void push(const ChunkSpan& span);
  // Adds bytes for this client alone.
  void push_private(std::string_view bytes, EventId id);
  // An event that this client is not shown (its own message): the position passes over it.
  void skip(EventId id);

  // Writes what the stream takes now. True when all went.
  bool flush(net::Stream& stream);
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }
  // Forgets all that was not written. What was appended as one (a line, a frame) and of which a part was
  // written is kept to its end, so that the stream stays whole. Returns the position from which to read on.
  EventId drop_unsent();

  // The newest event whose line, and all before it, the kernel has (or, over TLS, is about to get: see
  // Stream::queued).
  EventId sent_id() const { return sent_id_; }
  // The newest event that the peer's host has acknowledged, given the bytes that it has not.
  EventId acknowledged_id(std::size_t unacknowledged_bytes) const;
  // Where this client's position stands. REQUIRES: nothing has been pushed.
  void start_at(EventId id);
  void end_turn() { private_.close(); }

 private:
  friend struct CostProbe;  // tests look at the counters
  struct Range {
    ChunkSpan span;
    EventId trailing = 0;  // events passed over behind it
  };
  void advance(std::size_t bytes);
  void checkpoint();

  std::vector<Range> ranges_;
  std::size_t first_ = 0;  // index of the first unsent range
  std::size_t bytes_ = 0;
  ChunkWriter private_;
  EventId sent_id_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::vector<std::pair<std::uint64_t, EventId>>
      checkpoints_;  // (sent_bytes, sent_id), at most 16, thinned when full
};

}  // namespace halley
