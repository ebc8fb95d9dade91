#include "bouncer/irc/saslprep.h"

#include <algorithm>
#include <array>

#include "bouncer/irc/compositions.h"

namespace halley::irc {
namespace {

struct Range {
  char32_t first, last;
};

// RFC 3454 tables C.1.2, B.1, and C.2.1 to C.9 together; the last two characters of each plane are
// noncharacters too.
constexpr Range kSpaces[] = {{0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
                             {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
constexpr Range kNothing[] = {{0xad, 0xad},     {0x34f, 0x34f},   {0x1806, 0x1806}, {0x180b, 0x180d},
                              {0x200b, 0x200d}, {0x2060, 0x2060}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
constexpr Range kForbidden[] = {
    {0x0, 0x1f},        {0x7f, 0x9f},       {0x340, 0x341},     {0x6dd, 0x6dd},   {0x70f, 0x70f},
    {0x180e, 0x180e},   {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2061, 0x2063}, {0x206a, 0x206f},
    {0x2ff0, 0x2ffb},   {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfff9, 0xffff}, {0x1d173, 0x1d17a},
    {0xe0001, 0xe0001}, {0xe0020, 0xe007f}, {0xf0000, 0x10ffff}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

bool is_forbidden(char32_t c) {
  return within(kForbidden, c) || (c & 0xfffe) == 0xfffe;
}

// The next character; false: no UTF-8 (RFC 3629).
bool take(std::string_view& text, char32_t& c) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (size == 0 || first > 0xf4 || text.size() < size) return false;
  c = size == 1 ? first : first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) return false;
    c = c << 6 | (byte & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  text.remove_prefix(size);
  return c >= kLeast[size] && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

void append(std::string& out, char32_t c) {
  const auto byte = [&out](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      byte(0xe0 | c >> 12);
    } else {
      byte(0xf0 | c >> 18);
      byte(0x80 | (c >> 12 & 0x3f));
    }
    byte(0x80 | (c >> 6 & 0x3f));
  }
  byte(0x80 | (c & 0x3f));
}

char32_t compatible(char32_t c) {
  struct Pair {
    char32_t from, to;
  };
  constexpr Pair kPairs[] = {{0xaa, 'a'}, {0xb2, '2'},     {0xb3, '3'},   {0xb9, '1'},
                             {0xba, 'o'}, {0x2126, 0x3a9}, {0x212a, 'K'}, {0x212b, 0xc5}};
  if (c >= 0xff01 && c <= 0xff5e) return c - 0xff01 + '!';
  const auto* const found = std::ranges::find(kPairs, c, &Pair::from);
  return found == std::end(kPairs) ? c : found->to;
}

// The character that `letter` and `mark` make; 0: none.
char32_t compose(char32_t letter, char32_t mark) {
  if (mark < 0x300 || mark > 0x36f) return 0;
  std::size_t low = 0, high = kCompositions.size() / 3;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const char32_t a = kCompositions[3 * middle], b = kCompositions[3 * middle + 1];
    if (a == letter && b == mark) return kCompositions[3 * middle + 2];
    if (a < letter || (a == letter && b < mark)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return 0;
}

}  // namespace

std::optional<std::string> saslprep(std::string_view text) {
  std::u32string characters;
  while (!text.empty()) {
    char32_t c = 0;
    if (!take(text, c)) return std::nullopt;
    if (within(kNothing, c)) continue;
    c = within(kSpaces, c) ? U' ' : compatible(c);
    const char32_t composed = characters.empty() ? 0 : compose(characters.back(), c);
    if (composed != 0) {
      characters.back() = composed;
    } else {
      characters += c;
    }
  }
  if (characters.empty() || std::ranges::any_of(characters, is_forbidden)) return std::nullopt;
  std::string out;
  for (const char32_t c : characters) append(out, c);
  return out;
}

}  // namespace halley::irc
