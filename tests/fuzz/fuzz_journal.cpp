// The journal's recovery: torn or foreign bytes end the replay, never the program.
//
// The first byte says how the rest, the ring's bytes, is treated: bit 0: checksums and offsets of what looks
// like a record are made right, so that the fuzzer gets beyond them; the upper bits choose where the replay
// begins.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "storage/journal/crc32c.h"
#include "storage/journal/journal_format.h"
#include "tests/fuzz/check.h"

namespace {

namespace format = halley::storage::format;

constexpr std::size_t kRing = 4096;

// Makes each thing that has a length a record of its place.
void make_right(std::byte* ring, std::uint64_t lap) {
  for (std::size_t at = 0; at + format::kHeader <= kRing;) {
    std::uint32_t length = 0;
    std::memcpy(&length, ring + at, sizeof length);
    length %= 512;
    if (length == 0 || at + format::kHeader + length > kRing) {
      at += format::kAlignment;
      continue;
    }
    const std::uint64_t offset = lap + at;
    std::memcpy(ring + at, &length, sizeof length);
    std::memcpy(ring + at + 8, &offset, sizeof offset);
    const std::uint32_t crc = halley::storage::crc32c(length, ring + at + 8, format::kHeader - 8 + length);
    std::memcpy(ring + at + 4, &crc, sizeof crc);
    at += format::record_size(length);
  }
}

// Reads every byte that a record views, so that the sanitizers see it.
std::size_t touch(const halley::storage::Record& record) {
  std::size_t sum = 0;
  const auto text = [&sum](std::string_view bytes) {
    for (const char byte : bytes) sum += static_cast<unsigned char>(byte);
  };
  if (const auto* event = std::get_if<halley::storage::Event>(&record)) {
    for (const auto buffer : event->buffers) sum += buffer;
    text(event->msgid);
    text(event->tags);
    text(event->line);
    FUZZ_CHECK(event->text_at <= event->line.size());
  } else if (const auto* buffer = std::get_if<halley::storage::BufferRecord>(&record)) {
    text(buffer->name);
  } else if (const auto* state = std::get_if<halley::storage::StateRecord>(&record)) {
    text(state->key);
    text(state->value);
  } else if (const auto* command = std::get_if<halley::storage::OldCommand>(&record)) {
    text(command->client);
    text(command->result);
  }
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // On the heap and of exactly the ring's size: reading past it is seen.
  std::vector<std::uint64_t> words(kRing / sizeof(std::uint64_t), 0);
  const format::Ring ring{reinterpret_cast<std::byte*>(words.data()), kRing};
  std::memcpy(ring.data, data + 1, std::min(size - 1, kRing));
  const std::uint64_t lap = (data[0] >> 1U) % 4U * std::uint64_t{kRing};
  const std::uint64_t from = lap + (data[0] >> 3U) % 4U * std::uint64_t{1024};
  if ((data[0] & 1U) != 0) make_right(ring.data, lap);

  const format::Recovered recovered = format::recover(ring, from);
  FUZZ_CHECK(recovered.head <= recovered.start + 2 * kRing);
  std::size_t records = 0;
  for (std::uint64_t at = recovered.start; at < recovered.head; ++records) {
    const auto found = format::read(ring, at, format::Trust::kVerify);
    FUZZ_CHECK(found.has_value());
    FUZZ_CHECK(found->end > at && found->end <= recovered.head);
    touch(found->record);
    at = found->end;
  }
  FUZZ_CHECK(records <= 2 * kRing / format::kAlignment);
  return 0;
}
