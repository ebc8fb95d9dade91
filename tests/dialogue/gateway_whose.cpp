// HTTP: a request that says whose it is, is done for nobody else, whoever's cookie the browser has by now.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/api/api.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/web_socket.h"

using namespace halley::gateway;
using halley::dialogue::Attached;
using halley::dialogue::Browser;
using halley::dialogue::kUpgrade;
using halley::dialogue::Reply;
using halley::dialogue::Web;

namespace {

const std::string kBobs = "Halley-User: bob\r\n", kAnns = "Halley-User: ANN\r\n";

struct Overtaken : Attached {
  Overtaken() : web(scene), headers(web.login("ann")) { scene.add_user("bob"); }
  // Ann has logged in where bob's page stands.
  void expect_refused(const Reply& reply) {
    CHECK(reply.status == 409);
    if (reply.status == 409) CHECK(reply.json()["error"] == "other_user");
  }
  Web web;
  std::string headers;
};

}  // namespace

TEST_CASE("web: what another's page says is not said, and uses up no number") {
  Overtaken t;
  t.expect_refused(t.web.command(t.headers + kBobs, "tab", 1, "PRIVMSG #c :said by bob"));
  CHECK(t.web.command(t.headers + kAnns, "tab", 1, "PRIVMSG #c :said by ann").status == 200);
  CHECK(t.server->expect("PRIVMSG #c :") == "PRIVMSG #c :said by ann");
  // A form of a page says it by a field; whose answer is a document for a frame.
  const auto form = [&](std::string_view user) {
    const std::string fields =
        fmt::format("user={}&client=tab&seq=2&network=net&line=PRIVMSG+%23c+%3Aby+{}", user, user);
    return t.web.ask(
        fmt::format("POST /api/commands HTTP/1.1\r\nHost: halley.test\r\n{}Content-Type: "
                    "application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
                    t.headers, fields.size(), fields));
  };
  const Reply refused = form("bob");
  CHECK(refused.status == 409);
  CHECK(refused.body.find("\"error\":\"other_user\"") != std::string::npos);
  CHECK(form("Ann").status == 200);
  CHECK(t.server->expect("PRIVMSG #c :") == "PRIVMSG #c :by Ann");
  // Who does not say, as programs do, is not asked.
  CHECK(t.web.command(t.headers, "tab", 3, "PRIVMSG #c :by a program").status == 200);
  t.server->expect("by a program");
}

TEST_CASE("web: whatever is a user's is refused when it is asked for as another's") {
  Overtaken t;
  const auto method_of = [](Method method) {
    return method == Method::kPost     ? "POST"
           : method == Method::kPatch  ? "PATCH"
           : method == Method::kDelete ? "DELETE"
                                       : "GET";
  };
  for (const Route& route : Api::routes()) {
    INFO(route.path);
    if (route.access == Access::kAnyone && route.path != "/upload") continue;
    const bool reads = route.method == Method::kGet;
    t.expect_refused(
        t.web.ask(Web::format(method_of(route.method), route.path, t.headers + kBobs, reads ? "" : "{}")));
  }
  CHECK_FALSE(std::filesystem::exists(t.scene.directory / "uploads"));
  CHECK(t.web.get("/api/me", t.headers + kAnns).status == 200);
  CHECK(t.web.get("/api/me", t.headers).status == 200);  // it was not logged out
  // A new name is another one to a page that knows the old.
  REQUIRE(t.scene.accounts().rename_user("ann", "anna"));
  t.scene.accounts().flush(nullptr);
  t.scene.loop.run_turns();
  t.expect_refused(t.web.get("/api/outbox", t.headers + kAnns));
}

TEST_CASE("web: over no transport are one user's events told to another's page") {
  Overtaken t;
  for (const TransportRow& row : kTransports) {
    INFO(row.name);
    const bool socket = row.transport == Transport::kWebSocket;
    const std::string target =
        fmt::format("/api/events?{}", socket ? "" : fmt::format("transport={}", row.name));
    const std::string asking = t.headers + (socket ? std::string(kUpgrade) : std::string());
    t.expect_refused(t.web.get(target + "&user=bob", asking));
    Browser own = t.web.stream(target + "&user=ann&wait=0", asking);
    CHECK(own.head().status == (socket ? 101 : 200));
  }
}
