// An internet address with its port, as the kernel wants it and as a person reads it; and a range of them.
//
// Values; any thread.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace halley::net {

class Address {
 public:
  Address() = default;  // of no family
  Address(const sockaddr* address, socklen_t size);
  // From the numeric form, IPv4 or IPv6, brackets allowed; of no family when it is neither.
  static Address numeric(const std::string& text, std::uint16_t port);

  int family() const { return storage_.ss_family; }
  bool valid() const { return family() == AF_INET || family() == AF_INET6; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const;

  // "192.0.2.1" or "2001:db8::1"; an IPv4 address inside an IPv6 one is shown as IPv4.
  std::string text() const;
  // "192.0.2.1:6697" or "[2001:db8::1]:6697".
  std::string text_with_port() const;
  // What is counted as one when somebody must be kept from taking all: an IPv4 address as text() has it, or
  // the /64 of an IPv6 one ("2001:db8:1:2::/64"), which one host usually has to itself.
  std::string group_text() const;
  bool is_loopback() const;
  // False for what does not lead to the public internet: loopback, private, shared, link-local, multicast,
  // reserved and unspecified ranges, and IPv6 addresses that carry such an IPv4 address (mapped, NAT64,
  // 6to4).
  bool is_public() const;

 private:
  sockaddr_storage storage_{};
};

// All addresses that begin with the same bits. An IPv4 address inside an IPv6 one counts as the IPv4 one.
class AddressRange {
 public:
  // "192.0.2.7", "10.0.0.0/8", "2001:db8::/32"; brackets are allowed. The error is for a person: what is
  // wrong with `text`, and what to write.
  static std::expected<AddressRange, std::string> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  AddressRange() = default;
  std::array<std::uint8_t, 16> prefix_{};  // IPv4 as ::ffff:a.b.c.d
  int bits_ = 0;                           // of those 128
  bool ipv4_ = false;
};

// "host:port", with brackets when the host is a numeric IPv6 address.
std::string host_and_port(const std::string& host, std::uint16_t port);

}  // namespace halley::net
