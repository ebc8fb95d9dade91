// The journal: a preallocated file, mapped shared, used as a ring. It is both what makes a line durable
// before any client sees it and the queue between the loop's thread (one producer) and the storage thread
// (one consumer).
//
// An append is a memcpy: no system call; it outlives the process from that moment, because the pages are the
// kernel's. A power cut may lose what was not yet synced, here or in the database (at most the last second).
// So a place in the ring is free again only when the database has been synced with what stood there.
//
// Format, version 2: a header page (magic, version, ring size, whose it is, how far it was released), then
// the ring. A record: u32 length of the body, u32 CRC-32C over the rest of the record, u64 offset (its own,
// ever growing: an entry of an earlier lap never passes for one of this), u8 type, then the body. Offsets are
// logical; physical = offset % size. A record never wraps: what does not fit before the end of the lap is
// skipped by both sides (a zero length, or too little room for a header). When the consumer has caught up,
// the producer may go on at the start of the next lap, so that moderate load touches few pages.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "storage/api/event.h"

namespace halley::storage {

// A new buffer (channel, query, server) of a network; ids are given by the producer.
struct BufferRecord {
  BufferId id;
  UserId user;
  NetworkId network;
  std::string_view name;
};
// Small state that outlives the process: the newest value of each (user, network, device, kind, key) counts.
// Storage gives no meaning to `kind`, `key` and `value`; the bouncer does (bouncer/core/state_kinds.h). It
// goes with its user, network or device.
struct StateRecord {
  UserId user = 0;
  NetworkId network = 0;  // 0: of none
  DeviceId device = 0;    // 0: of none
  std::uint16_t kind = 0;
  std::string_view key = {};    // any bytes, kMaxStateKey at most; may be empty
  std::string_view value = {};  // any bytes, kMaxStateValue at most; empty: the state is removed
};
inline constexpr std::size_t kMaxStateKey = 1024, kMaxStateValue = 16 * 1024;
// Of a user's states of one kind that many are kept; beyond, the one that was written longest ago goes.
// Owners have bounds of their own below it.
inline constexpr std::size_t kMostStates = 4096;

// What journals of format 1 held instead, found only when one is opened; never written.
struct OldPosition {
  DeviceId device;
  NetworkId network;
  EventId id;
};
struct OldCommand {
  UserId user;
  std::string_view client;
  std::uint64_t seq;
  std::string_view result;
};

using Record = std::variant<Event, BufferRecord, StateRecord, OldPosition, OldCommand>;

// The largest record in bytes; append() of more is a bug of ours and asserts.
inline constexpr std::size_t kMaxRecord = 32 * 1024;

class Journal {
 public:
  // Opens or creates `file` with a ring of `size` bytes (rounded up to pages; an existing file keeps its own
  // size). Foreign bytes or a newer version: an error that says what to do. `applied`: up to where SQLite has
  // it. `owner` stands for the database that it belongs to: another one's journal is refused; 0: whose ever
  // it is.
  static std::expected<std::unique_ptr<Journal>, std::string> open(const std::filesystem::path& file,
                                                                   std::uint64_t applied,
                                                                   std::size_t size = std::size_t{16} << 20,
                                                                   std::uint64_t owner = 0);
  virtual ~Journal() = default;

  // --- The producer's side (the loop's thread) ---
  // Is there room for `bytes` more (bodies and headers)? Ask with kMaxRecord times what one input line may
  // cause before handling it; when not, stop reading from the peer and listen for room.
  virtual bool has_room(std::size_t bytes) const = 0;
  // The same for what `user` appends (or their networks): no too, when they have more than their share of a
  // ring that fills, so that one user's flood leaves the others room. Room is told again to all alike.
  virtual bool has_room(UserId user, std::size_t bytes) const = 0;
  // Is there room for one more record of `bytes` (body and header), in what the ring keeps back, too? For
  // what is lost otherwise, as the process ends.
  virtual bool has_last_room(std::size_t bytes) const = 0;
  // Each append REQUIRES at most kMaxRecord bytes, and that has_room() or has_last_room() said yes to it, or
  // that it is one of the few that the ring keeps a sixteenth back for (a buffer). Returns an event that
  // views the mapped bytes: valid until the consumer has released it AND the ring has come round; in practice
  // until the end of the loop turn.
  virtual Event append(const Event& event) = 0;
  virtual void append(const BufferRecord& record) = 0;
  virtual void append(const StateRecord& record) = 0;
  virtual std::uint64_t head() const = 0;  // offset behind the last record

  // Visits, in order, each record from `from` (an offset that was a record's or a head) up to
  // the head, or to the one at which `take` says false. Gives the offset of that one, else the head: from
  // there one may go on. Nothing when `from` has been overwritten: then read the store first. Loop's thread
  // only.
  using Take = std::function<bool(const Record&)>;
  virtual std::optional<std::uint64_t> scan(std::uint64_t from, const Take& take) const = 0;
  // Such an offset for all that is newer than event `id`; nothing when none is remembered (the event is from
  // before this start). scan() may still find it overwritten.
  virtual std::optional<std::uint64_t> find(EventId id) const = 0;

  // --- The consumer's side (the storage thread; storage/write/storage_thread.cpp) ---
  using Visit = std::function<void(const Record&)>;
  // Visits records from `from` to at most `max_bytes` further; returns the offset behind the last one
  // visited. REQUIRES: `from` is such an offset, at first the `applied` that the journal was opened with.
  virtual std::uint64_t consume(std::uint64_t from, std::size_t max_bytes, const Visit& visit) = 0;
  // All before `offset` is in SQLite. REQUIRES (here and below): an offset that consume() gave; it only
  // grows.
  virtual void applied(std::uint64_t offset) = 0;
  // All before `offset` is in SQLite and safe there: the producer may overwrite it.
  virtual void release(std::uint64_t offset) = 0;
  // What was appended before this call reaches the disk. May take long. False: errno says why.
  virtual bool sync() = 0;
};

}  // namespace halley::storage
