// Listeners: what of halley.toml becomes which listening socket.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/config/listen_url.h"
#include "bouncer/daemon/listeners.h"
#include "tests/fakes/net/recording_acceptors.h"

using namespace halley;

namespace {

Config listening_on(std::initializer_list<std::string_view> urls) {
  Config config;
  config.listen.clear();
  for (const auto url : urls) config.listen.push_back(parse_listen_url(url).value());
  return config;
}

}  // namespace

TEST_CASE("[::] listens for IPv4 too, unless 0.0.0.0 is listed at the same port") {
  fakes::RecordingAcceptors acceptors;
  Listeners listeners(acceptors, {});
  REQUIRE(listeners.open(listening_on({"irc://[::]:6667", "ircs://[::]:6697", "ircs://0.0.0.0:6697",
                                       "http://[::]:0", "http://0.0.0.0:0"}),
                         "/nowhere/control"));
  REQUIRE(acceptors.asked.size() == 6);
  CHECK_FALSE(acceptors.asked[0].ipv6_only);
  CHECK(acceptors.asked[1].ipv6_only);
  CHECK_FALSE(acceptors.asked[3].ipv6_only);
  CHECK(acceptors.asked[0].crowded_reply.starts_with("ERROR :"));
  CHECK(acceptors.asked[3].crowded_reply.starts_with("HTTP/1.1 429 "));
  CHECK(acceptors.asked[5].unix_path == "/nowhere/control");
  CHECK(listeners.addresses()[0] == "irc://[::]:6667");
  CHECK(listeners.addresses()[3] == "http://[::]:4242");
}

TEST_CASE("an address for ident is one, and tells nobody that it is crowded") {
  fakes::RecordingAcceptors acceptors;
  Listeners listeners(acceptors, {});
  REQUIRE(listeners.open(listening_on({"ident://127.0.0.1"}), "/nowhere/control"));
  CHECK(acceptors.asked[0].port == 113);
  CHECK(acceptors.asked[0].crowded_reply.empty());
  CHECK(listeners.addresses()[0] == "ident://127.0.0.1:113");
}
