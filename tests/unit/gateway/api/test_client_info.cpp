#include <catch2/catch.hpp>
#include <vector>

#include "gateway/api/client_info.h"

using namespace halley;
using namespace halley::gateway;

namespace {

Request request_with(std::vector<Header> headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

net::Peer peer(std::string address, bool loopback = false, bool tls = false) {
  net::Peer p;
  p.address = std::move(address);
  p.loopback = loopback;
  p.tls = tls;
  return p;
}

}  // namespace

TEST_CASE("nobody but a trusted proxy says who the client is") {
  Config config;
  const Request request = request_with({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https"}});
  const ClientInfo direct = *client_info(request, peer("198.51.100.1"), config);
  CHECK(direct.address == "198.51.100.1");
  CHECK_FALSE(direct.https);
  CHECK_FALSE(direct.by_proxy);
  // What nobody believes is not even looked at.
  CHECK(client_info(request_with({{"X-Forwarded-For", "nonsense"}}), peer("198.51.100.1"), config));
  for (const auto* proxy : {"198.51.100.1", "198.51.100.0/24", "0.0.0.0/0", "::ffff:198.51.100.1"}) {
    INFO(proxy);
    config.http.trusted_proxies = {proxy};
    const ClientInfo behind = *client_info(request, peer("198.51.100.1"), config);
    CHECK(behind.address == "203.0.113.9");
    CHECK(behind.https);
    CHECK(behind.by_proxy);
  }
  config.http.trusted_proxies = {"unix"};
  CHECK(client_info(request, peer("198.51.100.1"), config)->address == "198.51.100.1");
  CHECK(client_info(request, peer("unix", true), config)->address == "203.0.113.9");
}

namespace {
// The client's address behind two trusted proxies, or the error.
std::string address_of(std::vector<Header> headers) {
  Config config;
  config.http.trusted_proxies = {"127.0.0.1", "10.0.0.0/8"};
  const auto info = client_info(request_with(std::move(headers)), peer("127.0.0.1", true), config);
  return info ? info->address : std::string(info.error().error);
}
}  // namespace

TEST_CASE("the rightmost address that is no proxy of ours is the client") {
  CHECK(address_of({{"X-Forwarded-For", "1.1.1.1, 203.0.113.9, 10.0.0.2"}}) == "203.0.113.9");
  CHECK(address_of({{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "203.0.113.9,10.0.0.2"}}) ==
        "203.0.113.9");
  CHECK(address_of({{"X-Forwarded-For", "nonsense, 203.0.113.9:4711"}}) == "203.0.113.9");
  CHECK(address_of({{"X-Forwarded-For", "[2001:DB8::1]:443"}}) == "2001:db8::1");
  CHECK(address_of({{"X-Forwarded-For", "10.0.0.2"}}) == "10.0.0.2");
  CHECK(address_of({{"X-Forwarded-For", ""}}) == "127.0.0.1");
  CHECK(address_of({}) == "127.0.0.1");
  CHECK(address_of({{"Forwarded", "for=1.1.1.1, for=\"203.0.113.9:4711\";by=_x, for=10.9.9.9"}}) ==
        "203.0.113.9");
  // Whom a proxy does not name, it stands for: else each request could be somebody else's.
  CHECK(address_of({{"X-Forwarded-For", "1.1.1.1, unknown"}}) == "127.0.0.1");
  CHECK(address_of({{"X-Forwarded-For", "1.1.1.1, unknown, 10.0.0.2"}}) == "10.0.0.2");
  CHECK(address_of({{"Forwarded", "for=1.1.1.1, for=_r4nd0m"}}) == "127.0.0.1");
  CHECK(address_of({{"Forwarded", "for=1.1.1.1, proto=https"}}) == "127.0.0.1");
}

TEST_CASE("a proxy that writes X-Real-IP alone is understood, and its word gives way to a chain") {
  CHECK(address_of({{"X-Real-IP", "203.0.113.9"}}) == "203.0.113.9");
  CHECK(address_of({{"x-real-ip", "[2001:DB8::1]"}, {"X-Forwarded-Proto", "https"}}) == "2001:db8::1");
  CHECK(address_of({{"X-Real-IP", "10.0.0.2"}}) == "10.0.0.2");
  // Beside a chain it may be what the client wrote; of two one is.
  CHECK(address_of({{"X-Real-IP", "1.1.1.1"}, {"X-Forwarded-For", "203.0.113.9"}}) == "203.0.113.9");
  CHECK(address_of({{"X-Real-IP", "1.1.1.1"}, {"Forwarded", "for=203.0.113.9"}}) == "203.0.113.9");
  CHECK(address_of({{"X-Real-IP", "1.1.1.1"}, {"X-Forwarded-For", ""}}) == "127.0.0.1");
  CHECK(address_of({{"X-Real-IP", "1.1.1.1"}, {"X-Real-IP", "203.0.113.9"}}) == "127.0.0.1");
  CHECK(address_of({{"X-Real-IP", ""}}) == "127.0.0.1");
  CHECK(address_of({{"X-Real-IP", "unknown"}}) == "127.0.0.1");
  CHECK(address_of({{"X-Real-IP", "nonsense"}}) == "bad_forwarded");
  CHECK(address_of({{"X-Real-IP", "1.1.1.1, 203.0.113.9"}}) == "bad_forwarded");
  // Nobody else's is believed.
  const auto direct = client_info(request_with({{"X-Real-IP", "203.0.113.9"}}), peer("198.51.100.1"), {});
  CHECK(direct->address == "198.51.100.1");
}

TEST_CASE("what a trusted proxy says and nobody understands is refused") {
  CHECK(address_of({{"X-Forwarded-For", "203.0.113.9, nonsense"}}) == "bad_forwarded");
  CHECK(address_of({{"X-Forwarded-For", "203.0.113.9, 999.1.1.1"}}) == "bad_forwarded");
  CHECK(address_of({{"Forwarded", "for=\"203.0.113.9"}}) == "bad_forwarded");
  CHECK(address_of({{"X-Forwarded-Proto", "gopher"}}) == "bad_forwarded");
  CHECK(address_of({{"X-Forwarded-Host", "a b"}}) == "bad_forwarded");
  CHECK(address_of({{"X-Forwarded-Port", "0"}}) == "bad_forwarded");
  // A proxy that writes the one passes on the other as the client sent it.
  CHECK(address_of({{"X-Forwarded-For", "203.0.113.9"}, {"Forwarded", "for=203.0.113.10"}}) ==
        "bad_forwarded");
  CHECK(address_of({{"X-Forwarded-For", "203.0.113.9"}, {"Forwarded", "for=\"203.0.113.9:1\""}}) ==
        "203.0.113.9");
  CHECK(address_of({{"X-Forwarded-Proto", "http"}, {"Forwarded", "proto=https"}}) == "bad_forwarded");
}

TEST_CASE("by what the visitor came") {
  Config config;
  config.http.trusted_proxies = {"127.0.0.1"};
  const auto https = [&](std::vector<Header> headers) {
    return client_info(request_with(std::move(headers)), peer("127.0.0.1", true), config)->https;
  };
  CHECK(https({{"X-Forwarded-Proto", "https"}}));
  CHECK(https({{"X-Forwarded-Proto", "HTTPS"}}));
  CHECK(https({{"X-Forwarded-Proto", "https, http"}}));
  CHECK(https({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}));
  CHECK(https({{"X-Forwarded-Proto", "wss"}}));
  CHECK_FALSE(https({{"X-Forwarded-Proto", "http,https"}}));
  CHECK_FALSE(https({{"X-Forwarded-Proto", ""}}));
  CHECK(https({{"Forwarded", "for=203.0.113.9;proto=https"}}));
  CHECK_FALSE(https({{"Forwarded", "for=1.1.1.1;proto=https, for=203.0.113.9;proto=http"}}));
  CHECK_FALSE(https({}));
}

TEST_CASE("who is on this machine") {
  Config config;
  const net::Peer self = peer("127.0.0.1", true);
  const auto is_local = [&](std::vector<Header> headers, bool http11 = true) {
    headers.push_back({"Host", "127.0.0.1:8067"});
    Request request = request_with(std::move(headers));
    request.http11 = http11;
    return client_info(request, self, config)->local;
  };
  CHECK(is_local({}));
  CHECK_FALSE(is_local({}, false));  // as nginx asks that was told nothing else
  CHECK_FALSE(
      client_info(request_with({{"Host", "evil.test"}}), self, config)->local);  // a name made to lead here
  CHECK_FALSE(client_info(request_with({}), self, config)->local);
  CHECK_FALSE(client_info(request_with({{"Host", "127.0.0.1"}}), peer("203.0.113.9"), config)->local);
  CHECK_FALSE(client_info(request_with({{"Host", "localhost"}}), peer("unix", true), config)->local);
  CHECK_FALSE(is_local({{"X-Forwarded-For", "127.0.0.1"}}));
  CHECK_FALSE(is_local({{"Via", "1.1 proxy"}}));
  CHECK_FALSE(is_local({{"X-Real-IP", "127.0.0.1"}}));
  config.http.trusted_proxies = {"127.0.0.1"};
  CHECK_FALSE(is_local({{"X-Forwarded-For", "127.0.0.1"}}));
}

TEST_CASE("which hosts this server is") {
  Config config;
  config.hostname = "irc.example.org";
  config.http.public_url = "https://chat.example.org/halley/";
  config.http.origins = {"https://other.example.org:8443"};
  const auto known = [&](std::string_view host, net::Peer from = peer("192.0.2.7")) {
    const Request request = request_with({{"Host", host}});
    return is_known_host(request, from, *client_info(request, from, config), config);
  };
  for (const auto* host : {"127.0.0.1:8067", "localhost", "[::1]:1", "192.0.2.1", "IRC.example.org:80",
                           "chat.example.org", "other.example.org"}) {
    INFO(host);
    CHECK(known(host));
  }
  CHECK_FALSE(known("evil.test"));
  CHECK_FALSE(known("evil.test:8067", peer("127.0.0.1", true)));
  CHECK(known("evil.test", peer("192.0.2.7", false, true)));  // its certificate was accepted
  CHECK(known("localhost", peer("unix", true)));
  config.http.trusted_proxies = {"192.0.2.7"};
  CHECK_FALSE(known("evil.test"));
  const Request passed = request_with({{"Host", "evil.test"}, {"X-Forwarded-For", "203.0.113.9"}});
  CHECK(is_known_host(passed, peer("192.0.2.7"), *client_info(passed, peer("192.0.2.7"), config), config));
  Request old = request_with({});
  old.http11 = false;  // a health check
  CHECK(is_known_host(old, peer("192.0.2.8"), *client_info(old, peer("192.0.2.8"), config), config));
}

TEST_CASE("who asks on whose behalf") {
  Config config;
  config.http.origins = {"https://chat.example.net"};
  config.http.public_url = "https://irc.example.org/halley/";
  const auto who = [&](std::vector<Header> headers, bool https = false) {
    headers.push_back({"Host", "h:8067"});
    ClientInfo client;
    client.https = https;
    return initiator(request_with(std::move(headers)), client, config);
  };
  CHECK(who({{"Origin", "http://h:8067"}}) == Initiator::kOurPage);
  CHECK(who({{"Origin", "https://h:8067"}}) == Initiator::kOurPage);  // a proxy took the TLS off
  CHECK(who({{"Origin", "https://h:8067"}}, true) == Initiator::kOurPage);
  CHECK(who({{"Origin", "http://h:8067"}}, true) ==
        Initiator::kForeign);  // plain pages may not steer a secure one
  CHECK(who({{"Origin", "http://h"}}) == Initiator::kForeign);
  CHECK(who({{"Origin", "http://h:8068"}}) == Initiator::kForeign);
  CHECK(who({{"Origin", "http://evil"}}) == Initiator::kForeign);
  CHECK(who({{"Origin", "null"}}) == Initiator::kForeign);
  CHECK(who({{"Origin", "ftp://h:8067"}}) == Initiator::kForeign);
  CHECK(who({{"Origin", "https://chat.example.net"}}) == Initiator::kOurPage);
  CHECK(who({{"Origin", "https://chat.example.net.evil"}}) == Initiator::kForeign);
  CHECK(who({{"Origin", "https://irc.example.org"}}) == Initiator::kOurPage);
  CHECK(who({{"Sec-Fetch-Site", "same-origin"}}) == Initiator::kOurPage);
  CHECK(who({{"Sec-Fetch-Site", "same-site"}}) == Initiator::kForeign);
  CHECK(who({{"Sec-Fetch-Site", "cross-site"}}) == Initiator::kForeign);
  CHECK(who({{"Sec-Fetch-Site", "none"}}) == Initiator::kUnsaid);
  CHECK(who({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://evil"}}) == Initiator::kForeign);
  CHECK(who({}) == Initiator::kUnsaid);
}

TEST_CASE("an origin is compared with hosts and ports in one form") {
  Config config;
  config.http.trusted_proxies = {"127.0.0.1"};
  config.http.origins = {"https://Chat.example.net:443/"};
  config.http.public_url = "http://irc.example.org:80/x";
  const auto ours = [&](std::string_view origin, std::vector<Header> headers) {
    headers.push_back({"Origin", origin});
    const Request request = request_with(std::move(headers));
    return initiator(request, *client_info(request, peer("127.0.0.1", true), config), config) ==
           Initiator::kOurPage;
  };
  CHECK(ours("https://h", {{"Host", "h:443"}, {"X-Forwarded-Proto", "https"}}));
  CHECK(ours("http://h", {{"Host", "H:80"}}));
  CHECK(ours("http://h:80", {{"Host", "h"}}));
  CHECK_FALSE(ours("https://h", {{"Host", "h:80"}}));
  CHECK_FALSE(ours("http://h", {{"Host", "h:443"}}));
  CHECK(ours("http://[::1]:8067", {{"Host", "[0::1]:8067"}}));
  CHECK(ours("https://chat.example.net", {{"Host", "127.0.0.1:8067"}}));
  CHECK(ours("http://irc.example.org", {{"Host", "127.0.0.1:8067"}}));
  // Apache keeps the visitor's Host in a header of its own.
  CHECK(ours("https://h", {{"Host", "127.0.0.1:8067"}, {"X-Forwarded-Host", "h, inner"}}));
  CHECK(ours("https://h", {{"Host", "127.0.0.1:8067"}, {"Forwarded", "for=192.0.2.1;host=h;proto=https"}}));
  CHECK(ours("https://h:8443", {{"Host", "h"}, {"X-Forwarded-Port", "8443"}}));
  CHECK_FALSE(ours("https://i", {{"Host", "h"}, {"X-Forwarded-Host", "h"}}));
  config.http.trusted_proxies = {};
  CHECK_FALSE(ours("https://h", {{"Host", "127.0.0.1:8067"}, {"X-Forwarded-Host", "h"}}));
}
