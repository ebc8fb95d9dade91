// Address: text forms, and which addresses are public.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/net/address.h"

using halley::net::Address;
using halley::net::host_and_port;

TEST_CASE("Address reads and shows numeric addresses") {
  CHECK(Address::numeric("192.0.2.1", 6697).text_with_port() == "192.0.2.1:6697");
  CHECK(Address::numeric("[2001:db8::1]", 6697).text_with_port() == "[2001:db8::1]:6697");
  CHECK(Address::numeric("2001:DB8:0:0::1", 1).text() == "2001:db8::1");
  CHECK(Address::numeric("::ffff:192.0.2.1", 1).text() == "192.0.2.1");
  CHECK(Address::numeric("::1", 65535).port() == 65535);
  for (const auto* text :
       {"", "irc.example.org", "192.0.2", "192.0.2.1.1", "256.1.1.1", "[::1", "::1]", "1:2"}) {
    INFO(text);
    CHECK_FALSE(Address::numeric(text, 1).valid());
  }
  CHECK(host_and_port("irc.example.org", 6697) == "irc.example.org:6697");
  CHECK(host_and_port("::1", 80) == "[::1]:80");
  CHECK(host_and_port("[::1]", 80) == "[::1]:80");
}

TEST_CASE("Address knows what is not the public internet, also inside IPv6") {
  for (const auto* text : {"127.0.0.1",
                           "127.255.255.255",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "224.0.0.1",
                           "255.255.255.255",
                           "198.18.0.1",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd12::1",
                           "ff02::1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::a00:1",
                           "2002:a00:1::",
                           "2001:db8::1"}) {
    INFO(text);
    CHECK(Address::numeric(text, 1).valid());
    CHECK_FALSE(Address::numeric(text, 1).is_public());
  }
  for (const auto* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "192.167.1.1",
                           "100.63.0.1", "100.128.0.1", "223.255.255.255", "2606:4700::1111",
                           "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"}) {
    INFO(text);
    CHECK(Address::numeric(text, 1).is_public());
  }
  CHECK_FALSE(Address().is_public());
}

TEST_CASE("Address knows loopback") {
  CHECK(Address::numeric("127.1.2.3", 1).is_loopback());
  CHECK(Address::numeric("::1", 1).is_loopback());
  CHECK(Address::numeric("::ffff:127.0.0.1", 1).is_loopback());
  CHECK_FALSE(Address::numeric("::", 1).is_loopback());
  CHECK_FALSE(Address::numeric("128.0.0.1", 1).is_loopback());
  CHECK_FALSE(Address::numeric("::2", 1).is_loopback());
}
