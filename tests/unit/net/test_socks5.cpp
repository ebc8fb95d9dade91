#include <catch2/catch.hpp>
#include <string>

#include "bouncer/net/socks5.h"

using halley::net::Socks5;
using Step = Socks5::Step;
using namespace std::string_literals;

namespace {

// What is sent after `bytes`, which arrive one by one.
std::string answer(Socks5& socks, const std::string& bytes, Step end = Step::kMore) {
  std::string out;
  Step step = Step::kMore;
  for (const char c : bytes) {
    REQUIRE(step == Step::kMore);
    step = socks.feed(std::string(1, c), out);
  }
  CHECK(step == end);
  return out;
}

}  // namespace

TEST_CASE("a SOCKS5 proxy is asked for a name, which it finds itself") {
  Socks5 socks("irc.example.org", 6697, "user");
  CHECK(Socks5::greeting() == "\x05\x02\x00\x02"s);
  CHECK(answer(socks, "\x05\x00"s) == "\x05\x01\x00\x03\x0firc.example.org\x1a\x29"s);
  CHECK(answer(socks, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"s, Step::kConnected).empty());
  CHECK(socks.rest().empty());
}

TEST_CASE("a SOCKS5 proxy that asks for a login is given the name that tells us apart") {
  Socks5 socks("192.0.2.1", 6667, "me");
  CHECK(answer(socks, "\x05\x02"s) == "\x01\x02me\x02me"s);
  CHECK(answer(socks, "\x01\x00"s) == "\x05\x01\x00\x01\xc0\x00\x02\x01\x1a\x0b"s);
  std::string out;
  CHECK(socks.feed("\x05\x00\x00\x03\x02hi\x00\x50:srv NOTICE"s, out) == Step::kConnected);
  CHECK(socks.rest() == ":srv NOTICE");
}

TEST_CASE("an IPv6 address goes to a SOCKS5 proxy as such") {
  for (const char* host : {"2001:db8::1", "[2001:db8::1]"}) {
    Socks5 socks(host, 1, "u");
    CHECK(answer(socks, "\x05\x00"s) ==
          "\x05\x01\x00\x04\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01"s);
    std::string out;
    CHECK(socks.feed("\x05\x00\x00\x04"s + std::string(18, 'x'), out) == Step::kConnected);
  }
}

TEST_CASE("what a SOCKS5 proxy says wrong, or refuses, is a reason") {
  const auto reason = [](const std::string& bytes) {
    Socks5 socks("host", 1, "u");
    std::string out;
    CHECK(socks.feed(bytes, out) == Step::kFailed);
    return socks.error();
  };
  CHECK(reason("HTTP/1.1") == "the proxy does not speak SOCKS5");
  CHECK(reason("\x05\xff"s) == "the proxy asks for a login that Halley does not have");
  const auto refused = [](const std::string& reply, bool login = false) {
    Socks5 socks("host", 1, "u");
    std::string out;
    REQUIRE(socks.feed(login ? "\x05\x02"s : "\x05\x00"s, out) == Step::kMore);
    CHECK(socks.feed(reply, out) == Step::kFailed);
    return socks.error();
  };
  CHECK(refused("\x01\x01"s, true) == "the proxy refuses the login");
  CHECK(refused("\x05\x05"s) == "the proxy was refused the connection");
  CHECK(refused("\x05\xf0"s) == "the proxy has failed");
  CHECK(refused("\x05\x00\x00\x09\x00"s) == "the proxy does not speak SOCKS5");
}
