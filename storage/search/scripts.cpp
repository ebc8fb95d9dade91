#include "storage/search/scripts.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace halley::storage {
namespace {

struct Range {
  std::uint32_t first, last;
};
// Letters, marks and digits of these scripts; their punctuation ends a run as a space does.
constexpr std::array kUnspaced = std::to_array<Range>({
    {0x0E01, 0x0E3A}, {0x0E40, 0x0E4E}, {0x0E50, 0x0E59},                      // Thai
    {0x0E81, 0x0EDF},                                                          // Lao
    {0x1000, 0x1049}, {0x1050, 0x109F},                                        // Burmese
    {0x1100, 0x11FF},                                                          // Korean, single letters
    {0x1780, 0x17D3}, {0x17DC, 0x17E9},                                        // Khmer
    {0x3005, 0x3007}, {0x3041, 0x3096}, {0x3099, 0x309A},   {0x309D, 0x309F},  // Japanese
    {0x30A1, 0x30FA}, {0x30FC, 0x30FF}, {0x3105, 0x312F},   {0x3131, 0x318E},
    {0x31A0, 0x31BF}, {0x31F0, 0x31FF}, {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},  // Chinese characters
    {0xA960, 0xA97C}, {0xAC00, 0xD7FB},                                        // Korean, syllables
    {0xF900, 0xFAFF}, {0xFF66, 0xFF9F}, {0x1B000, 0x1B16F}, {0x20000, 0x3FFFD},
});

bool unspaced(std::uint32_t character) {
  const auto at = std::ranges::lower_bound(kUnspaced, character, {}, &Range::last);
  return at != kUnspaced.end() && character >= at->first;
}

// All of them have three or four bytes. 0: none begins here.
std::size_t size_at(std::string_view text, std::size_t at) {
  const auto byte = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const std::size_t size = byte(at) >= 0xF0 ? 4 : 3;
  if (byte(at) < 0xE0 || byte(at) > 0xF4 || at + size > text.size()) return 0;
  std::uint32_t character = byte(at) & (size == 4 ? 0x07U : 0x0FU);
  for (std::size_t index = at + 1; index < at + size; ++index) {
    if ((byte(index) & 0xC0U) != 0x80) return 0;
    character = (character << 6U) | (byte(index) & 0x3FU);
  }
  return unspaced(character) ? size : 0;
}

}  // namespace

UnspacedRun next_unspaced_run(std::string_view text, std::size_t from) {
  const auto begins = [](char c) { return static_cast<unsigned char>(c) >= 0xE0; };
  while (from < text.size()) {
    from = static_cast<std::size_t>(
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), begins) - text.begin());
    std::size_t end = from;
    for (std::size_t size = 1; size > 0 && end < text.size(); end += size) size = size_at(text, end);
    if (end > from) return {from, end};
    ++from;
  }
  return {text.size(), text.size()};
}

std::size_t character_size(std::string_view run) {
  return static_cast<unsigned char>(run.front()) >= 0xF0 ? 4 : 3;
}

}  // namespace halley::storage
