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

TEST_CASE("Ranges of addresses are read, or refused with what to write") {
  const auto in = [](const char* range, const char* address) {
    const auto parsed = halley::net::AddressRange::parse(range);
    INFO(range);
    REQUIRE(parsed);
    return parsed->contains(Address::numeric(address, 80));
  };
  CHECK(in("127.0.0.0/8", "127.3.2.1"));
  CHECK_FALSE(in("127.0.0.0/8", "128.0.0.1"));
  CHECK(in("192.0.2.7", "192.0.2.7"));
  CHECK(in("192.0.2.7", "::ffff:192.0.2.7"));
  CHECK_FALSE(in("192.0.2.7", "192.0.2.6"));
  CHECK(in("192.0.2.6/31", "192.0.2.7"));
  CHECK(in("0.0.0.0/0", "203.0.113.9"));
  CHECK_FALSE(in("0.0.0.0/0", "2001:db8::1"));
  CHECK(in("::/0", "2001:db8::1"));
  CHECK_FALSE(in("::/0", "203.0.113.9"));
  CHECK(in("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(in("[2001:db8::1]", "2001:db8::1"));
  CHECK(in("::ffff:10.0.0.0/104", "10.9.9.9"));
  CHECK(in("::1", "::1"));
  for (const auto* bad :
       {"", "/", "foo", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "10.0.0.1/8",
        "2001:db8::1/64", "::/129", "10.0.0.0/8/8", "unix", "10.0.0.0 /8"}) {
    INFO(bad);
    const auto parsed = halley::net::AddressRange::parse(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find(bad) != std::string::npos);
  }
  CHECK(halley::net::AddressRange::parse("10.0.0.1/8").error().ends_with("write 10.0.0.0/8"));
  CHECK(halley::net::AddressRange::parse("2001:db8::1/64").error().ends_with("write 2001:db8::/64"));
}

TEST_CASE("An IPv4 address and the /64 of an IPv6 one are counted as one") {
  const auto group = [](const char* text) { return Address::numeric(text, 1).group_text(); };
  CHECK(group("192.0.2.7") == "192.0.2.7");
  CHECK(group("::ffff:192.0.2.7") == "192.0.2.7");
  CHECK(group("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(group("2001:db8:1:2::9") == "2001:db8:1:2::/64");
}
