#include <catch2/catch.hpp>

#include "gateway/http/proxy_protocol.h"

using namespace halley::gateway;

namespace {

// What comes of a header with a request behind it; "none" and "bad" likewise. Every part of it may come
// first.
std::string who(const std::string& header) {
  const std::string bytes = header + "GET / HTTP/1.1\r\n";
  for (std::size_t i = 1; i <= bytes.size(); ++i) {
    ProxyWord word;
    std::size_t size = 0;
    switch (parse_proxy_header(std::string_view(bytes).substr(0, i), word, size)) {
      case ProxyResult::kMore:
        continue;
      case ProxyResult::kNone:
        return "none";
      case ProxyResult::kBad:
        return "bad";
      case ProxyResult::kDone:
        CHECK(size == header.size());
        return (word.address.empty() ? "itself" : word.address) + (word.tls ? " tls" : "");
    }
  }
  return "more";
}

std::string second(char command, char family, const std::string& rest) {
  std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
  out += command;
  out += family;
  out += static_cast<char>(rest.size() >> 8);
  out += static_cast<char>(rest.size() & 255);
  return out + rest;
}

const std::string kFour("\xCB\x00\x71\x09\xC0\x00\x02\x01\x12\x67\x00\x50", 12);  // 203.0.113.9, 192.0.2.1
const std::string kSix(
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x12\x67\x00\x50",
    36);

}  // namespace

TEST_CASE("the PROXY protocol, version 1") {
  CHECK(who("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n") == "203.0.113.9");
  CHECK(who("PROXY TCP6 2001:DB8::7 2001:db8::1 4711 80\r\n") == "2001:db8::7");
  CHECK(who("PROXY UNKNOWN\r\n") == "itself");
  CHECK(who("PROXY UNKNOWN ffff::1 whatever\r\n") == "itself");
  for (const auto* bad :
       {"PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 4711 80 1\r\n",
        "PROXY TCP4 2001:db8::7 192.0.2.1 4711 80\r\n", "PROXY TCP6 203.0.113.9 2001:db8::1 4711 80\r\n",
        "PROXY TCP4 203.0.113.9  192.0.2.1 4711 80\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 -1 80\r\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 800000\r\n", "PROXY UDP4 203.0.113.9 192.0.2.1 4711 80\r\n",
        "PROXY TCP4 host 192.0.2.1 4711 80\r\n", "PROXY TCP6 [2001:db8::7] 2001:db8::1 4711 80\r\n",
        "PROXY \r\n", "PROXY UNKNOWNS\r\n", "PROXY TCP4 \r\n"}) {
    INFO(bad);
    CHECK(who(bad) == "bad");
  }
  CHECK(who("PROXY UNKNOWN " + std::string(200, 'x')) == "bad");  // it has an end
}

TEST_CASE("the PROXY protocol, version 2") {
  CHECK(who(second(0x21, 0x11, kFour)) == "203.0.113.9");
  CHECK(who(second(0x21, 0x21, kSix)) == "2001:db8::7");
  CHECK(who(second(0x20, 0x00, "")) == "itself");
  CHECK(who(second(0x20, 0x11, kFour)) == "itself");
  CHECK(who(second(0x21, 0x00, "whatever")) == "itself");
  CHECK(who(second(0x21, 0x31, std::string(216, '\0'))) == "itself");  // a Unix socket
  const std::string alpn("\x01\x00\x02h2", 5);
  const std::string ssl("\x20\x00\x05\x01\x00\x00\x00\x00", 8), no_ssl("\x20\x00\x05\x00\x00\x00\x00\x00", 8);
  CHECK(who(second(0x21, 0x11, kFour + alpn + ssl)) == "203.0.113.9 tls");
  CHECK(who(second(0x21, 0x11, kFour + no_ssl)) == "203.0.113.9");
  CHECK(who(second(0x21, 0x11, kFour.substr(0, 11))) == "bad");
  CHECK(who(second(0x21, 0x21, kFour)) == "bad");
  CHECK(who(second(0x21, 0x11, kFour + "\x01")) == "bad");
  CHECK(who(second(0x21, 0x11, kFour + std::string("\x01\x00\x09x", 4))) == "bad");
  CHECK(who(second(0x21, 0x11, kFour + std::string("\x20\x00\x01\x01", 4))) == "bad");
  CHECK(who(second(0x22, 0x11, kFour)) == "bad");
  CHECK(who(second(0x31, 0x11, kFour)) == "bad");
  CHECK(who(second(0x21, 0x11, kFour + std::string(3000, '\0'))) == "bad");
}

TEST_CASE("what is no header of the PROXY protocol is left alone") {
  CHECK(who("POST / HTTP/1.1\r\n") == "none");
  CHECK(who("PROXYX") == "none");
  CHECK(who("\r\n\r\nGET") == "none");
  CHECK(who("") == "none");
}
