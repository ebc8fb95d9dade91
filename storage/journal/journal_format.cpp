#include "storage/journal/journal_format.h"

#include <atomic>
#include <bit>
#include <cstring>

#include "storage/journal/crc32c.h"

namespace halley::storage::format {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the journal's header tells byte orders apart, see kFormatVersion");
static_assert(sizeof(BufferId) == 4);

enum Type : std::uint8_t { kEvent = 1, kBuffer = 2, kOldPosition = 3, kOldCommand = 4, kState = 5 };

// Fixed parts of the bodies. That of an event ends 4-aligned, so that its buffers can be viewed where they
// lie.
constexpr std::size_t kEventFixed = 35, kBufferFixed = 12, kOldPositionFixed = 16, kOldCommandFixed = 14,
                      kStateFixed = 16;
static_assert((kHeader + kEventFixed) % alignof(BufferId) == 0);

template <class T>
void put(std::byte*& at, T value) {
  std::memcpy(at, &value, sizeof value);
  at += sizeof value;
}
void put_text(std::byte*& at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  at += text.size();
}
template <class T>
T get(const std::byte*& at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}
std::string_view get_text(const std::byte*& at, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(at), size};
  at += size;
  return text;
}

std::atomic_ref<std::uint32_t> length_word(Ring ring, std::uint64_t offset) {
  return std::atomic_ref<std::uint32_t>{*reinterpret_cast<std::uint32_t*>(ring.data + offset % ring.size)};
}

std::uint32_t checksum(const std::byte* record, std::uint32_t length) {
  return crc32c(length, record + 8, kHeader - 8 + length);
}

template <class Body>
std::uint64_t lay(Ring ring, std::uint64_t offset, Type type, std::size_t body, Body&& put_body) {
  const auto length = static_cast<std::uint32_t>(body);
  const std::uint64_t end = offset + record_size(body);
  end_at(ring, end);
  std::byte* const record = ring.data + offset % ring.size;
  std::byte* at = record + 8;
  put(at, offset);
  put(at, static_cast<std::uint8_t>(type));
  put_body(at);
  std::byte* crc = record + 4;
  put(crc, checksum(record, length));
  length_word(ring, offset).store(length, std::memory_order_release);
  return end;
}

std::optional<Record> decode_event(const std::byte* at, std::size_t length) {
  if (length < kEventFixed) return std::nullopt;
  Event event;
  event.kind = get<std::uint8_t>(at);
  event.flags = get<std::uint8_t>(at);
  const std::size_t buffers = get<std::uint8_t>(at);
  event.user = get<UserId>(at);
  event.network = get<NetworkId>(at);
  event.id = get<EventId>(at);
  event.time_ms = get<std::int64_t>(at);
  event.text_at = get<std::uint16_t>(at);
  const std::size_t msgid = get<std::uint16_t>(at), tags = get<std::uint16_t>(at),
                    line = get<std::uint16_t>(at);
  if (length != kEventFixed + buffers * sizeof(BufferId) + msgid + tags + line || event.text_at > line)
    return std::nullopt;
  event.buffers = {reinterpret_cast<const BufferId*>(at), buffers};
  at += buffers * sizeof(BufferId);
  event.msgid = get_text(at, msgid);
  event.tags = get_text(at, tags);
  event.line = get_text(at, line);
  return event;
}

std::optional<Record> decode_state(const std::byte* at, std::size_t length) {
  if (length < kStateFixed) return std::nullopt;
  StateRecord record;
  record.user = get<UserId>(at);
  record.network = get<NetworkId>(at);
  record.device = get<DeviceId>(at);
  record.kind = get<std::uint16_t>(at);
  const std::size_t key = get<std::uint16_t>(at);
  if (key > length - kStateFixed) return std::nullopt;
  record.key = get_text(at, key);
  record.value = get_text(at, length - kStateFixed - key);
  return record;
}

// What format 1 had for state.
std::optional<Record> decode_old(std::uint8_t type, const std::byte* at, std::size_t length) {
  if (type == kOldPosition) {
    if (length != kOldPositionFixed) return std::nullopt;
    OldPosition record{};
    record.device = get<DeviceId>(at);
    record.network = get<NetworkId>(at);
    record.id = get<EventId>(at);
    return record;
  }
  if (length < kOldCommandFixed) return std::nullopt;
  OldCommand record{};
  record.user = get<UserId>(at);
  record.seq = get<std::uint64_t>(at);
  const std::size_t client = get<std::uint16_t>(at);
  if (client > length - kOldCommandFixed) return std::nullopt;
  record.client = get_text(at, client);
  record.result = get_text(at, length - kOldCommandFixed - client);
  return record;
}

std::optional<Record> decode(std::uint8_t type, const std::byte* at, std::size_t length) {
  switch (type) {
    case kEvent:
      return decode_event(at, length);
    case kBuffer: {
      if (length < kBufferFixed) return std::nullopt;
      BufferRecord record{};
      record.id = get<BufferId>(at);
      record.user = get<UserId>(at);
      record.network = get<NetworkId>(at);
      record.name = get_text(at, length - kBufferFixed);
      return record;
    }
    case kState:
      return decode_state(at, length);
    case kOldPosition:
    case kOldCommand:
      return decode_old(type, at, length);
    default:
      return std::nullopt;
  }
}

std::optional<FoundRecord> read_here(Ring ring, std::uint64_t offset, Trust trust) {
  const std::size_t room = ring.size - offset % ring.size;
  if (room < kHeader) return std::nullopt;
  const std::uint32_t length = length_word(ring, offset).load(std::memory_order_acquire);
  if (length == 0 || length > room - kHeader) return std::nullopt;
  const std::byte* const record = ring.data + offset % ring.size;
  const std::byte* at = record + 4;
  const auto crc = get<std::uint32_t>(at);
  if (get<std::uint64_t>(at) != offset) return std::nullopt;
  if (trust == Trust::kVerify && crc != checksum(record, length)) return std::nullopt;
  const auto type = get<std::uint8_t>(at);
  auto decoded = decode(type, at, length);
  if (!decoded) return std::nullopt;
  return FoundRecord{*decoded, offset + record_size(length)};
}

}  // namespace

std::size_t body_size(const Event& event) {
  return kEventFixed + event.buffers.size_bytes() + event.msgid.size() + event.tags.size() +
         event.line.size();
}
std::size_t body_size(const BufferRecord& record) {
  return kBufferFixed + record.name.size();
}
std::size_t body_size(const StateRecord& record) {
  return kStateFixed + record.key.size() + record.value.size();
}

std::uint64_t write(Ring ring, std::uint64_t offset, const Event& event) {
  return lay(ring, offset, kEvent, body_size(event), [&event](std::byte* at) {
    put(at, event.kind);
    put(at, event.flags);
    put(at, static_cast<std::uint8_t>(event.buffers.size()));
    put(at, event.user);
    put(at, event.network);
    put(at, event.id);
    put(at, event.time_ms);
    put(at, event.text_at);
    put(at, static_cast<std::uint16_t>(event.msgid.size()));
    put(at, static_cast<std::uint16_t>(event.tags.size()));
    put(at, static_cast<std::uint16_t>(event.line.size()));
    for (const BufferId buffer : event.buffers) put(at, buffer);
    put_text(at, event.msgid);
    put_text(at, event.tags);
    put_text(at, event.line);
  });
}

std::uint64_t write(Ring ring, std::uint64_t offset, const BufferRecord& record) {
  return lay(ring, offset, kBuffer, body_size(record), [&record](std::byte* at) {
    put(at, record.id);
    put(at, record.user);
    put(at, record.network);
    put_text(at, record.name);
  });
}

std::uint64_t write(Ring ring, std::uint64_t offset, const StateRecord& record) {
  return lay(ring, offset, kState, body_size(record), [&record](std::byte* at) {
    put(at, record.user);
    put(at, record.network);
    put(at, record.device);
    put(at, record.kind);
    put(at, static_cast<std::uint16_t>(record.key.size()));
    put_text(at, record.key);
    put_text(at, record.value);
  });
}

Event view_event(Ring ring, std::uint64_t offset, const Event& written) {
  Event event = written;
  const std::byte* at = ring.data + offset % ring.size + kHeader + kEventFixed;
  event.buffers = {reinterpret_cast<const BufferId*>(at), written.buffers.size()};
  at += written.buffers.size_bytes();
  event.msgid = get_text(at, written.msgid.size());
  event.tags = get_text(at, written.tags.size());
  event.line = get_text(at, written.line.size());
  return event;
}

void end_at(Ring ring, std::uint64_t offset) {
  if (ring.size - offset % ring.size < kHeader) offset = next_lap(offset, ring.size);
  length_word(ring, offset).store(0, std::memory_order_release);
}

std::optional<FoundRecord> read(Ring ring, std::uint64_t offset, Trust trust) {
  if (offset % kAlignment != 0) return std::nullopt;
  const bool unused = ring.size - offset % ring.size < kHeader ||
                      length_word(ring, offset).load(std::memory_order_acquire) == 0;
  return read_here(ring, unused ? next_lap(offset, ring.size) : offset, trust);
}

Recovered recover(Ring ring, std::uint64_t from) {
  auto found = read(ring, from, Trust::kVerify);
  const std::uint64_t lap = next_lap(from, ring.size);
  const bool here = found.has_value();
  if (!here) found = read_here(ring, lap, Trust::kVerify);
  if (!found) return {from, from};
  Recovered recovered{here ? from : lap, from};
  for (; found; found = read(ring, recovered.head, Trust::kVerify)) recovered.head = found->end;
  return recovered;
}

End end_of(Ring ring, std::uint64_t head) {
  for (std::uint64_t at = head + kAlignment; at + kHeader <= head + ring.size; at += kAlignment) {
    if (ring.size - at % ring.size < kHeader) continue;
    std::uint64_t own = 0;
    std::memcpy(&own, ring.data + at % ring.size + 8, sizeof own);
    if (own == at && read_here(ring, at, Trust::kVerify)) return End::kMoreBeyond;
  }
  const std::uint64_t here = ring.size - head % ring.size < kHeader ? next_lap(head, ring.size) : head;
  return length_word(ring, here).load(std::memory_order_relaxed) == 0 ? End::kClean : End::kTorn;
}

}  // namespace halley::storage::format
