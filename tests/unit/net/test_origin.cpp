// Hosts and origins in one form each.
#include <catch2/catch.hpp>
#include <string>

#include "bouncer/net/origin.h"

using halley::net::Authority;
using halley::net::HttpAddress;
using halley::net::Origin;

TEST_CASE("Hosts are read with their ports") {
  const auto shown = [](std::string_view text) {
    const auto authority = Authority::parse(text);
    return authority ? authority->host + " " + std::to_string(authority->port) : std::string("none");
  };
  CHECK(shown("IRC.example.org") == "irc.example.org 0");
  CHECK(shown("irc.example.org:8067") == "irc.example.org 8067");
  CHECK(shown("irc.example.org:") == "irc.example.org 0");
  CHECK(shown("127.0.0.1:80") == "127.0.0.1 80");
  CHECK(shown("[::1]:80") == "::1 80");
  CHECK(shown("[2001:DB8:0::1]") == "2001:db8::1 0");
  for (const auto* bad : {"", ":80", "a:0", "a:65536", "a:x", "a:1:2", "::1", "[::1", "[::1]80", "[1.2.3.4]",
                          "u@h", "a b", "a/b", "h%41", "[::1]:", "a,b"}) {
    INFO(bad);
    CHECK(shown(bad) == (std::string(bad) == "[::1]:" ? "::1 0" : "none"));
  }
  CHECK(Authority::parse("127.0.0.2")->loopback());
  CHECK(Authority::parse("[::1]:1")->loopback());
  CHECK(Authority::parse("localhost")->loopback());
  CHECK(Authority::parse("halley.localhost")->loopback());
  CHECK_FALSE(Authority::parse("localhost.example.org")->loopback());
  CHECK(Authority::parse("192.0.2.1")->numeric());
  CHECK_FALSE(Authority::parse("evil.test")->numeric());
}

TEST_CASE("Origins are compared with their default ports") {
  CHECK(*Origin::parse("https://irc.example.org") == *Origin::parse("HTTPS://IRC.example.org:443/"));
  CHECK(*Origin::parse("http://h") == *Origin::parse("http://h:80"));
  CHECK_FALSE(*Origin::parse("http://h") == *Origin::parse("https://h:80"));
  CHECK_FALSE(*Origin::parse("https://h") == *Origin::parse("https://h:8443"));
  CHECK(*Origin::parse("https://h/halley/?x#y") == *Origin::parse("https://h"));
  for (const auto* bad : {"", "null", "irc.example.org", "//h", "ftp://h", "https://", "https://h:x",
                          "https://u@h", "https://h,https://i", "https:///path"}) {
    INFO(bad);
    CHECK_FALSE(Origin::parse(bad));
  }
}

TEST_CASE("An address for requests has scheme, host, port and all that is asked there") {
  const auto whole = HttpAddress::parse("HTTPS://Auth.example:8443/check/it?of=irc#here");
  REQUIRE(whole);
  CHECK((whole->tls && whole->host == "auth.example" && whole->port == 8443));
  CHECK(whole->target == "/check/it?of=irc");
  const auto bare = HttpAddress::parse("http://[::1]");
  REQUIRE(bare);
  CHECK((!bare->tls && bare->host == "::1" && bare->port == 80 && bare->target == "/"));
  CHECK(HttpAddress::parse("https://h?q")->target == "/?q");
  for (const auto* bad : {"", "auth.example", "ftp://h", "https://u:p@h/", "https://h/a b",
                          "https://h/\r\nX: y", "https://h/\xc3\xa4"}) {
    INFO(bad);
    CHECK_FALSE(HttpAddress::parse(bad));
  }
}
