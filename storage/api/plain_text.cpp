#include "storage/api/plain_text.h"

#include <cstddef>

namespace halley::storage {
namespace {

constexpr char kColour = '\x03', kHexColour = '\x04';

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Up to `most` characters of a kind, from `at` on; returns where they end.
template <class Is>
std::size_t skip(std::string_view text, std::size_t at, std::size_t most, const Is& is) {
  const std::size_t end = at + most;
  while (at < text.size() && at < end && is(text[at])) ++at;
  return at;
}

// \x03 [N[N][,M[M]]] and \x04 [RRGGBB[,RRGGBB]]: the numbers belong to the colour.
template <class Is>
std::size_t skip_colour(std::string_view text, std::size_t at, std::size_t most, const Is& is) {
  const std::size_t end = skip(text, at, most, is);
  if (end == at || end + 1 >= text.size() || text[end] != ',' || !is(text[end + 1])) return end;
  return skip(text, end + 1, most, is);
}

}  // namespace

void append_plain(std::string_view text, std::string& out) {
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x20) {
      out.push_back(c);
      ++at;
    } else if (c == kColour) {
      at = skip_colour(text, at + 1, 2, is_digit);
    } else if (c == kHexColour) {
      at = skip_colour(text, at + 1, 6, is_hex);
    } else {
      if (c == '\t') out.push_back(' ');
      ++at;
    }
  }
}

}  // namespace halley::storage
