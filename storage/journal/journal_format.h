// The bytes of the journal (storage/api/journal.h), apart from the file: how a record is laid down and how it
// is found again. Pure functions over memory, so that a fuzzer can feed them anything: torn or foreign bytes
// are "no record here".
//
// A record, at an offset divisible by 8, in the processor's byte order (little endian; see kFormatVersion):
//   u32 length of the body; 0: none yet, or the rest of the lap is unused
//   u32 CRC-32C of all that follows, seeded with the length
//   u64 its own logical offset
//   u8  type
//   ..  body
// The length is stored last, and behind the newest record there is always a zero length: a record half
// written when the process died is not seen, and what an earlier lap or an earlier history of this file left
// there is not either.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "storage/api/journal.h"

namespace halley::storage::format {

// In the file's header; a file written on a machine of the other byte order shows another number here and is
// refused.
// Version 1 had other records for state; they are still read.
inline constexpr std::uint32_t kFormatVersion = 2;

inline constexpr std::size_t kHeader = 17;  // of a record, before its body
inline constexpr std::size_t kAlignment = 8;

// At the start of the file. Version 1 had zeros for what stands behind the ring's size.
struct JournalHeader {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t header_bytes = 0;
  std::uint64_t ring_bytes = 0;
  std::uint64_t owner = 0;     // stands for the database that it belongs to; 0: not known
  std::uint64_t released = 0;  // all before this offset was safe in the database
  std::uint64_t written = 0;   // so many transactions of the database were on the disk; 0: not known
};

struct Ring {
  std::byte* data = nullptr;
  std::size_t size = 0;  // a multiple of the page size
};

struct FoundRecord {
  Record record;          // views the ring
  std::uint64_t end = 0;  // offset behind it
};

// Body bytes of each type of record.
std::size_t body_size(const Event& event);
std::size_t body_size(const BufferRecord& record);
std::size_t body_size(const StateRecord& record);

// Bytes that a record with such a body takes in the ring.
constexpr std::size_t record_size(std::size_t body) {
  return (kHeader + body + kAlignment - 1) / kAlignment * kAlignment;
}

constexpr std::uint64_t next_lap(std::uint64_t offset, std::size_t size) {
  return (offset / size + 1) * size;
}

// Lays the record down at `offset`, zeroing the length behind it first and storing its own length last.
// Returns the offset behind it. REQUIRES: it fits before the end of the lap.
std::uint64_t write(Ring ring, std::uint64_t offset, const Event& event);
std::uint64_t write(Ring ring, std::uint64_t offset, const BufferRecord& record);
std::uint64_t write(Ring ring, std::uint64_t offset, const StateRecord& record);

// The event that write() laid down at `offset`, viewing the ring.
Event view_event(Ring ring, std::uint64_t offset, const Event& written);

// Says that nothing follows at `offset` (where a record could begin).
void end_at(Ring ring, std::uint64_t offset);

enum class Trust {
  kVerify,
  kOwn
};  // kOwn: bytes that this process wrote or has verified: the checksum is not computed

// The record at `offset`, or at the next lap's start if the rest of this lap is unused; nothing if there is
// none.
std::optional<FoundRecord> read(Ring ring, std::uint64_t offset, Trust trust);

struct Recovered {
  std::uint64_t start = 0;  // of the first record that was found, or `from`
  std::uint64_t head = 0;   // behind the last one that can be reached
};
// Walks the records from `from`, up to which all has been applied. When nothing is there, the producer may
// have gone on at the next lap's start (everything was applied) and have written over this place since: there
// it looks too. It ends, whatever the bytes are: each record holds its own offset, so no place is visited
// twice.
Recovered recover(Ring ring, std::uint64_t from);

// What of a journal that was recovered up to `head` cannot be reached: a clean end has a zero length, and
// nothing newer behind it.
enum class End { kClean, kTorn, kMoreBeyond };
End end_of(Ring ring, std::uint64_t head);

}  // namespace halley::storage::format
