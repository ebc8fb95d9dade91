#include "bouncer/net/socks5.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>

namespace halley::net {
namespace {

constexpr char kVersion = 5, kConnect = 1, kNoLogin = 0, kByPassword = 2, kLoginVersion = 1;
constexpr char kIpv4 = 1, kName = 3, kIpv6 = 4;
constexpr std::size_t kReplyHead = 4, kPort = 2;
// RFC 1928 section 6.
constexpr std::array<std::string_view, 9> kReasons = {"",
                                                      "has failed",
                                                      "does not allow it",
                                                      "cannot reach that network",
                                                      "cannot reach the host",
                                                      "was refused the connection",
                                                      "waited too long",
                                                      "knows no such command",
                                                      "knows no such kind of address"};

std::size_t octet(char c) {
  return static_cast<unsigned char>(c);
}

void append_field(std::string& out, std::string_view field) {
  out += static_cast<char>(field.size());
  out += field;
}

}  // namespace

std::string Socks5::greeting() {
  return {kVersion, 2, kNoLogin, kByPassword};
}

Socks5::Step Socks5::fail(std::string_view why) {
  error_ = fmt::format("the proxy {}", why);
  return Step::kFailed;
}

// An address in numbers goes as such, a name as it is.
std::string Socks5::request() const {
  std::string out{kVersion, kConnect, 0};
  std::array<char, sizeof(in6_addr)> address{};
  const bool bracketed = host_.starts_with('[') && host_.ends_with(']');
  const std::string host = bracketed ? host_.substr(1, host_.size() - 2) : host_;
  if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
    out += kIpv4;
    out.append(address.data(), sizeof(in_addr));
  } else if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
    out += kIpv6;
    out.append(address.data(), sizeof(in6_addr));
  } else {
    out += kName;
    append_field(out, std::string_view(host_).substr(0, kFieldBytes));
  }
  out += static_cast<char>(port_ >> 8);
  out += static_cast<char>(port_ & 0xff);
  return out;
}

Socks5::Step Socks5::feed(std::string_view bytes, std::string& out) {
  in_ += bytes;
  if (wait_ == Wait::kMethod) return method(out);
  return wait_ == Wait::kLogin ? login(out) : reply();
}

Socks5::Step Socks5::method(std::string& out) {
  if (in_.size() < 2) return Step::kMore;
  if (in_[0] != kVersion) return fail("does not speak SOCKS5");
  const char chosen = in_[1];
  take(2);
  if (chosen == kByPassword) {
    wait_ = Wait::kLogin;
    out += kLoginVersion;
    append_field(out, user_);
    append_field(out, user_);
  } else if (chosen == kNoLogin) {
    wait_ = Wait::kReply;
    out += request();
  } else {
    return fail("asks for a login that Halley does not have");
  }
  return Step::kMore;
}

Socks5::Step Socks5::login(std::string& out) {
  if (in_.size() < 2) return Step::kMore;
  if (in_[1] != 0) return fail("refuses the login");
  take(2);
  wait_ = Wait::kReply;
  out += request();
  return Step::kMore;
}

Socks5::Step Socks5::reply() {
  if (in_.size() < 2) return Step::kMore;
  if (in_[0] != kVersion) return fail("does not speak SOCKS5");
  if (const std::size_t reason = octet(in_[1]); reason != 0)
    return fail(reason < kReasons.size() ? kReasons[reason] : std::string_view("has failed"));
  if (in_.size() < kReplyHead + 1) return Step::kMore;
  std::size_t address = 0;
  if (in_[3] == kIpv4) {
    address = sizeof(in_addr);
  } else if (in_[3] == kIpv6) {
    address = sizeof(in6_addr);
  } else if (in_[3] == kName) {
    address = 1 + octet(in_[4]);
  } else {
    return fail("does not speak SOCKS5");
  }
  if (in_.size() < kReplyHead + address + kPort) return Step::kMore;
  take(kReplyHead + address + kPort);
  return Step::kConnected;
}

}  // namespace halley::net
