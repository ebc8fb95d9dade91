// What proxies write: RFC 7239 and the headers of before it.
#include <catch2/catch.hpp>

#include "gateway/http/forwarded.h"

using namespace halley;
using namespace halley::gateway;

namespace {

Request request_with(std::vector<Header> headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

std::string shown(std::string_view node) {
  const Node parsed = parse_node(node);
  return !parsed.understood ? "bad" : parsed.address.valid() ? parsed.address.text() : "hidden";
}

// for|proto|host of each element; "bad" when it is refused.
std::string elements(std::vector<Header> headers) {
  const auto hops = parse_forwarded(request_with(std::move(headers)));
  if (!hops) return "bad";
  std::string out;
  for (const Hop& hop : *hops) out += hop.node + "|" + hop.proto + "|" + hop.host + " ";
  return out;
}

}  // namespace

TEST_CASE("nodes are understood in every shape") {
  for (const auto* text : {"192.0.2.7", "192.0.2.7:4711", " 192.0.2.7 ", "\"192.0.2.7:80\"",
                           "::ffff:192.0.2.7", "[::ffff:192.0.2.7]:1", "192.0.2.7:_port"}) {
    INFO(text);
    CHECK(shown(text) == "192.0.2.7");
  }
  for (const auto* text : {"2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711", "\"[2001:db8::1]:4711\"",
                           "2001:DB8:0::1", "[2001:db8::1]:_x"}) {
    INFO(text);
    CHECK(shown(text) == "2001:db8::1");
  }
  CHECK(shown("fe80::1%eth0") == "fe80::1");
  CHECK(shown("2001:db8::1:4711") == "2001:db8::1:4711");  // no port: it has no brackets
  for (const auto* text : {"unknown", "Unknown", "unknown:80", "_hidden", "\"_gazonk\"", "_a.b-c:_1"}) {
    INFO(text);
    CHECK(shown(text) == "hidden");
  }
  for (const auto* text : {"", "foo", "_", "_a b", "192.0.2", "192.0.2.7:", "192.0.2.7:x", "192.0.2.7:123456",
                           "[192.0.2.7]", "[2001:db8::1", "[2001:db8::1]4711", "[2001:db8::1]:", "a:1:2",
                           "\"", "0300.0.2.7", "192.0.2.7, 192.0.2.8", "irc.example.org"}) {
    INFO(text);
    CHECK(shown(text) == "bad");
  }
}

TEST_CASE("Forwarded is read as RFC 7239 has it, and as others write it") {
  CHECK(elements({}).empty());
  CHECK(elements({{"Forwarded", "for=192.0.2.43"}}) == "192.0.2.43|| ");
  CHECK(elements({{"Forwarded", "For=\"[2001:db8:cafe::17]:4711\""}}) == "[2001:db8:cafe::17]:4711|| ");
  CHECK(elements({{"Forwarded", "for=192.0.2.60;proto=http;by=203.0.113.43"}}) == "192.0.2.60|http| ");
  CHECK(elements({{"Forwarded", "for=192.0.2.43, for=\"[::1]\";host=h"}, {"forwarded", "for=unknown"}}) ==
        "192.0.2.43|| [::1]||h unknown|| ");
  CHECK(elements({{"Forwarded", "for=[::1]:80 ; Proto=https , ,;for=_x;"}}) == "[::1]:80|https| _x|| ");
  CHECK(elements({{"Forwarded", R"(for="\_a\b";ext="a,b;c\"d")"}}) == "_ab|| ");
  CHECK(elements({{"Forwarded", "proto=https"}}) == "|https| ");
  for (const auto* text : {"for", "for=", "=x", "for=\"", "for=\"a\\", "for=a b", "for=a;for=b", "for=\"a\"b",
                           "for =a", "for=a\"b\"", "for=a=b"}) {
    INFO(text);
    CHECK(elements({{"Forwarded", text}}) == "bad");
  }
}

TEST_CASE("a list is the items of all its headers, and has a bound") {
  const Request request =
      request_with({{"X-Forwarded-For", "a, b"}, {"Other", "x"}, {"x-forwarded-for", " ,c,,\td "}});
  const auto items = list_items(request, "X-Forwarded-For");
  REQUIRE(items);
  CHECK(*items == std::vector<std::string_view>{"a", "b", "c", "d"});
  CHECK(list_items(request, "absent")->empty());
  std::string many = "x", elements_text = "for=x";
  for (std::size_t i = 1; i < kMaxHops; ++i) many += ",x", elements_text += ",for=x";
  CHECK(list_items(request_with({{"L", many}}), "l"));
  CHECK_FALSE(list_items(request_with({{"L", many}, {"L", "y"}}), "l"));
  CHECK(parse_forwarded(request_with({{"Forwarded", elements_text}})));
  CHECK_FALSE(parse_forwarded(request_with({{"Forwarded", elements_text}, {"Forwarded", "for=y"}})));
}

TEST_CASE("what a proxy passes on is known by any of its headers") {
  for (const auto* name : {"Forwarded", "Via", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Host",
                           "X-FORWARDED-SERVER", "X-Real-IP", "CF-Connecting-IP"}) {
    INFO(name);
    CHECK(passed_on(request_with({{name, "x"}})));
  }
  CHECK_FALSE(passed_on(request_with({{"Host", "h"}, {"User-Agent", "x"}, {"X-Forward", "x"}})));
}
