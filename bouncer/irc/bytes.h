// Small byte questions that the protocol's files share. Pure; any thread.
#pragma once
#include <cstring>
#include <string_view>

namespace halley::irc {

inline bool contains(std::string_view text, char c) {
  return !text.empty() && std::memchr(text.data(), c, text.size()) != nullptr;
}

// NUL, CR and LF never stand inside a line. Three passes of memchr beat one byte loop: the C library
// vectorises each.
inline bool has_forbidden_byte(std::string_view text) {
  return contains(text, '\0') || contains(text, '\r') || contains(text, '\n');
}

// Letters or digits, at least one. RFC 2812 wants letters only or three digits; some servers send more
// digits.
inline bool is_command(std::string_view text) {
  for (const char c : text)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) return false;
  return !text.empty();
}

}  // namespace halley::irc
