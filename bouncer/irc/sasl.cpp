#include "bouncer/irc/sasl.h"

#include <array>
#include <cstdint>

namespace halley::irc {
namespace {

constexpr std::size_t kChunk = 400;
constexpr std::size_t kMaxEncoded = 64 * 1024;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group =
        byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2);
    text += kAlphabet[group >> 18U];
    text += kAlphabet[group >> 12U & 63U];
    text += i + 1 < bytes.size() ? kAlphabet[group >> 6U & 63U] : '=';
    text += i + 2 < bytes.size() ? kAlphabet[group & 63U] : '=';
  }
  return text;
}

// Strict (RFC 4648 section 3): padded, nothing outside the alphabet, no bits left over.
std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return std::nullopt;
    bits = (bits << 6U | digit) & 0xffffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(static_cast<unsigned char>(bits >> count & 0xffU));
    }
  }
  if ((bits & ((1U << count) - 1U)) != 0) return std::nullopt;
  return bytes;
}

std::vector<std::string> sasl_chunks(std::string_view payload) {
  const std::string encoded = base64_encode(payload);
  std::vector<std::string> chunks;
  for (std::size_t at = 0; at < encoded.size(); at += kChunk) chunks.push_back(encoded.substr(at, kChunk));
  if (encoded.size() % kChunk == 0) chunks.emplace_back("+");
  return chunks;
}

SaslReader::Result SaslReader::feed(std::string_view chunk) {
  const bool last = chunk == "+" || chunk.size() < kChunk;
  if (chunk.empty() || chunk.size() > kChunk || encoded_.size() + chunk.size() > kMaxEncoded) {
    encoded_.clear();
    return Result::kInvalid;
  }
  if (chunk != "+") encoded_ += chunk;
  if (!last) return Result::kMore;
  std::optional<std::string> decoded = base64_decode(encoded_);
  encoded_.clear();
  if (!decoded) return Result::kInvalid;
  payload_ = std::move(*decoded);
  return Result::kDone;
}

// RFC 4616: [authzid] NUL authcid NUL passwd.
std::optional<PlainCredentials> parse_plain(std::string_view payload) {
  const std::size_t first = payload.find('\0');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = payload.find('\0', first + 1);
  if (second == std::string_view::npos || payload.find('\0', second + 1) != std::string_view::npos)
    return std::nullopt;
  PlainCredentials found{std::string(payload.substr(0, first)),
                         std::string(payload.substr(first + 1, second - first - 1)),
                         std::string(payload.substr(second + 1))};
  if (found.authcid.empty() || found.password.empty()) return std::nullopt;
  return found;
}

std::string format_plain(std::string_view account, std::string_view password) {
  std::string payload(account);
  payload += '\0';
  payload += account;
  payload += '\0';
  payload += password;
  return payload;
}

}  // namespace halley::irc
