// Passwords that another program checks (auth.http): over IRC and HTTP, and what Halley's own commands say
// then.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Elsewhere {
  Elsewhere() : web(scene) {
    scene.add_user("ann");
    scene.config.auth.http = "https://auth.test/check";
  }
  // The next question, which is answered with this.
  std::string asked(std::string_view status) {
    Actor endpoint = scene.accept_network();
    endpoint.expect("POST /check HTTP/1.1");
    std::string credentials = endpoint.expect("Authorization: Basic ");
    endpoint.expect("Connection: close");
    endpoint.say(fmt::format("HTTP/1.1 {}\r\nContent-Length: 0\r\n", status));
    return credentials.substr(credentials.rfind(' ') + 1);
  }
  Actor client(std::string_view pass, std::string_view nick = "ann") {
    Actor client = scene.connect_client();
    client.say(fmt::format("PASS {}", pass));
    client.say(fmt::format("NICK {}", nick));
    client.say(fmt::format("USER {} 0 * :{}", nick, nick));
    return client;
  }
  int login(std::string_view user, std::string_view password, std::string_view status) {
    Browser browser = web.connect();
    const json body{{"username", user}, {"password", password}};
    browser.send(Web::format("POST", "/api/login", {}, body.dump()));
    asked(status);
    return browser.reply().status;
  }
  Scene scene;
  Web web;
};

}  // namespace

TEST_CASE("a client comes in by the word of auth.http, and hears when there is none") {
  Elsewhere t;
  Actor away = t.client("ann:s3cret");
  CHECK(t.asked("502 Bad Gateway") == "YW5uOnMzY3JldA==");
  CHECK_THAT(away.expect(" 464 "), Catch::Contains("cannot be checked just now"));
  away.expect_closed();
  Actor wrong = t.client("ann:secret");  // which was right here
  t.asked("401 Unauthorized");
  CHECK_THAT(wrong.expect(" 464 "), Catch::Contains("wrong user name or password"));
  Actor right = t.client("ann:s3cret");
  t.asked("200 OK");
  right.expect(" 001 ");
  Actor again = t.client("ann:s3cret");  // without another question
  again.expect(" 001 ");
  right.say("PRIVMSG *halley :user passwd password=another");
  CHECK_THAT(right.expect("PRIVMSG "), Catch::Contains("auth.http"));
}

TEST_CASE("web: logins are by the word of auth.http, which makes users where it may") {
  Elsewhere t;
  CHECK(t.login("ann", "s3cret", "500 Oops") == 503);
  CHECK(t.login("ann", "secret", "403 Forbidden") == 401);
  CHECK(t.login("ann", "s3cret", "204 No Content") == 204);
  CHECK(t.login("bob", "s3cret", "200 OK") == 403);
  t.scene.config.auth.create = true;
  CHECK(t.web.post("/api/login", R"({"username":"bob","password":"s3cret"})", {}).status == 204);
  REQUIRE(t.scene.accounts().find_user("bob") != nullptr);
  CHECK(t.web.get("/api/me", t.web.login("bob", "s3cret")).json()["user"] == "bob");
  t.scene.restart();
  CHECK(t.scene.accounts().find_user("bob") != nullptr);
}
