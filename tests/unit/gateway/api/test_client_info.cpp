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
  const ClientInfo direct = client_info(request, peer("198.51.100.1"), config);
  CHECK(direct.address == "198.51.100.1");
  CHECK_FALSE(direct.https);
  config.http.trusted_proxies = {"198.51.100.1"};
  const ClientInfo behind = client_info(request, peer("198.51.100.1"), config);
  CHECK(behind.address == "203.0.113.9");
  CHECK(behind.https);
}

TEST_CASE("the rightmost address that is no proxy of ours is the client") {
  Config config;
  config.http.trusted_proxies = {"127.0.0.1", "10.0.0.2"};
  const auto address = [&](std::vector<Header> headers) {
    return client_info(request_with(std::move(headers)), peer("127.0.0.1", true), config).address;
  };
  CHECK(address({{"X-Forwarded-For", "1.1.1.1, 203.0.113.9, 10.0.0.2"}}) == "203.0.113.9");
  CHECK(address({{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "203.0.113.9,10.0.0.2"}}) ==
        "203.0.113.9");
  CHECK(address({{"X-Forwarded-For", "2001:db8::1"}}) == "2001:db8::1");
  CHECK(address({{"X-Forwarded-For", "10.0.0.2"}}) == "10.0.0.2");
  CHECK(address({{"X-Forwarded-For", ""}}) == "127.0.0.1");
  CHECK(
      address({{"X-Forwarded-For",
                std::string_view("a very long text that is no address at all, really, none whatsoever")}}) !=
      "");
  CHECK(address({}) == "127.0.0.1");
}

TEST_CASE("a forwarded request is not from this machine") {
  Config config;
  const net::Peer local = peer("127.0.0.1", true);
  CHECK(client_info(request_with({}), local, config).loopback);
  CHECK_FALSE(client_info(request_with({{"X-Forwarded-For", "127.0.0.1"}}), local, config).loopback);
  CHECK_FALSE(client_info(request_with({{"Via", "1.1 proxy"}}), local, config).loopback);
  config.http.trusted_proxies = {"127.0.0.1"};
  CHECK_FALSE(client_info(request_with({{"X-Forwarded-For", "203.0.113.9"}}), local, config).loopback);
}

TEST_CASE("who asks on whose behalf") {
  Config config;
  config.http.origins = {"https://chat.example.net"};
  config.http.public_url = "https://irc.example.org/halley/";
  const auto who = [&](std::vector<Header> headers, bool https = false) {
    headers.push_back({"Host", "h:8067"});
    ClientInfo client;
    client.https = https;
    return asker(request_with(std::move(headers)), client, config);
  };
  CHECK(who({{"Origin", "http://h:8067"}}) == Asker::kOurPage);
  CHECK(who({{"Origin", "https://h:8067"}}) == Asker::kOurPage);  // a proxy took the TLS off
  CHECK(who({{"Origin", "https://h:8067"}}, true) == Asker::kOurPage);
  CHECK(who({{"Origin", "http://h:8067"}}, true) ==
        Asker::kForeign);  // plain pages may not steer a secure one
  CHECK(who({{"Origin", "http://h"}}) == Asker::kForeign);
  CHECK(who({{"Origin", "http://h:8068"}}) == Asker::kForeign);
  CHECK(who({{"Origin", "http://evil"}}) == Asker::kForeign);
  CHECK(who({{"Origin", "null"}}) == Asker::kForeign);
  CHECK(who({{"Origin", "ftp://h:8067"}}) == Asker::kForeign);
  CHECK(who({{"Origin", "https://chat.example.net"}}) == Asker::kOurPage);
  CHECK(who({{"Origin", "https://chat.example.net.evil"}}) == Asker::kForeign);
  CHECK(who({{"Origin", "https://irc.example.org"}}) == Asker::kOurPage);
  CHECK(who({{"Sec-Fetch-Site", "same-origin"}}) == Asker::kOurPage);
  CHECK(who({{"Sec-Fetch-Site", "same-site"}}) == Asker::kForeign);
  CHECK(who({{"Sec-Fetch-Site", "cross-site"}}) == Asker::kForeign);
  CHECK(who({{"Sec-Fetch-Site", "none"}}) == Asker::kNobody);
  CHECK(who({{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://evil"}}) == Asker::kForeign);
  CHECK(who({}) == Asker::kNobody);
}
