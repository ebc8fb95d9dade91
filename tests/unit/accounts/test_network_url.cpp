// Addresses of networks.
#include <catch2/catch.hpp>

#include "bouncer/accounts/network_url.h"

using namespace halley;

TEST_CASE("network addresses") {
  struct Case {
    const char* url;
    const char* host;
    unsigned port;
    bool tls;
  };
  for (const Case& row :
       {Case{"ircs://irc.libera.chat", "irc.libera.chat", 6697, true},
        Case{"irc://localhost:7000", "localhost", 7000, false}, Case{"ircs://[::1]:6698/", "::1", 6698, true},
        Case{"irc://[2001:db8::1]", "2001:db8::1", 6667, false}}) {
    const auto parsed = parse_network_url(row.url);
    REQUIRE(parsed);
    CHECK(parsed->host == row.host);
    CHECK(parsed->port == row.port);
    CHECK(parsed->tls == row.tls);
  }
  for (const char* bad : {"", "irc.libera.chat", "http://x", "ircs://", "irc://x:", "irc://x:0",
                          "irc://x:65536", "irc://x:12a", "irc://[::1", "irc://a b", "irc://u@h"}) {
    const auto parsed = parse_network_url(bad);
    INFO(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find(bad) != std::string::npos);
    CHECK(parsed.error().find("ircs://host") != std::string::npos);
  }
  CHECK(split_urls(" a , ,b") == std::vector<std::string_view>{"a", "b"});
}
