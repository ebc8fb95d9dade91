// HTTP: passkeys, made by who has the password, and logins by them.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "bouncer/push/base64url.h"
#include "tests/dialogue/gateway_web.h"
#include "tests/fakes/accounts/soft_authenticator.h"

using halley::dialogue::Actor;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using halley::fakes::SoftAuthenticator;
using halley::push::base64url_encode;
using nlohmann::json;

namespace {

// A browser of somebody's, with a device that has passkeys.
struct PasskeyVisitor {
  explicit PasskeyVisitor(Web& to) : web(to) {
    device.host = "halley.test", device.origin = "http://halley.test";
  }

  Reply ask(std::string_view target, const json& body, std::string_view method = "POST") {
    std::string headers = fmt::format("Origin: {}\r\n", origin);
    for (const std::string& cookie : {login, browser})
      if (!cookie.empty()) headers += fmt::format("Cookie: {}\r\n", cookie);
    return web.ask(Web::format(method, target, headers, body.is_null() ? "" : body.dump()));
  }
  static std::string cookie_of(const Reply& reply) {
    const std::string cookie = reply.header("Set-Cookie");
    return cookie.substr(0, cookie.find(';'));
  }
  void log_in(std::string_view user) {
    login = cookie_of(ask("/api/login", {{"username", user}, {"password", "secret"}}));
  }
  json challenge(std::string_view target, const json& body = nullptr) {
    const Reply reply = ask(target, body);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    browser = cookie_of(reply);
    return reply.json();
  }
  json made(const std::string& challenge) {
    const auto answer = device.create(challenge);
    return {{"name", "my phone"},
            {"clientDataJSON", base64url_encode(answer.client_data)},
            {"authenticatorData", base64url_encode(answer.authenticator_data)},
            {"publicKey", base64url_encode(device.public_key())},
            {"publicKeyAlgorithm", device.algorithm()}};
  }
  Reply make() {
    const std::string text = challenge("/api/passkeys/challenge", {{"current", "secret"}})["challenge"];
    return ask("/api/passkeys", made(text));
  }
  json assertion(const std::string& challenge) {
    const auto answer = device.get(challenge);
    return {{"id", base64url_encode(device.credential_id)},
            {"clientDataJSON", base64url_encode(answer.client_data)},
            {"authenticatorData", base64url_encode(answer.authenticator_data)},
            {"signature", base64url_encode(answer.signature)},
            {"userHandle", nullptr}};
  }
  Reply enter() {
    return ask("/api/login/passkey", assertion(challenge("/api/login/challenge")["challenge"]));
  }
  std::string me() { return ask("/api/me", nullptr, "GET").json().value("user", "nobody"); }

  Web& web;
  SoftAuthenticator device;
  std::string origin = "http://halley.test", login, browser;
};

struct PasskeyScene {
  PasskeyScene() : web(scene), kit(web) {
    scene.add_user("kit");
    scene.add_user("bob");
    kit.log_in("kit");
  }
  bool audited(std::string_view part) const {
    return std::ranges::any_of(scene.audit, [&](const auto& line) { return line.contains(part); });
  }
  Scene scene;
  Web web;
  PasskeyVisitor kit;
};

}  // namespace

TEST_CASE("web: a passkey is made with the password, and logs in, over a restart too") {
  PasskeyScene t;
  const json options = t.kit.challenge("/api/passkeys/challenge", {{"current", "secret"}});
  CHECK((options["rp"]["id"] == "halley.test" && options["user"]["name"] == "kit"));
  CHECK((options["excludeCredentials"].empty() && options["attestation"] == "none"));
  CHECK(options["authenticatorSelection"]["userVerification"] == "required");
  CHECK(options["pubKeyCredParams"][0]["alg"] == -7);
  const Reply made = t.kit.ask("/api/passkeys", t.kit.made(options["challenge"]));
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.json()["id"] == 1);
  const json list = t.kit.ask("/api/passkeys", nullptr, "GET").json();
  REQUIRE(list.size() == 1);
  CHECK((list[0]["name"] == "my phone" && list[0]["host"] == "halley.test" && list[0]["used"] == "never"));
  CHECK(t.audited("passkey 1 of kit made from 127.0.0.1"));

  t.scene.restart();
  t.web.restart();
  PasskeyVisitor visitor(t.web);
  std::swap(visitor.device, t.kit.device);
  const Reply entered = visitor.enter();
  INFO(entered.body);
  REQUIRE(entered.status == 204);
  CHECK(entered.header("Set-Cookie").starts_with("halley="));
  visitor.login = PasskeyVisitor::cookie_of(entered);
  CHECK(visitor.me() == "kit");
  CHECK(t.audited("login of kit from 127.0.0.1 by a passkey"));
  // The device is told what it has already.
  const json again = visitor.challenge("/api/passkeys/challenge", {{"current", "secret"}});
  CHECK(again["excludeCredentials"][0]["id"] == base64url_encode("an id"));
  CHECK(again["user"]["id"] == options["user"]["id"]);

  CHECK(visitor.ask("/api/passkeys/2", nullptr, "DELETE").status == 404);
  CHECK(visitor.ask("/api/passkeys/1", nullptr, "DELETE").status == 200);
  CHECK(visitor.enter().status == 401);
  CHECK(t.audited("login refused from 127.0.0.1: passkey: it is not known here"));
  CHECK(visitor.me() == "kit");  // who is in stays in
}

TEST_CASE("web: a passkey's answer counts once, of the browser and page that were asked") {
  PasskeyScene t;
  REQUIRE(t.kit.make().status == 201);
  const json good = t.kit.assertion(t.kit.challenge("/api/login/challenge")["challenge"]);
  const Reply entered = t.kit.ask("/api/login/passkey", good);
  REQUIRE(entered.status == 204);
  t.kit.login = PasskeyVisitor::cookie_of(entered);  // the one of before has ended
  const Reply replayed = t.kit.ask("/api/login/passkey", good);
  CHECK((replayed.status == 401 && replayed.json()["error"] == "wrong_login"));
  const std::string browser = t.kit.browser;
  json other = t.kit.assertion(t.kit.challenge("/api/login/challenge")["challenge"]);
  CHECK(t.kit.browser == browser);  // two tabs may ask
  t.kit.browser.clear();
  CHECK(t.kit.ask("/api/login/passkey", other).status == 401);
  for (const char* target : {"/api/login/challenge", "/api/login/passkey"}) {
    t.kit.origin = "http://evil.test";
    CHECK(t.kit.ask(target, json::object()).json()["error"] == "bad_origin");
    CHECK(t.web.post(target, "{}", "").json()["error"] == "no_origin");
    t.kit.origin = "http://halley.test";
  }
  t.kit.device.origin = "http://evil.test";
  CHECK(t.kit.enter().status == 401);
  t.kit.device.origin = "http://halley.test";
  t.kit.device.host = "evil.test";
  CHECK(t.kit.enter().status == 401);
  CHECK(t.kit.make().status == 409);
  t.kit.device.host = "halley.test";
  CHECK(t.kit.enter().status == 204);
}

TEST_CASE("web: who found an open page or a token makes no passkey; nobody takes another's") {
  PasskeyScene t;
  CHECK(t.kit.ask("/api/passkeys/challenge", {{"current", "wrong"}}).status == 401);
  CHECK(t.kit.ask("/api/passkeys/challenge", json::object()).json()["error"] == "bad_passkey");
  const auto token = t.scene.accounts().add_device("kit", "bot");
  REQUIRE(token);
  t.scene.accounts().flush(nullptr);
  CHECK(t.kit.ask("/api/passkeys/challenge", {{"current", *token}}).json()["error"] == "not_password");
  const std::string asked = t.kit.challenge("/api/passkeys/challenge", {{"current", "secret"}})["challenge"];
  PasskeyVisitor bob(t.web);
  CHECK(bob.ask("/api/passkeys", bob.made(asked)).status == 401);
  bob.log_in("bob");
  bob.browser = t.kit.browser;
  CHECK(bob.ask("/api/passkeys", bob.made(asked)).status == 409);
  REQUIRE(t.kit.make().status == 201);
  CHECK(bob.make().status == 409);  // that id is kit's
  CHECK(bob.ask("/api/passkeys/1", nullptr, "DELETE").status == 404);
  json named = t.kit.assertion(t.kit.challenge("/api/login/challenge")["challenge"]);
  named["username"] = "bob";
  CHECK(t.kit.ask("/api/login/passkey", named).status == 401);
  REQUIRE(t.scene.accounts().set_enabled("kit", false));
  t.scene.accounts().flush(nullptr);
  CHECK(t.kit.enter().json()["error"] == "disabled");
}

TEST_CASE("web: a passkey whose counter goes back is refused, and the account shows it") {
  PasskeyScene t;
  t.kit.device.counts = true;
  REQUIRE(t.kit.make().status == 201);
  REQUIRE(t.kit.enter().status == 204);
  t.kit.device.counter = 0;
  const Reply refused = t.kit.enter();
  CHECK(refused.status == 401);
  CHECK_THAT(refused.json()["message"].get<std::string>(), Catch::Contains("its counter went back"));
  CHECK(t.audited("the counter of kit's passkey 1 went back, from 127.0.0.1"));
  Actor client = t.scene.attach("kit");
  client.say("PRIVMSG *halley :user show");
  std::string shown;
  for (const std::string& line : client.until("changes")) shown += line + "\n";
  for (const std::string& line : client.ping()) shown += line + "\n";
  CHECK_THAT(shown, Catch::Contains("login refused as the counter of passkey 1 went back"));
  client.say("PRIVMSG *halley :passkey list");
  CHECK_THAT(client.until("my phone").back(), Catch::Contains("halley.test"));
}

TEST_CASE("web: what is asked of a passkey has the form that browsers give it, and bounds") {
  PasskeyScene t;
  const std::string asked = t.kit.challenge("/api/passkeys/challenge", {{"current", "secret"}})["challenge"];
  const json good = t.kit.made(asked);
  const auto with = [&](const json& part, std::string_view target = "/api/passkeys") {
    json body = good;
    body.update(part);
    return t.kit.ask(target, body).json()["error"];
  };
  CHECK(with({{"name", std::string(257, 'n')}}) == "bad_passkey");
  CHECK(with({{"clientDataJSON", std::string(4097, 'A')}}) == "bad_passkey");
  CHECK(with({{"clientDataJSON", "a+b"}}) == "bad_passkey");
  CHECK(with({{"publicKeyAlgorithm", "-7"}}) == "bad_passkey");
  CHECK(with({{"publicKeyAlgorithm", 1.5}}) == "bad_passkey");
  CHECK(with(json::object(), "/api/login/passkey") == "bad_login");
  CHECK(t.kit.ask("/api/passkeys", good).status == 201);
  // A name of a browser that no browser was given is none.
  t.kit.browser = "halley-browser=" + std::string(65, 'x');
  t.kit.challenge("/api/login/challenge");
  CHECK(t.kit.browser.size() == std::string_view("halley-browser=").size() + 43);
}
