// An internet address with its port, as the kernel wants it and as a person reads it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

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
  bool is_loopback() const;
  // False for what does not lead to the public internet: loopback, private, shared, link-local, multicast,
  // reserved and unspecified ranges, and IPv6 addresses that carry such an IPv4 address (mapped, NAT64,
  // 6to4).
  bool is_public() const;

 private:
  sockaddr_storage storage_{};
};

// "host:port", with brackets when the host is a numeric IPv6 address.
std::string host_and_port(const std::string& host, std::uint16_t port);

}  // namespace halley::net
