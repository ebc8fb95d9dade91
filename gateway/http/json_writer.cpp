#include "gateway/http/json_writer.h"

#include <array>
#include <charconv>
#include <cstring>

namespace halley::gateway {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// A byte that cannot stand for itself: control, quote, backslash, or not ASCII.
constexpr std::array<bool, 256> make_specials() {
  std::array<bool, 256> specials{};
  for (std::size_t i = 0; i < 256; ++i) specials[i] = i < 0x20 || i >= 0x80 || i == '"' || i == '\\';
  return specials;
}
constexpr auto kSpecials = make_specials();

// Whether one of eight bytes may be special (a borrow may accuse an innocent one: the table then acquits it).
bool may_be_special(const char* at) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const std::uint64_t quotes = (word ^ (kOnes * '"')) - kOnes;
  const std::uint64_t slashes = (word ^ (kOnes * '\\')) - kOnes;
  return (((word - kOnes * 0x20) | quotes | slashes | word) & kHigh) != 0;
}

const char* skip_plain(const char* at, const char* end) {
  // Eight at a time: most of an IRC line is plain text, and replay encodes 600,000 of them a second.
  while (end - at >= 8 && !may_be_special(at)) at += 8;
  while (at != end && !kSpecials[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

struct Sequence {
  std::size_t size;  // bytes that it takes
  bool valid;
};

// Looks at the bytes from a lead byte on (RFC 3629 section 4). The second byte decides over overlong forms,
// surrogates and what lies beyond U+10FFFF.
Sequence utf8_sequence(const char* at, const char* end) {
  const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  const unsigned char lead = byte(0);
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {1, false};
  }
  const auto left = static_cast<std::size_t>(end - at);
  if (left < 2 || byte(1) < low || byte(1) > high) return {1, false};
  for (std::size_t i = 2; i < length; ++i) {
    if (i >= left || (byte(i) & 0xC0) != 0x80) return {i, false};
  }
  return {length, true};
}

void append_unicode_escape(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_unicode_escape(out, c);
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  const char* run = at;
  for (;;) {
    at = skip_plain(at, end);
    if (at == end) break;
    const auto c = static_cast<unsigned char>(*at);
    if (c >= 0x80) {
      const Sequence sequence = utf8_sequence(at, end);
      if (!sequence.valid) out.append(run, at) += kReplacement;
      at += sequence.size;
      if (sequence.valid) continue;
    } else {
      out.append(run, at);
      append_escape(out, c);
      ++at;
    }
    run = at;
  }
  out.append(run, end);
}

void escape_for_html(std::string& out, std::size_t from) {
  const std::string json = out.substr(from);
  out.resize(from);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = std::string_view(json).substr(i);
    if (json[i] == '<' || json[i] == '>' || json[i] == '&') {
      append_unicode_escape(out, static_cast<unsigned char>(json[i]));
    } else if (rest.starts_with("\xE2\x80\xA8") ||
               rest.starts_with("\xE2\x80\xA9")) {  // end a line for old engines
      out += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += json[i];
    }
  }
}

void append_json_string(std::string& out, std::string_view bytes) {
  out += '"';
  append_json_text(out, bytes);
  out += '"';
}

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), result.ptr);
}

}  // namespace halley::gateway
