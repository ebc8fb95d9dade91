// Queries, cursors, cookies, routes: the small grammars around a request.
#include <catch2/catch.hpp>

#include "gateway/api/api.h"
#include "gateway/api/router.h"
#include "gateway/events/cursor.h"
#include "gateway/http/cookies.h"
#include "gateway/http/query.h"

using namespace halley;
using namespace halley::gateway;

TEST_CASE("queries are decoded") {
  const auto query =
      Query::parse("network=libera&target=%23caf%C3%A9&after=e1%3A42&flag&q=a+b%2Bc&=x&&q=second");
  REQUIRE(query);
  CHECK(query->get("network") == "libera");
  CHECK(query->get("target") == "#caf\u00e9");
  CHECK(query->get("after") == "e1:42");
  CHECK(query->get("q") == "a b+c");
  CHECK(query->has("flag"));
  CHECK_FALSE(query->has("absent"));
  CHECK(query->get("absent").empty());
  CHECK_FALSE(Query::parse("a=%2"));
  CHECK_FALSE(Query::parse("a=%zz"));
  CHECK_FALSE(Query::parse("%=1"));
}

TEST_CASE("a query has a bound") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "p" + std::to_string(i) + "=1&";
  const auto query = Query::parse(many);
  REQUIRE(query);
  CHECK(query->has("p31"));
  CHECK_FALSE(query->has("p32"));
}

TEST_CASE("numbers are decimal and whole") {
  CHECK(parse_number("0") == 0U);
  CHECK(parse_number("18446744073709551615") == ~std::uint64_t{0});
  for (const auto* bad : {"", "-1", "+1", " 1", "1 ", "1.5", "0x1", "18446744073709551616"})
    CHECK_FALSE(parse_number(bad));
}

TEST_CASE("cursors") {
  const auto cursor = parse_cursor("k3v9:1700000000000000");
  REQUIRE(cursor);
  CHECK(cursor->epoch == "k3v9");
  CHECK(cursor->id == 1700000000000000U);
  const auto bare = parse_cursor("12");
  REQUIRE(bare);
  CHECK(bare->epoch.empty());
  CHECK(bare->id == 12);
  for (const auto* bad : {"", ":", "e:", ":5", "e:x", "e:-1", "e:1 "}) CHECK_FALSE(parse_cursor(bad));
  std::string out;
  append_cursor(out, "k3v9", 7);
  CHECK(out == "k3v9:7");
}

TEST_CASE("the cookie is found among others") {
  CHECK(find_cookie("halley=abc", "halley") == "abc");
  CHECK(find_cookie("a=b; halley=abc; c=d", "halley") == "abc");
  CHECK(find_cookie("xhalley=no; halleyx=no", "halley").empty());
  CHECK(find_cookie("halley=", "halley").empty());
  CHECK(find_cookie("", "halley").empty());
  CHECK(find_cookie("halley", "halley").empty());
  CHECK(find_cookie("a=b;halley=one; halley=two", "halley") == "one");
  // What was set over plain http is no login over https: somebody on the wire may have set it.
  CHECK(find_cookie("halley=abc", cookie_name(true)).empty());
}

TEST_CASE("the cookie is found in any of several headers") {
  Request request;
  request.headers = {{"Cookie", "a=b"}, {"Host", "h"}, {"cookie", "c=d; halley=abc"}, {"Cookie", "e=f"}};
  CHECK(find_cookie(request, "halley") == "abc");
  CHECK(find_cookie(request, "e") == "f");
  CHECK(find_cookie(request, "g").empty());
}

TEST_CASE("the cookie is set as browsers want it") {
  CHECK(set_cookie("tok", true) ==
        "__Host-halley=tok; Path=/; HttpOnly; SameSite=Strict; Max-Age=7776000; Secure");
  CHECK(set_cookie("tok", false) == "halley=tok; Path=/; HttpOnly; SameSite=Strict; Max-Age=7776000");
  CHECK(set_cookie("", true) == "__Host-halley=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure");
}

TEST_CASE("routes") {
  const auto routes = Api::routes();
  CHECK(find_route(routes, Method::kGet, "/api/me").route != nullptr);
  CHECK(find_route(routes, Method::kHead, "/api/me").route != nullptr);
  const RouteMatch wrong = find_route(routes, Method::kPost, "/api/me");
  CHECK(wrong.route == nullptr);
  CHECK(wrong.allow == "GET, HEAD");
  CHECK(find_route(routes, Method::kOther, "/api/login").allow == "POST");
  for (const auto* path : {"", "/", "/api", "/api/", "/api/me/", "/api/ME", "//api/me"}) {
    INFO(path);
    const RouteMatch none = find_route(routes, Method::kGet, path);
    CHECK(none.route == nullptr);
    CHECK(none.allow.empty());
  }
}

TEST_CASE("all that tells of a user asks who calls") {
  for (const Route& route : Api::routes()) {
    INFO(route.path);
    const bool open = route.path == "/api/login" || route.path == "/healthz" || route.path == "/metrics" ||
                      // These ask for themselves; a file is whoever's who has its name.
                      route.path == "/irc" || route.path == "/upload" || route.path == "/upload/FILE" ||
                      // These take a code that stands for a login.
                      route.path == "/api/reset" || route.path == "/api/register" ||
                      // What logs in, by a passkey; the question says nothing of whose there are.
                      route.path == "/api/login/challenge" || route.path == "/api/login/passkey";
    CHECK((route.access == Access::kAnyone) == open);
  }
}
