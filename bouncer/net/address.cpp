#include "bouncer/net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
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

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool bare_ipv6 = host.find(':') != std::string::npos && host.front() != '[';
  return bare_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace halley::net
