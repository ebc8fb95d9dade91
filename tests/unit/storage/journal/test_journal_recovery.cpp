#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "storage/journal/journal_format.h"
#include "tests/unit/storage/sample_events.h"

namespace halley::storage {
namespace {

// A ring in memory, as a crash may leave it.
struct Memory {
  explicit Memory(std::size_t size = 4096, unsigned char fill = 0) : words(size / 8, 0) {
    std::memset(words.data(), fill, size);
  }
  format::Ring ring() { return {reinterpret_cast<std::byte*>(words.data()), words.size() * 8}; }
  std::vector<std::uint64_t> words;  // aligned as a mapping is
};

struct Laid {
  std::uint64_t begin, end;
  Sample sample;
};

std::vector<Laid> lay(Memory& memory, std::uint64_t from, std::size_t count) {
  std::vector<Laid> laid;
  format::end_at(memory.ring(), from);
  for (std::size_t i = 0; i < count; ++i) {
    Sample sample = said(kStart + i, std::string(i * 13 % 90, static_cast<char>('a' + i % 26)));
    sample.msgid = std::string(i % 5, 'm');
    const auto end = format::write(memory.ring(), from, sample.view());
    laid.push_back({from, end, std::move(sample)});
    from = end;
  }
  return laid;
}

std::vector<Sample> replay(Memory& memory, std::uint64_t from) {
  std::vector<Sample> samples;
  const auto recovered = format::recover(memory.ring(), from);
  for (std::uint64_t at = recovered.start; at < recovered.head;) {
    const auto found = format::read(memory.ring(), at, format::Trust::kVerify);
    REQUIRE(found);
    if (const auto* event = std::get_if<Event>(&found->record)) samples.push_back(sample_of(*event));
    at = found->end;
  }
  return samples;
}

// The first `count` of what was laid.
std::vector<Sample> first(const std::vector<Laid>& laid, std::size_t count) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back(laid[i].sample);
  return samples;
}

}  // namespace

TEST_CASE("a write torn at any byte ends the replay before that record") {
  Memory whole;
  const auto laid = lay(whole, 0, 12);
  REQUIRE(replay(whole, 0) == first(laid, 12));
  // What was there before: nothing, or noise.
  for (const unsigned char before : {static_cast<unsigned char>(0), static_cast<unsigned char>(0xFF)}) {
    for (std::size_t torn = 0; torn < laid.back().end; ++torn) {
      Memory memory{4096, before};
      std::memcpy(memory.words.data(), whole.words.data(), torn);
      const auto expected = std::ranges::count_if(laid, [torn](const Laid& one) { return one.end <= torn; });
      const auto seen = replay(memory, 0);
      // A tear in the padding behind a record leaves it whole.
      REQUIRE(seen.size() >= static_cast<std::size_t>(expected));
      REQUIRE(seen.size() <= static_cast<std::size_t>(expected) + 1);
      REQUIRE(seen == first(laid, seen.size()));
    }
  }
}

TEST_CASE("bytes stored in any order: a record counts only when it is whole") {
  Memory whole;
  const auto laid = lay(whole, 0, 3);
  const auto* bytes = reinterpret_cast<const unsigned char*>(whole.words.data());
  for (std::size_t at = laid[1].begin; at < laid[1].end; ++at) {
    if (bytes[at] == 0) continue;
    Memory memory;
    memory.words = whole.words;
    reinterpret_cast<unsigned char*>(memory.words.data())[at] = 0;
    REQUIRE(replay(memory, 0) == first(laid, 1));
  }
}

TEST_CASE("a flipped bit anywhere ends the replay there or changes nothing") {
  Memory whole;
  const auto laid = lay(whole, 0, 8);
  for (std::size_t bit = 0; bit < laid.back().end * 8; ++bit) {
    Memory memory;
    memory.words = whole.words;
    memory.words[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    const auto seen = replay(memory, 0);
    const auto hit = std::ranges::find_if(laid, [bit](const Laid& one) { return bit / 8 < one.end; });
    const auto before = static_cast<std::size_t>(hit - laid.begin());
    REQUIRE((seen == first(laid, before) || seen == first(laid, laid.size())));
  }
}

TEST_CASE("records of an earlier lap are not taken for new ones") {
  Memory memory;
  const std::size_t size = memory.ring().size;
  lay(memory, 0, 12);
  CHECK(replay(memory, size).empty());
  const auto laid = lay(memory, size, 2);
  CHECK(replay(memory, size) == first(laid, 2));
}

TEST_CASE("what an earlier history of the file left behind the newest record is not replayed") {
  // The same offsets are written twice, as after a restored backup: first many records, then few.
  Memory memory;
  const auto old = lay(memory, 0, 12);
  const auto laid = lay(memory, 0, 4);
  REQUIRE(laid.back().end == old[3].end);
  CHECK(replay(memory, 0) == first(laid, 4));
}

TEST_CASE("a record that does not fit before the lap's end is found at the next one's start") {
  for (const std::size_t left : {8UL, 16UL, 24UL, 64UL}) {
    Memory memory;
    const std::size_t size = memory.ring().size;
    const std::uint64_t from = size - left;
    format::end_at(memory.ring(), from);
    const Sample sample = said(kStart, "over the edge of the ring, into the next lap of the comet");
    const auto end = format::write(memory.ring(), size, sample.view());
    const auto recovered = format::recover(memory.ring(), from);
    CHECK(recovered.head == end);
    CHECK(replay(memory, from) == std::vector<Sample>{sample});
  }
}

TEST_CASE("after a rewind whose lap has come past the old place, recovery finds the new lap") {
  Memory memory;
  const std::size_t size = memory.ring().size;
  const auto old = lay(memory, 0, 4);
  const std::uint64_t applied = old.back().end;
  const auto laid = lay(memory, size, 12);
  REQUIRE(laid.back().end % size > applied);
  const auto recovered = format::recover(memory.ring(), applied);
  CHECK(recovered.start == size);
  CHECK(recovered.head == laid.back().end);
  CHECK(replay(memory, applied) == first(laid, 12));
}

TEST_CASE("whatever the bytes are, recovery ends") {
  std::uint64_t random = 42;
  for (int round = 0; round < 300; ++round) {
    Memory memory;
    for (auto& word : memory.words) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      word = (random >> 20) % 3 == 0 ? random : (random >> 40) % 64;
    }
    const auto recovered = format::recover(memory.ring(), (random >> 50) * 8);
    REQUIRE(recovered.head <= recovered.start + 2 * 4096);
  }
  Memory memory{4096, 0xFF};
  CHECK(format::recover(memory.ring(), 3).head == 3);
  CHECK(format::recover(memory.ring(), ~std::uint64_t{7}).head == ~std::uint64_t{7});
}

}  // namespace halley::storage
