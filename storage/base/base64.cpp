#include "storage/base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace halley::storage {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = (bits << 8) | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= bytes.size() ? kDigits[(bits >> (18 - 6 * i)) & 63] : '=';
  }
}

std::optional<std::string> bytes_of_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  while (!text.empty()) {
    std::string_view group = text.substr(0, 4);
    text.remove_prefix(4);
    // Only the last group may be short.
    while (text.empty() && group.size() > 2 && group.ends_with('=')) group.remove_suffix(1);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t value = i < group.size() ? kValues[static_cast<unsigned char>(group[i])] : 0;
      if (value == kNone) return std::nullopt;
      bits = (bits << 6) | value;
    }
    for (std::size_t i = 0; i + 1 < group.size(); ++i)
      out += static_cast<char>(static_cast<unsigned char>(bits >> (16 - 8 * i)));
  }
  return out;
}

}  // namespace halley::storage
