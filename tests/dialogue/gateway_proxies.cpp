// HTTP through proxies that pass bytes on and say by the PROXY protocol who speaks.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;

namespace {

const std::string kBody = R"({"username":"ann","password":"secret"})";
const std::string kSecond = std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x14", 16) +
                            std::string("\xCB\x00\x71\x09\xC0\x00\x02\x01\x12\x67\x00\x50", 12) +
                            std::string("\x20\x00\x05\x01\x00\x00\x00\x00", 8);

struct Proxied {
  explicit Proxied(std::uint64_t seed = 1) : scene(seed), web(scene) { scene.add_user("ann"); }
  Reply login(const std::string& first, std::string_view headers = {}) {
    return web.ask(first + Web::format("POST", "/api/login", headers, kBody));
  }
  // The address of the newest web login.
  std::string address() { return scene.accounts().sessions(scene.user("ann").id()).back()->address; }
  Scene scene;
  Web web;
};

}  // namespace

TEST_CASE("web: a trusted proxy says by the PROXY protocol who speaks") {
  Proxied t(GENERATE(1U, 2U, 3U));
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  REQUIRE(t.login("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n").status == 204);
  CHECK(t.address() == "203.0.113.9");
  const Reply secure = t.login(kSecond, "Origin: https://halley.test\r\n");
  REQUIRE(secure.status == 204);
  CHECK(secure.header("Set-Cookie").starts_with("__Host-halley="));  // TLS ended at the proxy
  // What it passes on is the client's own: that is not believed.
  REQUIRE(
      t.login("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n", "X-Forwarded-For: 198.51.100.1\r\n").status ==
      204);
  CHECK(t.address() == "203.0.113.9");
  // Another trusted proxy is before it.
  t.scene.config.http.trusted_proxies = {"127.0.0.1", "203.0.113.9"};
  REQUIRE(
      t.login("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n", "X-Forwarded-For: 198.51.100.1\r\n").status ==
      204);
  CHECK(t.address() == "198.51.100.1");
  REQUIRE(t.login("PROXY UNKNOWN\r\n").status == 204);
  CHECK(t.address() == "127.0.0.1");
  REQUIRE(t.login("").status == 204);  // a proxy that speaks HTTP says nothing first
}

TEST_CASE("web: a client behind the PROXY protocol is no program on this machine") {
  Proxied t;
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  t.scene.config.http.metrics = halley::Config::HttpConfig::MetricsAccess::kLocal;
  const std::string ask = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:8067\r\n\r\n";
  CHECK(t.web.ask(ask).status == 200);
  CHECK(t.web.ask("PROXY TCP4 127.0.0.1 127.0.0.1 4711 80\r\n" + ask).status == 401);
}

TEST_CASE("web: nobody else speaks the PROXY protocol, and nobody says nonsense in it") {
  Proxied t;
  CHECK(t.login("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n").status == 400);
  CHECK(t.login(kSecond).status == 400);
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  Browser browser = t.web.connect();
  browser.send("PROXY TCP4 nobody 192.0.2.1 4711 80\r\n" + Web::format("POST", "/api/login", {}, kBody));
  const Reply refused = browser.reply();
  CHECK(refused.status == 400);
  CHECK(refused.json()["error"] == "bad_proxy_header");
  browser.expect_closed();
}

TEST_CASE("web: who comes through the PROXY protocol is counted by their own address") {
  Proxied t;
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  t.scene.config.limits.connections_per_address = 2;
  std::vector<Browser> open;
  const auto come = [&](std::string_view address) {
    open.push_back(t.web.connect());
    open.back().send(fmt::format("PROXY TCP4 {} 192.0.2.1 4711 80\r\n", address) +
                     "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  };
  come("203.0.113.9");
  CHECK(open.back().reply().status == 200);
  come("203.0.113.9");
  CHECK(open.back().reply().status == 200);
  come("203.0.113.9");
  open.back().expect_closed();
  come("203.0.113.10");
  CHECK(open.back().reply().status == 200);
}

TEST_CASE("web: whom a trusted proxy has logged in is in by opening the page, and nobody else is") {
  Proxied t;
  const std::string told = "X-Forwarded-For: 203.0.113.9\r\nRemote-User: Ann\r\n";
  CHECK(t.web.get("/api/me", told).status == 401);  // off by default
  t.scene.config.http.user_header = "Remote-User";
  CHECK(t.web.get("/api/me", told).status == 401);  // of no trusted proxy
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  CHECK(t.web.get("/api/me", "Remote-User: ann\r\n").status == 401);  // it says not for whom
  CHECK(t.web.get("/api/me", told + "Remote-User: bob\r\n").status == 401);
  CHECK(t.web.get("/api/me", told + "Remote-User:\r\n").status == 401);
  CHECK(t.web.get("/api/me", "Remote-User:\r\n" + told).status == 401);
  CHECK(t.web.get("/api/me", told + "Sec-Fetch-Site: cross-site\r\n").status == 403);
  CHECK(t.web.get("/api/me", told + "Authorization: Bearer nonsense\r\n").status == 401);
  CHECK(t.web.get("/api/networks", told).status == 401);  // the page asks for itself first
  CHECK(t.web.post("/api/account/password", "{}", told + "Origin: http://halley.test\r\n").status == 401);
  CHECK(t.scene.accounts().sessions(t.scene.user("ann").id()).empty());

  const Reply in = t.web.get("/api/me", told);
  REQUIRE(in.status == 200);
  CHECK(in.json()["user"] == "ann");
  CHECK(t.address() == "203.0.113.9");
  const std::string set = in.header("Set-Cookie");
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  CHECK(t.web.get("/api/networks", cookie + told).status == 200);
  CHECK(t.web.get("/api/me", cookie + told).status == 200);
  CHECK(t.scene.accounts().sessions(t.scene.user("ann").id()).size() == 1);

  // Somebody else sits there now.
  t.scene.add_user("bob");
  const std::string bob = "X-Forwarded-For: 203.0.113.9\r\nRemote-User: bob\r\n";
  CHECK(t.web.get("/api/networks", cookie + bob).status == 401);
  CHECK(t.web.get("/api/me", cookie + bob).json()["user"] == "bob");
  const Reply stranger = t.web.get("/api/me", "X-Forwarded-For: 203.0.113.9\r\nRemote-User: eve\r\n");
  CHECK(stranger.status == 401);
  REQUIRE(t.scene.accounts().set_enabled("bob", false));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  CHECK(t.web.get("/api/me", bob).status == 403);
}

TEST_CASE("web: what a proxy logs people in by is not taken for a password of ours") {
  Proxied t;
  t.scene.config.http.user_header = "Remote-User";
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  const std::string told =
      "X-Forwarded-For: 203.0.113.9\r\nRemote-User: ann\r\nAuthorization: Basic YW5uOnByb3h5\r\n";
  const Reply in = t.web.get("/api/me", told);
  REQUIRE(in.status == 200);
  const std::string set = in.header("Set-Cookie");
  const std::string page =
      told + "Cookie: " + set.substr(0, set.find(';')) + "\r\nOrigin: http://halley.test\r\n";
  for (int i = 0; i < 30; ++i) CHECK(t.web.post("/upload", "x", page).status == 201);
  CHECK(t.web.post("/upload", "x", told).status == 401);
}

TEST_CASE("web: whom a proxy logs in anew leaves the login that the browser had") {
  Proxied t;
  t.scene.add_user("bob");
  const std::string ann = t.web.login("ann");
  Browser stream = t.web.stream("/api/events", ann);
  stream.until("ready");
  t.scene.config.http.user_header = "Remote-User";
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  const Reply in = t.web.get("/api/me", ann + "X-Forwarded-For: 203.0.113.9\r\nRemote-User: bob\r\n");
  REQUIRE(in.status == 200);
  CHECK(in.json()["user"] == "bob");
  CHECK(t.scene.accounts().sessions(t.scene.user("ann").id()).empty());
  CHECK(t.scene.accounts().sessions(t.scene.user("bob").id()).size() == 1);
  stream.expect_closed();
}

TEST_CASE("web: a look at the head of what a guest may have opens no login") {
  Proxied t;
  t.scene.config.http.user_header = "Remote-User";
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  Browser browser = t.web.connect();
  browser.send(Web::format("HEAD", "/api/me", "X-Forwarded-For: 203.0.113.9\r\nRemote-User: ann\r\n"));
  const Reply head = browser.head();
  CHECK(head.status == 200);
  CHECK(head.header("Set-Cookie").empty());
  CHECK(t.scene.accounts().sessions(t.scene.user("ann").id()).empty());
}

TEST_CASE("web: an upload through a proxy has its address's place from its first byte, and one only") {
  Proxied t;
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  t.scene.config.limits.connections_per_address = 1;
  const std::string page = t.web.login("ann") + "X-Forwarded-For: 203.0.113.9\r\n";
  const std::string whole = Web::format("POST", "/upload", page, std::string(1000, 'x'));
  const std::string_view begun = std::string_view(whole).substr(0, whole.size() - 500);
  Browser first = t.web.connect(), second = t.web.connect();
  first.send(begun);
  t.scene.loop.run_turns();
  CHECK(t.web.get("/api/me", page).status == 429);
  second.send(begun);
  CHECK(second.reply().status == 429);  // it is not heard out
  first.send(std::string(500, 'x'));
  CHECK(first.reply().status == 201);
  CHECK(t.web.get("/api/me", page).status == 200);
  Browser third = t.web.connect();
  third.send(
      Web::format("POST", "/upload", page + "Accept: image/png\r\n", std::string(1000, 'x')).substr(0, 600));
  CHECK(third.reply().status == 406);
}
