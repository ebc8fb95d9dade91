// HTTP: accounts, networks, devices and web logins as resources.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/cli/command_table.h"
#include "gateway/api/api.h"
#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Resources {
  explicit Resources(bool admin = false) : web(scene) {
    scene.add_user("ann");
    if (admin) {
      halley::SettingValues settings;
      settings.set("admin", "yes");
      REQUIRE(scene.accounts().set_user("ann", settings));
      scene.accounts().flush(nullptr);
    }
    headers = web.login("ann");
  }
  Reply ask(std::string_view method, std::string_view target, const json& body = nullptr) {
    return web.ask(Web::format(method, target, headers, body.is_null() ? "" : body.dump()));
  }
  // The error's name, when the status is this.
  std::string refused(int status, std::string_view method, std::string_view target,
                      const json& body = nullptr) {
    const Reply reply = ask(method, target, body);
    INFO(method << " " << target << ": " << reply.status << " " << reply.body);
    CHECK(reply.status == status);
    return reply.json().value("error", "");
  }
  json done(int status, std::string_view method, std::string_view target, const json& body = nullptr) {
    const Reply reply = ask(method, target, body);
    INFO(method << " " << target << ": " << reply.status << " " << reply.body);
    REQUIRE(reply.status == status);
    return reply.json();
  }
  Scene scene;
  Web web;
  std::string headers;
};

}  // namespace

TEST_CASE("web: a body says each thing once, and names as text") {
  Resources t;
  const auto error = [&t](std::string_view body) {
    const Reply reply = t.web.ask(Web::format("POST", "/api/networks", t.headers, std::string(body)));
    INFO(body << ": " << reply.body);
    CHECK(reply.status == 400);
    return reply.json().value("message", "");
  };
  for (const char* name : {"5", "true", "null", "[\"net\"]", "{}"})
    CHECK_THAT(error(fmt::format(R"({{"name":{},"url":"irc://irc.test"}})", name)),
               Catch::Contains("\"name\" is to be text"));
  CHECK_THAT(error(R"({"name":"net","url":"irc://irc.test","name":"other"})"),
             Catch::Contains("\"name\" is there twice"));
  CHECK_THAT(error(R"({"name":"net","url":"irc://irc.test","nick":"ann","nick":"ann"})"),
             Catch::Contains("\"nick\" is there twice"));
  CHECK_THAT(error(R"({"name":"net","x":{"deep":1,"deep":2}})"), Catch::Contains("\"deep\" is there twice"));
  CHECK(t.done(200, "GET", "/api/networks").empty());
  t.done(201, "POST", "/api/networks", {{"name", "net"}, {"url", "irc://irc.test"}});
}

TEST_CASE("web: networks are added, shown, changed, renamed and removed as on the command line") {
  Resources t;
  CHECK(t.done(200, "GET", "/api/networks").empty());
  t.done(201, "POST", "/api/networks",
         {{"name", "net"}, {"url", "irc://irc.test"}, {"nick", "ann"}, {"join", "#c"}});
  const auto* row = t.scene.accounts().find_network(t.scene.user("ann").id(), "net");
  REQUIRE(row != nullptr);
  Actor before = t.scene.register_network();
  t.done(200, "POST", "/api/networks/net/disconnect");
  before.expect("QUIT");
  CHECK(t.done(200, "GET", "/api/networks").size() == 1);
  CHECK(t.done(200, "GET", "/api/networks/net")["nick"] == "ann");

  t.done(200, "PATCH", "/api/networks/net",
         {{"realname", "Ann of Halley"}, {"on_connect", {"MODE ann +x", "JOIN #d"}}});
  CHECK(t.done(200, "GET", "/api/networks/net")["realname"] == "Ann of Halley");
  t.done(200, "POST", "/api/networks/net/connect");
  Actor server = t.scene.accept_network();
  server.expect("CAP LS 302");
  server.say(":srv 001 ann :hi");
  server.say(":srv 376 ann :end");
  server.expect("MODE ann +x");
  server.expect("JOIN #d");

  t.done(200, "POST", "/api/networks/net/rename", {{"name", "other"}});
  CHECK(t.done(200, "GET", "/api/networks")[0]["name"] == "other");
}

TEST_CASE("web: a path names one thing, and nothing else answers for it") {
  Resources t;
  t.done(201, "POST", "/api/networks", {{"name", "a.b-c"}, {"url", "irc://irc.test"}});
  CHECK(t.done(200, "GET", "/api/networks/a%2Eb-c")["name"] == "a.b-c");
  for (const auto* path :
       {"/api/networks/none", "/api/networks/--json", "/api/networks/a+b", "/api/devices/x",
        "/api/sessions/999", "/api/networks/a.b-c/elsewhere", "/api/networks/"}) {
    INFO(path);
    CHECK(t.refused(404, "DELETE", path) == "not_found");
  }
  CHECK(t.ask("PUT", "/api/networks/a.b-c").status == 405);
  CHECK(t.ask("PUT", "/api/networks/a.b-c").header("Allow") == "GET, HEAD, PATCH, DELETE");
  t.done(200, "DELETE", "/api/networks/a.b-c");
  CHECK(t.done(200, "GET", "/api/networks").empty());
}

TEST_CASE("web: what a command refuses is told in its words, and nothing is changed") {
  Resources t;
  CHECK(t.refused(400, "POST", "/api/networks", {{"name", "net"}}) == "bad_command");
  CHECK(t.refused(400, "POST", "/api/networks",
                  {{"name", "net"}, {"url", "irc://irc.test"}, {"colour", "blue"}}) == "bad_command");
  CHECK(t.refused(400, "POST", "/api/networks", {{"name", json::object()}, {"url", "irc://irc.test"}}) ==
        "bad_command");
  CHECK(t.refused(400, "POST", "/api/networks", {{"name", "net"}, {"url", "irc://irc.test"}, {"a b", "c"}}) ==
        "bad_command");
  CHECK(t.refused(409, "POST", "/api/networks", {{"name", "a name"}, {"url", "irc://irc.test"}}) ==
        "refused");
  CHECK(t.refused(409, "POST", "/api/networks", {{"name", "net"}, {"url", "gopher://irc.test"}}) ==
        "refused");
  CHECK(t.scene.user("ann").networks().empty());
  std::string request = Web::format("POST", "/api/networks", t.headers, "{}");
  request.replace(request.find("application/json"), 16, "text/plain");
  const Reply text = t.web.ask(request);
  CHECK(text.status == 415);
}

TEST_CASE("web: another site's page changes nothing, by no method") {
  Resources t;
  t.done(201, "POST", "/api/networks", {{"name", "net"}, {"url", "irc://irc.test"}});
  const std::string cookie =
      t.headers.substr(t.headers.find("Cookie:"),
                       t.headers.find("\r\n", t.headers.find("Cookie:")) + 2 - t.headers.find("Cookie:"));
  for (const auto* origin : {"Origin: https://evil.test\r\n", "Sec-Fetch-Site: cross-site\r\n", ""}) {
    for (const auto* method : {"DELETE", "PATCH"}) {
      INFO(origin << method);
      const Reply reply =
          t.web.ask(Web::format(method, "/api/networks/net", cookie + origin, "{\"nick\":\"x\"}"));
      CHECK(reply.status == 403);
    }
  }
  CHECK(t.done(200, "GET", "/api/networks/net")["nick"] != "x");
}

TEST_CASE("web: devices and web logins are listed and ended") {
  Resources t;
  const json made = t.done(201, "POST", "/api/devices", {{"name", "phone"}});
  const std::string token = made.value("token", "");
  REQUIRE_FALSE(token.empty());
  const std::string bearer = fmt::format("Authorization: Bearer {}\r\n", token);
  CHECK(t.web.get("/api/me", bearer).status == 200);
  CHECK(t.done(200, "GET", "/api/devices").dump().find("phone") != std::string::npos);
  t.done(200, "DELETE", "/api/devices/phone");
  CHECK(t.web.get("/api/me", bearer).status == 401);

  const std::string other = t.web.login("ann");
  Browser stream = t.web.stream("/api/events", other);
  const json sessions = t.done(200, "GET", "/api/sessions");
  REQUIRE(sessions.size() == 2);
  const auto newest =
      sessions[0]["id"].dump() > sessions[1]["id"].dump() ? sessions[0]["id"] : sessions[1]["id"];
  t.done(200, "DELETE",
         fmt::format("/api/sessions/{}", newest.is_string() ? newest.get<std::string>() : newest.dump()));
  stream.expect_closed();
  CHECK(t.web.get("/api/me", other).status == 401);
  CHECK(t.web.get("/api/me", t.headers).status == 200);
}

TEST_CASE("web: a new password needs the old one, ends other logins, and keeps this one") {
  Resources t;
  const std::string other = t.web.login("ann");
  CHECK(t.refused(400, "POST", "/api/account/password", {{"password", "a new password"}}) == "bad_command");
  CHECK(t.refused(401, "POST", "/api/account/password",
                  {{"current", "wrong"}, {"password", "a new password"}}) == "wrong_login");
  CHECK(t.refused(409, "POST", "/api/account/password", {{"current", "secret"}, {"password", "x"}}) ==
        "refused");
  const Reply reply =
      t.ask("POST", "/api/account/password", {{"current", "secret"}, {"password", "a new password"}});
  INFO(reply.body);
  REQUIRE(reply.status == 204);
  CHECK(t.web.get("/api/me", other).status == 401);
  CHECK(t.web.get("/api/me", t.headers).status == 401);
  const std::string cookie = reply.header("Set-Cookie");
  CHECK(t.web.get("/api/me", fmt::format("Cookie: {}\r\n", cookie.substr(0, cookie.find(';')))).status ==
        200);
  CHECK(t.web.get("/api/me", t.web.login("ann", "a new password")).status == 200);
}

TEST_CASE("web: a device's token is no password") {
  Resources t;
  const json made = t.done(201, "POST", "/api/devices", {{"name", "phone"}});
  const std::string token = made["token"];
  t.headers = fmt::format("Authorization: Bearer {}\r\n", token);
  CHECK(t.refused(403, "POST", "/api/account/password",
                  {{"current", token}, {"password", "a new password"}}) == "not_password");
}

TEST_CASE("web: administrators keep the users, and nobody else does") {
  Resources user;
  CHECK(user.refused(403, "GET", "/api/users") == "not_admin");
  CHECK(user.refused(403, "POST", "/api/users", {{"name", "bob"}, {"password", "a long password"}}) ==
        "not_admin");

  Resources t(true);
  t.done(201, "POST", "/api/users", {{"name", "bob"}, {"password", "a long password"}});
  const std::string bob = t.web.login("bob", "a long password");
  t.done(200, "POST", "/api/users/bob/disable");
  CHECK(t.web.get("/api/me", bob).status != 200);
  t.done(200, "POST", "/api/users/bob/enable");
  t.done(200, "POST", "/api/users/bob/rename", {{"name", "robert"}});
  CHECK(t.done(200, "GET", "/api/users").size() == 2);
  t.done(200, "DELETE", "/api/users/robert");
  CHECK(t.refused(404, "DELETE", "/api/users/robert") == "not_found");
}

TEST_CASE("web: each resource is a command, and each command of users and administrators a resource") {
  using halley::cli::Who;
  std::vector<std::string> resources;
  for (const auto& route : halley::gateway::Api::routes()) {
    const std::string words(route.command.words);
    if (words.empty()) continue;
    INFO(route.path);
    const auto* command = halley::cli::find_command(words);
    REQUIRE(command != nullptr);
    CHECK((command->who == Who::kAdmin) == (route.access == halley::gateway::Access::kAdmin));
    CHECK((route.command.options == "--yes") == !command->traits.destroys.empty());
    resources.push_back(words);
  }
  for (const auto& command : halley::cli::commands()) {
    if (command.who == Who::kOperator || command.who == Who::kProgram) continue;
    // What has an address of another shape, and what is for people.
    if (command.words == "history" || command.words == "search" || command.words == "help" ||
        command.words.starts_with("outbox") || command.words.starts_with("push"))
      continue;
    INFO(command.words);
    CHECK(std::ranges::find(resources, command.words) != resources.end());
  }
}
