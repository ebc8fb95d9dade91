// HTTP: forms of a page of ours, whose answers are documents for a frame.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

const std::string kOurs = "Origin: http://halley.test\r\n";

struct Forms {
  Forms() : scene(1), web(scene) { scene.add_user("ann"); }
  Reply post(std::string_view target, std::string_view fields, std::string_view headers) {
    return web.ask(fmt::format(
        "POST {} HTTP/1.1\r\nHost: halley.test\r\n{}Content-Type: application/x-www-form-urlencoded\r\n"
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nContent-Length: {}\r\n\r\n{}",
        target, headers, fields.size(), fields));
  }
  Scene scene;
  Web web;
};

// What the document of an answer calls parent.halley() with.
json call_of(const Reply& reply) {
  CHECK(reply.header("Content-Type") == "text/html; charset=utf-8");
  const std::string policy = reply.header("Content-Security-Policy");
  const std::size_t nonce = policy.find("'nonce-");
  REQUIRE(nonce != std::string::npos);
  CHECK(policy.find("frame-ancestors 'self'") != std::string::npos);
  const std::string begin = fmt::format("<script nonce=\"{}\">parent.halley(", policy.substr(nonce + 7, 32));
  const std::size_t at = reply.body.find(begin);
  REQUIRE(at != std::string::npos);
  const std::size_t from = at + begin.size();
  return json::parse(reply.body.substr(from, reply.body.find(")</script>", from) - from));
}

}  // namespace

TEST_CASE("web: a form logs in, and its frame hears what became of it") {
  Forms t;
  const Reply wrong = t.post("/api/login", "username=ann&password=gu%26ess", kOurs);
  CHECK(wrong.status == 401);
  const json refused = call_of(wrong);
  CHECK(refused["event"] == "answer");
  CHECK(refused["status"] == 401);
  CHECK(refused["body"]["error"] == "wrong_login");

  const Reply right = t.post("/api/login", "username=ann&password=secret", kOurs);
  CHECK(right.status == 200);  // 204 would leave the frame as it is
  CHECK(call_of(right) == json{{"event", "answer"}, {"status", 204}});
  const std::string cookie = right.header("Set-Cookie");
  REQUIRE(cookie.starts_with("halley="));
  const std::string headers = fmt::format("Cookie: {}\r\n{}", cookie.substr(0, cookie.find(';')), kOurs);
  CHECK(t.web.get("/api/me", headers).status == 200);

  const std::string fields = "client=c&seq=1&network=nowhere&line=PRIVMSG+%23c+%3A%3Cb%3E%3C%2Fscript%3E";
  const json first = call_of(t.post("/api/commands", fields, headers));
  CHECK(first["status"] == 200);
  CHECK(first["body"]["seq"] == 1);
  CHECK(call_of(t.post("/api/commands", fields, headers)) == first);  // repeated without fear
  const json hole = call_of(t.post("/api/commands", "client=c&seq=9&network=net&line=x", headers));
  CHECK(hole["status"] == 409);
  CHECK(hole["body"]["expected"] == 2);

  CHECK(call_of(t.post("/api/logout", "", headers))["status"] == 204);
  CHECK(t.web.get("/api/me", headers).status == 401);
}

TEST_CASE("web: a form that cannot be read is refused") {
  Forms t;
  CHECK(call_of(t.post("/api/login", "username=ann&password=%zz", kOurs))["body"]["error"] == "bad_form");
  CHECK(call_of(t.post("/api/login", "username=ann", kOurs))["status"] == 400);
  CHECK(call_of(t.post("/api/login", "username=ann&password=123456", kOurs))["status"] == 401);
  const std::string headers = t.web.login("ann");
  for (const auto* fields : {"client=c&seq=01&network=net&line=x", "client=c&seq=-1&network=net&line=x",
                             "client=c&seq=99999999999999999999&network=net&line=x", "client=c",
                             "client=c&seq=1&network=net&line=x%0Ay", ""}) {
    INFO(fields);
    CHECK(call_of(t.post("/api/commands", fields, headers))["status"] == 400);
  }
  // Bytes that are no UTF-8 become U+FFFD, as everywhere.
  CHECK(call_of(t.post("/api/commands", "client=c&seq=1&network=n%FF&line=x", headers))["status"] == 200);
}

TEST_CASE("web: a form is heard from a page of ours only") {
  Forms t;
  const std::string right = "username=ann&password=secret";
  // A program, or a page of somebody's in a browser that says nothing: both hear that JSON is wanted.
  CHECK(t.post("/api/login", right, {}).json()["error"] == "not_json");
  CHECK(t.post("/api/login", right, "Origin: http://evil.test\r\n").json()["error"] == "bad_origin");
  CHECK(t.post("/api/login", right, "Origin: null\r\n").json()["error"] == "bad_origin");
  CHECK(t.post("/api/login", right, "Sec-Fetch-Site: same-site\r\n").json()["error"] == "bad_origin");
  CHECK(t.post("/api/login", right, "Referer: http://evil.test/halley.test\r\n").json()["error"] ==
        "bad_origin");
  // A browser of before 2020 sends no Origin with a form.
  CHECK(call_of(t.post("/api/login", right, "Referer: http://halley.test/comet.html\r\n"))["status"] == 204);
  // Where there is one, the Referer says nothing more.
  CHECK(t.post("/api/login", right, "Referer: http://halley.test/\r\nOrigin: http://evil.test\r\n").status ==
        403);
  CHECK(
      t.post("/api/login", right, "Referer: http://halley.test/\r\nSec-Fetch-Site: cross-site\r\n").status ==
      403);
  const std::string headers = t.web.login("ann");
  const std::string cookie = headers.substr(0, headers.find("\r\n") + 2);
  const std::string line = "client=c&seq=1&network=net&line=x";
  CHECK(t.post("/api/commands", line, cookie).json()["error"] == "bad_origin");
  CHECK_THAT(t.post("/api/commands", line, cookie).json()["message"].get<std::string>(),
             Catch::Contains("it has no Origin") && !Catch::Contains("proxy"));
  CHECK(t.post("/api/commands", line, cookie + "Referer: http://evil.test/\r\n").status == 403);
  CHECK(t.web.get("/api/me", cookie + "Referer: http://evil.test/\r\n").status == 403);
  CHECK(call_of(t.post("/api/commands", line, cookie + "Referer: http://halley.test/x\r\n"))["status"] ==
        200);
}
