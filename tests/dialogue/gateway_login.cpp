// HTTP: who comes in, by what, and how logins end.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/gateway_web.h"

using halley::Config;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Ready {
  explicit Ready(std::uint64_t seed = 1) : scene(seed), web(scene) { scene.add_user("ann"); }
  Reply login(std::string_view body, std::string_view headers = {}) {
    return web.post("/api/login", body, headers);
  }
  Scene scene;
  Web web;
};

const std::string kRight = R"({"username":"ann","password":"secret"})";
const std::string kWrong = R"({"username":"ann","password":"guess"})";

}  // namespace

TEST_CASE("web: login gives a cookie that opens the rest") {
  Ready t(GENERATE(1U, 2U, 3U));
  const Reply reply = t.login(kRight);
  REQUIRE(reply.status == 204);
  const std::string cookie = reply.header("Set-Cookie");
  CHECK(cookie.starts_with("halley="));
  CHECK(cookie.find("; HttpOnly; SameSite=Strict") != std::string::npos);
  const std::string pair = cookie.substr(0, cookie.find(';'));
  const Reply me = t.web.get("/api/me", fmt::format("Cookie: x=y; {}\r\n", pair));
  REQUIRE(me.status == 200);
  CHECK(me.json()["user"] == "ann");
  CHECK(me.header("Set-Cookie").starts_with(pair + ";"));  // it lives on with each visit
  CHECK(t.web.get("/api/me", {}).status == 401);
  CHECK(t.web.get("/api/me", "Cookie: halley=guess\r\n").status == 401);
  CHECK(t.web.get("/api/me", {}).json()["error"] == "not_logged_in");
}

TEST_CASE("web: wrong logins are refused, and soon not heard any more") {
  Ready t;
  const Reply wrong = t.login(kWrong);
  CHECK(wrong.status == 401);
  CHECK(wrong.json()["error"] == "wrong_login");
  CHECK(wrong.header("Set-Cookie").empty());
  CHECK(t.login(R"({"username":"nobody","password":"secret"})").json() == wrong.json());
  CHECK(t.login(R"({"username":"ann"})").status == 400);
  CHECK(t.login(R"({"username":1,"password":"secret"})").status == 400);
  CHECK(t.login("secret").status == 400);
  CHECK(t.web.get("/api/login", {}).status == 405);
  CHECK(t.web.get("/api/login", {}).header("Allow") == "POST");
  Reply last;
  for (int i = 0; i < 12 && last.status != 429; ++i) last = t.login(kWrong);
  CHECK(last.status == 429);
  CHECK_FALSE(last.header("Retry-After").empty());
  CHECK(t.login(kRight).status == 429);
}

TEST_CASE("web: a foreign page can neither log in nor use a login") {
  Ready t;
  CHECK(t.login(kRight, "Origin: http://evil.test\r\n").status == 403);
  CHECK(t.login(kRight, "Sec-Fetch-Site: cross-site\r\n").status == 403);
  const std::string headers = t.web.login("ann");
  const std::string cookie = headers.substr(0, headers.find("\r\n") + 2);
  const std::string command = R"({"client":"c","seq":1,"network":"net","line":"PRIVMSG #c :x"})";
  CHECK(t.web.post("/api/commands", command, cookie).status == 403);
  CHECK(t.web.post("/api/commands", command, cookie + "Origin: null\r\n").status == 403);
  CHECK(t.web.post("/api/commands", command, cookie + "Origin: http://evil.test\r\n").json()["error"] ==
        "bad_origin");
  CHECK(t.web.post("/api/commands", command, cookie + "Sec-Fetch-Site: same-origin\r\n").status == 200);
  CHECK(t.web.get("/api/me", cookie + "Sec-Fetch-Site: cross-site\r\n").status == 403);
  CHECK(t.web.get("/api/events?transport=sse", cookie + "Sec-Fetch-Site: same-site\r\n").status == 403);
  CHECK(t.web.post("/api/logout", "{}", cookie).status == 403);
}

TEST_CASE("web: over https the cookie is bound to host and wire") {
  Ready t;
  const auto ask = [&](std::string_view request) {
    return t.web.ask(request, {"192.0.2.7", false, true, ""});
  };
  const Reply reply = ask(Web::format("POST", "/api/login", "Origin: https://halley.test\r\n", kRight));
  REQUIRE(reply.status == 204);
  const std::string cookie = reply.header("Set-Cookie");
  CHECK(cookie.starts_with("__Host-halley="));
  CHECK(cookie.ends_with("; Secure"));
  const std::string pair = cookie.substr(0, cookie.find(';'));
  CHECK(ask(Web::format("GET", "/api/me", fmt::format("Cookie: {}\r\n", pair))).status == 200);
  CHECK(t.web.get("/api/me", fmt::format("Cookie: {}\r\n", pair)).status == 401);
}

TEST_CASE("web: behind a trusted proxy it counts what the browser sees") {
  Ready t;
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  const std::string forwarded = "X-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n";
  CHECK(t.login(kRight, forwarded).header("Set-Cookie").starts_with("__Host-halley="));
  for (int i = 0; i < 12; ++i) t.login(kWrong, forwarded);
  CHECK(t.login(kRight, forwarded).status == 429);
  CHECK(t.login(kRight, "X-Forwarded-For: 203.0.113.6\r\n").status == 204);  // somebody else
}

TEST_CASE("web: a device's token serves programs") {
  Ready t;
  const std::string token = t.web.token("ann", "bot");
  CHECK(t.web.get("/api/me", token).json()["user"] == "ann");
  CHECK(t.web.get("/api/me", "Authorization: Bearer guess\r\n").status == 401);
  CHECK(t.web.get("/api/me", "Authorization: Basic YW5uOnNlY3JldA==\r\n").status == 401);
  CHECK(t.web.command(token, "c", 1, "PRIVMSG #c :x").status == 200);  // no browser, no origin
  CHECK(t.web.post("/api/logout", "{}", token).status == 400);
  Browser stream = t.web.stream("/api/events", token);
  stream.expect("ready");
  REQUIRE(t.scene.accounts().revoke_device("ann", "bot"));
  t.scene.accounts().flush(nullptr);
  t.scene.advance(1000);
  stream.expect("\"end\"");
  stream.expect_closed();
  CHECK(t.web.get("/api/me", token).status == 401);
}

TEST_CASE("web: logout ends the streams of that login, and no other") {
  Ready t;
  const std::string first = t.web.login("ann");
  const std::string second = t.web.login("ann");
  Browser one = t.web.stream("/api/events", first);
  Browser two = t.web.stream("/api/events?transport=sse", first);
  Browser other = t.web.stream("/api/events", second);
  for (Browser* stream : {&one, &two, &other}) stream->expect("ready");
  Browser poll = t.web.stream(
      "/api/events?transport=poll&after=" + t.web.get("/api/me", first).json()["head"].get<std::string>(),
      first);
  CHECK_FALSE(poll.answered());
  const Reply out = t.web.post("/api/logout", "{}", first);
  CHECK(out.status == 204);
  CHECK(out.header("Set-Cookie").find("Max-Age=0") != std::string::npos);
  CHECK(one.expect("\"end\"")["message"] == "You have logged out.");
  one.expect_closed();
  two.expect_closed();
  CHECK(poll.reply().json().back()["event"] == "end");
  CHECK(t.web.get("/api/me", first).status == 401);
  t.scene.advance(2000);
  CHECK_FALSE(other.peer().closed());
  CHECK(t.web.get("/api/me", second).status == 200);
}

TEST_CASE("web: streams end with the session, the account, or the user") {
  Ready t;
  const std::string headers = t.web.login("ann");
  Browser stream = t.web.stream("/api/events", headers);
  stream.expect("ready");
  SECTION("the session is revoked by a command") {
    const auto id = t.scene.accounts().sessions(t.scene.user("ann").id()).front()->id;
    t.scene.accounts().end_session(t.scene.user("ann").id(), id);
  }
  SECTION("the account is disabled") {
    REQUIRE(t.scene.accounts().set_enabled("ann", false));
    t.scene.accounts().flush(nullptr);
  }
  SECTION("the user is removed") {
    REQUIRE(t.scene.accounts().remove_user("ann"));
    t.scene.accounts().flush(nullptr);
  }
  t.scene.advance(1000);
  stream.expect_closed();
  const int status = t.web.get("/api/me", headers).status;
  CHECK((status == 401 || status == 403));
}

TEST_CASE("web: a new login ends the one that the browser had") {
  Ready t;
  const std::string first = t.web.login("ann");
  const std::string other = t.web.login("ann");
  Browser stream = t.web.stream("/api/events", first);
  stream.expect("ready");
  CHECK(t.login(kWrong, first).status == 401);
  CHECK(t.web.get("/api/me", first).status == 200);  // nobody has logged in
  const Reply again = t.login(kRight, first);
  REQUIRE(again.status == 204);
  stream.expect("\"end\"");
  CHECK(t.web.get("/api/me", first).status == 401);
  CHECK(t.web.get("/api/me", other).status == 200);
  CHECK(t.scene.accounts().sessions(t.scene.user("ann").id()).size() == 2);
}

TEST_CASE("web: a login that is listened with stays") {
  Ready t;
  const std::string headers = t.web.login("ann");
  Browser stream = t.web.stream("/api/events", headers);
  stream.expect("ready");
  const auto days_pass = [&](std::int64_t days) {
    t.scene.clock.set_wall_us(t.scene.clock.wall_us() + days * 86'400'000'000);
    t.scene.advance(1000);
  };
  for (int i = 0; i < 3; ++i) days_pass(80);
  CHECK(t.web.get("/api/me", headers).status == 200);
  CHECK_FALSE(stream.peer().closed());
  for (int i = 0; i < 2; ++i) days_pass(80);  // a year in all
  CHECK(stream.expect("\"end\"")["message"] == "This login has ended.");
  CHECK(t.web.get("/api/me", headers).status == 401);
}

TEST_CASE("web: sessions outlive a restart") {
  Ready t;
  const std::string headers = t.web.login("ann");
  t.scene.drain();
  t.web.drop();
  t.scene.restart();
  t.web.restart();
  CHECK(t.web.get("/api/me", headers).status == 200);
}

TEST_CASE("web: the page, health and metrics") {
  Ready t;
  const Reply page = t.web.get("/", "Accept-Encoding: gzip, br\r\n");
  CHECK(page.body == "compressed");
  CHECK(page.header("Content-Encoding") == "br");
  CHECK(page.header("Content-Security-Policy").starts_with("default-src 'none'; script-src 'self'"));
  CHECK(t.web.get("/", fmt::format("If-None-Match: {}\r\nAccept-Encoding: br\r\n", page.header("ETag")))
            .status == 304);
  CHECK(t.web.ask(Web::format("POST", "/", {}, "{}")).status == 405);
  CHECK(t.web.get("/nothing", {}).status == 404);
  CHECK(t.web.get("/nothing", {}).json()["error"] == "not_found");
  CHECK(t.web.get("/healthz", {}).body == "ok\n");
}

namespace {
// As one asks who is told the address of Halley itself.
std::string own_request(std::string_view target, std::string_view headers = {},
                        std::string_view version = "HTTP/1.1", std::string_view host = "127.0.0.1:8067") {
  return fmt::format("GET {} {}\r\nHost: {}\r\n{}\r\n", target, version, host, headers);
}
}  // namespace

TEST_CASE("web: health says how it is to programs on this machine, and to others that Halley runs") {
  Ready t;
  const Reply here = t.web.ask(own_request("/healthz"));
  CHECK(here.status == 200);
  CHECK(here.body == "ok\nloop_late_ms: 0\n");
  CHECK(t.web.ask(own_request("/healthz", "X-Forwarded-For: 127.0.0.1\r\n")).body == "ok\n");
  t.scene.config.http.metrics = Config::HttpConfig::MetricsAccess::kToken;
  CHECK(t.web.ask(own_request("/healthz")).body == "ok\n");
}

TEST_CASE("web: metrics are for programs on this machine and for administrators") {
  Ready t;
  const Reply metrics = t.web.ask(own_request("/metrics"));
  CHECK(metrics.status == 200);
  CHECK(metrics.body.find("halley_http_responses_total{status=\"4xx\"} 0\n") != std::string::npos);
  CHECK(t.web.ask(own_request("/metrics", {}, "HTTP/1.1", "localhost")).status == 200);
  // Through a proxy beside us, also one that was told nothing but our address; and by a name made to lead
  // here.
  CHECK(t.web.ask(own_request("/metrics", "X-Forwarded-For: 127.0.0.1\r\n")).status == 401);
  CHECK(t.web.ask(own_request("/metrics", {}, "HTTP/1.0")).status == 401);
  CHECK(t.web.ask(own_request("/metrics", {}, "HTTP/1.1", "evil.test:8067")).status == 421);
  CHECK(t.web.ask(own_request("/metrics"), {"unix", true, false, ""}).status == 401);
  // As nginx asks since 1.29.7, by default: like a program here. That there is a proxy the configuration
  // says.
  const std::string as_nginx = "User-Agent: Mozilla/5.0\r\nAccept-Encoding: gzip\r\n";
  CHECK(t.web.ask(own_request("/metrics", as_nginx)).status == 200);
  t.scene.config.http.public_url = "https://irc.example.net";
  CHECK(t.web.ask(own_request("/metrics", as_nginx)).status == 401);
  t.scene.config.http.metrics = Config::HttpConfig::MetricsAccess::kLocal;
  CHECK(t.web.ask(own_request("/metrics", as_nginx)).status == 200);
  t.scene.config.http.public_url.clear();
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  t.scene.config.http.metrics = Config::HttpConfig::MetricsAccess::kUnproxied;
  CHECK(t.web.ask(own_request("/metrics", as_nginx)).status == 401);
  t.scene.config.http.trusted_proxies.clear();
  t.scene.config.http.origins = {"https://irc.example.net"};
  CHECK(t.web.ask(own_request("/metrics", as_nginx)).status == 401);
  t.scene.config.http.origins.clear();
  t.scene.config.http.metrics = Config::HttpConfig::MetricsAccess::kToken;
  CHECK(t.web.ask(own_request("/metrics")).status == 401);
  t.scene.config.http.metrics = Config::HttpConfig::MetricsAccess::kUnproxied;
  const auto from_afar = [&](std::string_view headers) {
    return t.web.ask(own_request("/metrics", headers), {"203.0.113.5", false, false, ""}).status;
  };
  CHECK(from_afar({}) == 401);
  CHECK(from_afar(t.web.token("ann", "prom")) == 403);
  REQUIRE(t.scene.accounts().set_user("ann", {{"admin", "yes"}}));
  t.scene.accounts().flush(nullptr);
  CHECK(from_afar(t.web.token("ann", "prom2")) == 200);
}

TEST_CASE("web: a host that is not this server is refused, with a word on what to do") {
  Ready t;
  const Reply reply = t.web.ask(own_request("/", {}, "HTTP/1.1", "evil.test"));
  CHECK(reply.status == 421);
  CHECK(reply.json()["error"] == "unknown_host");
  CHECK(reply.body.find("http.public_url") != std::string::npos);
  t.scene.config.http.public_url = "https://evil.test/irc/";
  CHECK(t.web.ask(own_request("/", {}, "HTTP/1.1", "evil.test")).status == 200);
  CHECK(t.web.ask("GET /healthz HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("web: the shortest configuration of a proxy fails with what to do") {
  Ready t;
  const Reply reply = t.web.ask(
      fmt::format("POST /api/login HTTP/1.0\r\nHost: 127.0.0.1:8067\r\nOrigin: https://irc.example.net\r\n"
                  "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                  kRight.size(), kRight));
  CHECK(reply.status == 403);
  for (const auto* word :
       {"https://irc.example.net", "127.0.0.1:8067", "Host", "X-Forwarded-For", "http.public_url"})
    CHECK(reply.json()["message"].get<std::string>().find(word) != std::string::npos);
}

TEST_CASE("web: guesses are counted by address, however a proxy writes it") {
  Ready t;
  t.scene.config.http.trusted_proxies = {"127.0.0.0/8"};
  std::string header = GENERATE(
      "X-Forwarded-For: 198.51.100.7:{}\r\n", "X-Forwarded-For: [2001:db8:7::7]:{}\r\n",
      "X-Forwarded-For: 203.0.113.{}, 198.51.100.7\r\n", "X-Forwarded-For: 2001:db8:7::{}\r\n",
      "X-Forwarded-For: unknown\r\nX-Note: {}\r\n", "Forwarded: for=\"198.51.100.7:{}\"\r\n",
      "Forwarded: for=_{}\r\n", "Forwarded: for=203.0.113.{}\r\nForwarded: for=198.51.100.7;proto=https\r\n");
  INFO(header);
  int status = 0;
  for (int i = 0; i < 12 && status != 429; ++i)
    status = t.login(kWrong, fmt::format(fmt::runtime(header), 100 + i)).status;
  CHECK(status == 429);
  CHECK(t.login(kRight, "X-Forwarded-For: 192.0.2.77\r\n").status == 204);  // somebody else
  CHECK(t.login(kRight, "X-Forwarded-For: nonsense\r\n").status == 400);
}

TEST_CASE("web: passwords of any shape log in") {
  Ready t;
  int count = 0;
  for (const std::string& password :
       {std::string(3000, 'p'), std::string(" a b "), std::string("p\"\\\r\n\tq"), std::string("p\0q", 3),
        std::string("gr\u00fc\u00df \U0001f642"), std::string("a:b@c/d")}) {
    const std::string name = fmt::format("user{}", ++count);
    t.scene.add_user(name, password);
    CHECK(t.login(json{{"username", name}, {"password", password}}.dump()).status == 204);
  }
}

TEST_CASE("web: the cookie may come among several headers") {
  Ready t;
  const std::string headers = t.web.login("ann");
  CHECK(t.web.get("/api/me", "Cookie: a=b\r\n" + headers + "Cookie: c=d\r\n").status == 200);
}

TEST_CASE("web: one address does not take all connections") {
  Ready t;
  t.scene.config.limits.connections_per_address = 5;
  t.scene.config.limits.connections = 100;
  const halley::net::Peer far{"2001:db8:1:2::1", false, false, ""};
  std::vector<Browser> held;
  for (int i = 0; i < 20; ++i)
    held.push_back(t.web.connect({}, {fmt::format("2001:db8:1:2::{}", i + 1), false, false, ""}));
  t.scene.advance(100);
  const auto open = [&held] {
    return std::ranges::count_if(held, [](Browser& one) { return !one.peer().closed(); });
  };
  CHECK(open() == 5);
  CHECK(t.web.ask(own_request("/healthz"), {"2001:db8:1:3::1", false, false, ""}).status == 200);
  // This machine and proxies have most, but not all.
  for (int i = 0; i < 200; ++i) held.push_back(t.web.connect());
  t.scene.advance(100);
  CHECK(open() <= 96);
  CHECK(t.web.ask(own_request("/healthz"), {"203.0.113.9", false, false, ""}).status == 200);
  held.clear();
  t.scene.advance(1000);
  CHECK(t.web.ask(own_request("/healthz"), far).status == 200);
}

TEST_CASE("web: an address has one count, whatever it comes to and whoever it comes through") {
  Ready t;
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  t.scene.config.limits.connections_per_address = 3;
  const halley::net::Peer far{"203.0.113.9", false, false, ""};
  const auto named = [&] { return t.web.get("/healthz", "X-Forwarded-For: 203.0.113.9\r\n").status; };
  auto irc = t.web.addresses().take(halley::net::Address::numeric(far.address, 0));
  Browser direct = t.web.connect({}, far), proxied = t.web.connect();
  proxied.send("PROXY TCP4 203.0.113.9 192.0.2.1 4711 80\r\n" + std::string(own_request("/healthz")));
  CHECK(proxied.reply().status == 200);
  CHECK(named() == 429);
  CHECK_FALSE(t.web.addresses().take(halley::net::Address::numeric(far.address, 0)));
  Browser more = t.web.connect({}, far);
  more.expect_closed();
  irc.reset();
  CHECK(named() == 200);
  CHECK(named() == 200);  // given back with the answer
  direct.peer().destroy();
  proxied.peer().destroy();
  t.scene.advance(1000);
  CHECK(t.web.addresses().addresses() == 0);
}

TEST_CASE("web: behind a proxy the requests of an address are bounded") {
  Ready t;
  t.scene.config.http.trusted_proxies = {"127.0.0.1"};
  t.scene.config.limits.connections_per_address = 3;
  const std::string headers = t.web.login("ann");
  const std::string from = headers + "X-Forwarded-For: 203.0.113.9\r\n";
  std::vector<Browser> streams;
  for (int i = 0; i < 3; ++i) {
    streams.push_back(t.web.stream("/api/events", from));
    streams.back().expect("ready");
  }
  CHECK(t.web.get("/api/me", from).status == 429);
  CHECK(t.web.get("/api/me", headers + "X-Forwarded-For: 203.0.113.10\r\n").status == 200);
  streams.pop_back();
  t.scene.advance(1000);
  CHECK(t.web.get("/api/me", from).status == 200);
}
