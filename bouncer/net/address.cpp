#include "bouncer/net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace halley::net {

namespace {

using Bytes6 = std::array<std::uint8_t, 16>;

struct Range4 {
  std::uint32_t prefix;
  int bits;
};
struct Range6 {
  Bytes6 prefix;
  int bits;
};

// The IANA special-purpose registry (RFC 6890 and its successors): what is not globally reachable.
constexpr Range4 kNotPublic4[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // shared by carriers
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // protocol assignments
    {0xc0000200, 24},  // documentation
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarking
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, broadcast
};
constexpr Range6 kNotPublic6[] = {
    {{}, 127},                                  // unspecified, loopback
    {{0x01}, 64},                               // discard
    {{0x20, 0x01, 0x0d, 0xb8}, 32},             // documentation
    {{0xfc}, 7},                                // unique local
    {{0xfe, 0x80}, 10},                         // link-local
    {{0xfe, 0xc0}, 10},                         // site-local, of old
    {{0xff}, 8},                                // multicast
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48}  // local NAT64
};

bool within(const Bytes6& address, const Range6& range) {
  const auto whole = static_cast<std::size_t>(range.bits / 8);
  if (std::memcmp(address.data(), range.prefix.data(), whole) != 0) return false;
  const int rest = range.bits % 8;
  return rest == 0 || (address[whole] >> (8 - rest)) == (range.prefix[whole] >> (8 - rest));
}

bool is_public4(std::uint32_t address) {
  return std::none_of(std::begin(kNotPublic4), std::end(kNotPublic4), [address](const Range4& range) {
    return (address >> (32 - range.bits)) == (range.prefix >> (32 - range.bits));
  });
}

std::uint32_t word(const Bytes6& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | std::uint32_t{bytes[at + 3]};
}

constexpr Range6 kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Range6 kNat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Range6 kSixToFour{{0x20, 0x02}, 16};

bool is_public6(const Bytes6& address) {
  if (within(address, kMapped) || within(address, kNat64)) return is_public4(word(address, 12));
  if (within(address, kSixToFour)) return is_public4(word(address, 2));
  return std::none_of(std::begin(kNotPublic6), std::end(kNotPublic6),
                      [&](const Range6& range) { return within(address, range); });
}

const sockaddr_in& as4(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in&>(storage);
}
const sockaddr_in6& as6(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr_in6&>(storage);
}

Bytes6 bytes6(const sockaddr_storage& storage) {
  Bytes6 bytes;
  std::memcpy(bytes.data(), &as6(storage).sin6_addr, bytes.size());
  return bytes;
}

// Both families as one: IPv4 as ::ffff:a.b.c.d.
Bytes6 as_ipv6(const Address& address) {
  sockaddr_storage storage{};
  std::memcpy(&storage, address.get(), address.size());
  if (address.family() == AF_INET6) return bytes6(storage);
  Bytes6 bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::memcpy(bytes.data() + 12, &as4(storage).sin_addr, 4);
  return bytes;
}

std::string text6(const Bytes6& bytes) {
  char buffer[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
  return buffer;
}

// `bytes` with all behind the first `bits` cleared.
Bytes6 masked(Bytes6 bytes, int bits) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int kept = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00 >> kept));
  }
  return bytes;
}

}  // namespace

Address::Address(const sockaddr* address, socklen_t size) {
  if (address != nullptr) std::memcpy(&storage_, address, std::min<std::size_t>(size, sizeof storage_));
}

Address Address::numeric(const std::string& text, std::uint16_t port) {
  std::string bare = text;
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
  Address address;
  if (inet_pton(AF_INET, bare.c_str(), &reinterpret_cast<sockaddr_in&>(address.storage_).sin_addr) == 1) {
    address.storage_.ss_family = AF_INET;
  } else if (inet_pton(AF_INET6, bare.c_str(),
                       &reinterpret_cast<sockaddr_in6&>(address.storage_).sin6_addr) == 1) {
    address.storage_.ss_family = AF_INET6;
  }
  address.set_port(port);
  return address;
}

// Both families have their port at the same place.
std::uint16_t Address::port() const {
  return ntohs(as4(storage_).sin_port);
}
void Address::set_port(std::uint16_t port) {
  reinterpret_cast<sockaddr_in&>(storage_).sin_port = htons(port);
}

socklen_t Address::size() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &as4(storage_).sin_addr, buffer, sizeof buffer);
  } else if (family() == AF_INET6) {
    const Bytes6 bytes = bytes6(storage_);
    if (within(bytes, kMapped)) {
      inet_ntop(AF_INET, bytes.data() + 12, buffer, sizeof buffer);
    } else {
      inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    }
  }
  return buffer;
}

std::string Address::text_with_port() const {
  return host_and_port(text(), port());
}

std::string Address::group_text() const {
  if (family() != AF_INET6) return text();
  const Bytes6 bytes = bytes6(storage_);
  return within(bytes, kMapped) ? text() : text6(masked(bytes, 64)) + "/64";
}

bool Address::is_loopback() const {
  if (family() == AF_INET) return ntohl(as4(storage_).sin_addr.s_addr) >> 24 == 127;
  if (family() != AF_INET6) return false;
  const Bytes6 bytes = bytes6(storage_);
  if (within(bytes, kMapped)) return bytes[12] == 127;
  return within(bytes, {{}, 127}) && bytes[15] == 1;
}

bool Address::is_public() const {
  if (family() == AF_INET) return is_public4(ntohl(as4(storage_).sin_addr.s_addr));
  return family() == AF_INET6 && is_public6(bytes6(storage_));
}

std::expected<AddressRange, std::string> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view head = text.substr(0, slash);
  const Address address =
      head.find('\0') == std::string_view::npos ? Address::numeric(std::string(head), 0) : Address{};
  if (!address.valid())
    return std::unexpected(fmt::format(
        "\"{}\" is no address and no range: write it as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32", text));
  AddressRange range;
  range.prefix_ = as_ipv6(address);
  range.ipv4_ = within(range.prefix_, kMapped);
  // The width counts from the front of what was written.
  const int most = address.family() == AF_INET ? 32 : 128;
  int width = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), width);
    if (error != std::errc{} || end != digits.data() + digits.size() || width < 0 || width > most)
      return std::unexpected(
          fmt::format("\"{}\": behind the slash stands a number of bits, 0 to {}", text, most));
  }
  range.bits_ = 128 - most + width;
  const Bytes6 kept = masked(range.prefix_, range.bits_);
  if (kept != range.prefix_) {
    const std::string first = most == 32 ? Address::numeric(text6(kept), 0).text() : text6(kept);
    return std::unexpected(
        fmt::format("\"{}\" has bits behind the first {}: write {}/{}", text, width, first, width));
  }
  if (range.bits_ < 96) range.ipv4_ = false;  // IPv6, whatever it begins with
  return range;
}

bool AddressRange::contains(const Address& address) const {
  if (!address.valid()) return false;
  const Bytes6 bytes = as_ipv6(address);
  return ipv4_ == within(bytes, kMapped) && masked(bytes, bits_) == prefix_;
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return bare_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace halley::net
