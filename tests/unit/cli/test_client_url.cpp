#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "bouncer/cli/client_url.h"
#include "bouncer/config/listen_url.h"

using namespace halley;
using namespace halley::cli;

namespace {

Config with(const std::vector<std::string>& listen, const std::string& hostname = "irc.example.org") {
  Config config;
  config.hostname = hostname;
  config.listen.clear();
  for (const auto& text : listen) config.listen.push_back(parse_listen_url(text).value());
  return config;
}

// The link, or why there is none.
std::string told(const Config& config) {
  const auto url = client_url(config, "kit", "phone", "halley_x");
  return url ? *url : url.error();
}

}  // namespace

TEST_CASE("A client's link names the device and its token, and the first address that others reach by TLS") {
  CHECK(told(with({"irc://127.0.0.1:6667", "ircs://0.0.0.0:6697"})) ==
        "ircs://kit%40phone:halley_x@irc.example.org:6697");
  CHECK(told(with({"ircs://[::]"})) == "ircs://kit%40phone:halley_x@irc.example.org:6697");
  CHECK(told(with({"ircs://127.0.0.1:1", "ircs://[::1]:2", "ircs://localhost:3", "ircs://192.0.2.7:4",
                   "ircs://0.0.0.0:5"})) == "ircs://kit%40phone:halley_x@irc.example.org:4");
}

TEST_CASE("Without an address that others reach by TLS there is no link, and it is said what lacks") {
  const std::vector<std::vector<std::string>> lacking{
      {},
      {"irc://0.0.0.0:6667", "https://0.0.0.0:8443", "unix:///run/halley.sock"},
      {"ircs://127.0.0.1:6697", "ircs://[::1]:6697"},
      {"ircs://0.0.0.0:0"}};
  for (const auto& listen : lacking) {
    CHECK_THAT(told(with(listen)), Catch::Contains("`listen`") && Catch::Contains("no ircs:// address"));
  }
  CHECK_THAT(told(Config()), Catch::Contains("no ircs:// address"));  // as it is without a file
}

TEST_CASE("A machine that was never given a name is called by its address, if that says where it is") {
  const std::string unset = Config().hostname;
  CHECK(told(with({"ircs://192.0.2.7:6697"}, unset)) == "ircs://kit%40phone:halley_x@192.0.2.7:6697");
  CHECK(told(with({"ircs://[2001:db8::7]:6697"}, unset)) == "ircs://kit%40phone:halley_x@[2001:db8::7]:6697");
  CHECK(told(with({"ircs://irc.example.net"}, unset)) == "ircs://kit%40phone:halley_x@irc.example.net:6697");
  for (const char* any : {"ircs://0.0.0.0:6697", "ircs://[::]:6697", "ircs://[::0]:6697", "ircs://*:6697"})
    CHECK_THAT(told(with({any}, unset)), Catch::Contains("`hostname`") && Catch::Contains(unset));
  CHECK_THAT(told(with({"ircs://0.0.0.0:6697"}, "localhost")), Catch::Contains("`hostname`"));
}
