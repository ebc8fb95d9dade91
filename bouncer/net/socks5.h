// The client's side of SOCKS5 (RFC 1928, RFC 1929), by which networks are reached through a proxy such as
// Tor: bytes in, bytes out. The name of the host is the proxy's to find.
//
// A value without I/O; any thread. Bounds: a reply has 262 bytes at most.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace halley::net {

class Socks5 {
 public:
  // `user`: given as name and password where the proxy asks for some (Tor keeps apart who comes under
  // different ones); at most 255 bytes of it count. REQUIRES: `host` has 1 to 255 bytes.
  Socks5(std::string_view host, std::uint16_t port, std::string_view user)
      : host_(host), user_(user.substr(0, kFieldBytes)), port_(port) {}

  static constexpr std::size_t kFieldBytes = 255;

  static std::string greeting();  // the first bytes to send
  enum class Step : std::uint8_t { kMore, kConnected, kFailed };
  // What came; `out`: what is to be sent now. Behind kConnected rest() is the other side's, and no more is
  // fed.
  Step feed(std::string_view bytes, std::string& out);
  const std::string& rest() const { return in_; }
  const std::string& error() const { return error_; }  // half a sentence, after kFailed: "the proxy ..."

 private:
  enum class Wait : std::uint8_t { kMethod, kLogin, kReply };
  Step fail(std::string_view why);
  void take(std::size_t bytes) { in_.erase(0, bytes); }
  std::string request() const;
  Step method(std::string& out);
  Step login(std::string& out);
  Step reply();

  std::string host_, user_, in_, error_;
  std::uint16_t port_;
  Wait wait_ = Wait::kMethod;
};

}  // namespace halley::net
