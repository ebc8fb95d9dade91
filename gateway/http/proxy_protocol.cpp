#include "gateway/http/proxy_protocol.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "bouncer/net/address.h"

namespace halley::gateway {
namespace {

constexpr std::string_view kV1Start = "PROXY ";
constexpr std::size_t kMaxFirst = 107;  // bytes of a header of version 1 (section 2.1)
constexpr std::string_view kSecond("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixed = 16;  // bytes of one of version 2 before its addresses

bool begins_like(std::string_view bytes, std::string_view whole) {
  const std::size_t common = std::min(bytes.size(), whole.size());
  return bytes.substr(0, common) == whole.substr(0, common);
}

bool is_port_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "TCP4 192.0.2.7 192.0.2.1 4711 80", "TCP6 ...", "UNKNOWN" and whatever follows.
bool parse_first(std::string_view line, ProxyWord& word) {
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return true;
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = line.find(' ');
    if ((end == std::string_view::npos) != (i + 1 == parts.size())) return false;
    parts[i] = line.substr(0, end);
    line.remove_prefix(std::min(end, line.size() - 1) + 1);
  }
  const int family = parts[0] == "TCP4" ? AF_INET : parts[0] == "TCP6" ? AF_INET6 : AF_UNSPEC;
  const auto is_one = [&](std::string_view text) {
    return text.find('[') == std::string_view::npos &&
           net::Address::numeric(std::string(text), 0).family() == family;
  };
  if (family == AF_UNSPEC || !is_one(parts[1]) || !is_one(parts[2])) return false;
  if (!is_port_number(parts[3]) || !is_port_number(parts[4])) return false;
  word.address = net::Address::numeric(std::string(parts[1]), 0).text();
  return true;
}

std::size_t two_bytes(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[at])) << 8 |
         static_cast<std::uint8_t>(bytes[at + 1]);
}

// What is appended: of it only whether the client came by TLS (section 2.2.6).
bool parse_appended(std::string_view rest, ProxyWord& word) {
  constexpr char kSsl = 0x20;
  constexpr int kClientSsl = 0x01;
  while (!rest.empty()) {
    if (rest.size() < 3) return false;
    const std::size_t length = two_bytes(rest, 1);
    if (rest.size() - 3 < length) return false;
    if (rest[0] == kSsl) {
      if (length < 5) return false;
      word.tls = (static_cast<std::uint8_t>(rest[3]) & kClientSsl) != 0;
    }
    rest.remove_prefix(3 + length);
  }
  return true;
}

std::string address_text(int family, std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return net::Address::numeric(text.data(), 0).text();
}

bool parse_second(std::string_view header, ProxyWord& word) {
  constexpr std::uint8_t kLocal = 0x20, kProxy = 0x21, kTcp4 = 0x11, kTcp6 = 0x21;
  const auto command = static_cast<std::uint8_t>(header[12]);
  const auto family = static_cast<std::uint8_t>(header[13]);
  if (command != kLocal && command != kProxy) return false;
  const std::string_view rest = header.substr(kFixed);
  // What is not an internet address says nothing of who speaks: the proxy stands for them.
  if (command == kLocal || (family != kTcp4 && family != kTcp6)) return true;
  const std::size_t addresses = family == kTcp4 ? 12 : 36;
  if (rest.size() < addresses) return false;
  word.address = address_text(family == kTcp4 ? AF_INET : AF_INET6, rest);
  return parse_appended(rest.substr(addresses), word);
}

}  // namespace

ProxyResult parse_proxy_header(std::string_view bytes, ProxyWord& word, std::size_t& size) {
  if (begins_like(bytes, kV1Start)) {
    const std::string_view line = bytes.substr(0, kMaxFirst);
    const std::size_t end = line.find("\r\n");
    if (end == std::string_view::npos)
      return bytes.size() < kMaxFirst ? ProxyResult::kMore : ProxyResult::kBad;
    size = end + 2;
    return parse_first(line.substr(kV1Start.size(), end - kV1Start.size()), word) ? ProxyResult::kDone
                                                                                  : ProxyResult::kBad;
  }
  if (!begins_like(bytes, kSecond)) return ProxyResult::kNone;
  if (bytes.size() < kFixed) return ProxyResult::kMore;
  size = kFixed + two_bytes(bytes, 14);
  if (size > kMaxProxyHeader) return ProxyResult::kBad;
  if (bytes.size() < size) return ProxyResult::kMore;
  return parse_second(bytes.substr(0, size), word) ? ProxyResult::kDone : ProxyResult::kBad;
}

}  // namespace halley::gateway
