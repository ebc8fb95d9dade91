// HTTP: a new password by a reset, and registration by invitation.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Strangers {
  Strangers() : web(scene) {
    scene.add_user("ann");
    halley::SettingValues settings;
    settings.set("admin", "yes");
    REQUIRE(scene.accounts().set_user("ann", settings));
    scene.accounts().flush(nullptr);
    admin = web.login("ann");
  }
  json made(std::string_view target, const json& body = json::object()) {
    const Reply reply = web.post(target, body.dump(), admin);
    INFO(reply.body);
    REQUIRE(reply.status / 100 == 2);
    return reply.json();
  }
  Reply ask(std::string_view target, const json& body, std::string_view headers = {}) {
    return web.post(target, body.dump(), headers);
  }
  std::string me(const Reply& reply) {
    const std::string cookie = reply.header("Set-Cookie");
    const Reply me = web.get("/api/me", fmt::format("Cookie: {}\r\n", cookie.substr(0, cookie.find(';'))));
    return me.status == 200 ? me.json().value("user", "") : std::to_string(me.status);
  }
  bool audited(std::string_view part) const {
    return std::ranges::any_of(scene.audit, [&](const auto& line) { return line.contains(part); });
  }
  // Logins and changes, as the account itself is shown them.
  std::string shown(std::string_view user) {
    Actor client = scene.attach(user, {}, "a-new-one");
    client.say("PRIVMSG *halley :user show");
    std::string all;
    for (const std::string& line : client.until("changes")) all += line + "\n";
    for (const std::string& line : client.ping()) all += line + "\n";
    return all;
  }
  Scene scene;
  Web web;
  std::string admin;
};

}  // namespace

TEST_CASE("web: a reset sets a new password without a login, ends the old one's, and logs in") {
  Strangers t;
  t.scene.add_user("bob");
  t.scene.add_network("bob", "net");
  const std::string before = t.web.login("bob");
  Actor client = t.scene.attach("bob");
  const std::string code = t.made("/api/users/bob/reset", {{"hours", 2}})["code"];
  CHECK(t.ask("/api/reset", {{"code", code}}).json()["error"] == "bad_reset");
  CHECK(t.ask("/api/reset", {{"code", code}, {"password", "x"}}).status == 409);
  CHECK(t.ask("/api/reset", {{"code", code}, {"password", "a-new-one"}}, "Origin: http://evil.test\r\n")
            .json()["error"] == "bad_origin");
  const Reply reply = t.ask("/api/reset", {{"code", code}, {"password", "a-new-one"}});
  INFO(reply.body);
  REQUIRE(reply.status == 204);
  CHECK(t.me(reply) == "bob");
  CHECK(t.web.get("/api/me", before).status == 401);
  client.expect_closed();
  CHECK(t.web.get("/api/me", t.web.login("bob", "a-new-one")).status == 200);
  CHECK(t.ask("/api/reset", {{"code", code}, {"password", "another"}}).json()["error"] == "bad_code");
  CHECK(t.audited("password of bob set from"));
  CHECK(t.audited("user reset bob by ann"));
  CHECK_FALSE(t.audited(code));
  CHECK_THAT(t.shown("bob"), Catch::Contains("from 127.0.0.1 by a reset link") &&
                                 Catch::Contains("password set by a reset link, by bob (127.0.0.1)"));
}

TEST_CASE("web: an invitation makes a user, who is logged in, over a restart too") {
  Strangers t;
  const json made = t.made("/api/invitations", {{"uses", 2}, {"note", "friends"}});
  const std::string code = made["code"];
  CHECK(t.ask("/api/register", {{"code", code}, {"username", "bob"}}).json()["error"] == "bad_registration");
  CHECK(t.ask("/api/register", {{"code", code}, {"username", "ANN"}, {"password", "a-new-one"}}).status ==
        409);
  const Reply bob = t.ask("/api/register", {{"code", code}, {"username", "bob"}, {"password", "a-new-one"}});
  INFO(bob.body);
  REQUIRE(bob.status == 204);
  CHECK(t.me(bob) == "bob");
  CHECK(t.audited(fmt::format("user bob registered from 127.0.0.1 by invitation {}", made["id"].dump())));
  CHECK_FALSE(t.audited(code));
  t.scene.add_network("bob", "net");
  CHECK_THAT(t.shown("bob"),
             Catch::Contains("from 127.0.0.1 by an invitation") &&
                 Catch::Contains(fmt::format("registered by invitation {}, by bob", made["id"].dump())));

  t.scene.restart();
  t.web.restart();
  t.admin = t.web.login("ann");
  const json list = t.web.get("/api/invitations", t.admin).json();
  REQUIRE(list.size() == 1);
  CHECK((list[0]["uses"] == 1 && list[0]["note"] == "friends"));
  CHECK(t.ask("/api/register", {{"code", code}, {"username", "carl"}, {"password", "a-new-one"}}).status ==
        204);
  CHECK(t.ask("/api/register", {{"code", code}, {"username", "dora"}, {"password", "a-new-one"}})
            .json()["error"] == "bad_code");
  CHECK(t.web.get("/api/invitations", t.admin).json().empty());
  CHECK(t.web.get("/api/me", t.web.login("carl", "a-new-one")).status == 200);
}

TEST_CASE("web: only administrators see, make and revoke invitations; guesses are soon not heard") {
  Strangers t;
  t.scene.add_user("bob");
  const std::string bob = t.web.login("bob");
  CHECK(t.web.get("/api/invitations", bob).status == 403);
  CHECK(t.web.post("/api/invitations", "{}", bob).status == 403);
  CHECK(t.web.post("/api/users/ann/reset", "{}", bob).status == 403);
  const json made = t.made("/api/invitations");
  const std::string path = fmt::format("/api/invitations/{}", made["id"].dump());
  CHECK(t.web.ask(Web::format("DELETE", path, bob)).status == 403);
  CHECK(t.web.ask(Web::format("DELETE", path, t.admin)).status == 200);
  CHECK(t.web.ask(Web::format("DELETE", path, t.admin)).status == 404);
  // One's own takes the password, whatever one may do to others.
  CHECK(t.web.post("/api/users/ann/reset", "{}", t.admin).status == 409);
  Reply last;
  for (int i = 0; i < 12 && last.status != 429; ++i)
    last = t.ask("/api/register", {{"code", made["code"]}, {"username", "carl"}, {"password", "a-new-one"}});
  CHECK(last.status == 429);
  CHECK_FALSE(last.header("Retry-After").empty());
}

TEST_CASE("web: where passwords are kept elsewhere, links of before set none") {
  Strangers t;
  t.scene.add_user("bob");
  const std::string reset = t.made("/api/users/bob/reset")["code"],
                    invited = t.made("/api/invitations")["code"];
  t.scene.config.auth.http = "https://auth.test/";
  CHECK(t.ask("/api/reset", {{"code", reset}, {"password", "a-new-one"}}).status == 409);
  CHECK(t.ask("/api/register", {{"code", invited}, {"username", "carl"}, {"password", "a-new-one"}}).status ==
        409);
  CHECK(t.web.post("/api/invitations", "{}", t.admin).status == 409);
  t.scene.config.auth.http.clear();
  CHECK(t.ask("/api/reset", {{"code", reset}, {"password", "a-new-one"}}).status == 204);
}
