// POST /api/account: the commands of `/msg *halley` for pages and programs.
#include <catch2/catch.hpp>
#include <string>

#include "tests/dialogue/gateway_web.h"

using halley::dialogue::Actor;
using halley::dialogue::Browser;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Web;
using nlohmann::json;

TEST_CASE("POST /api/account runs a command of its user, also without a network, and gives words and JSON") {
  Scene scene;
  scene.add_user("ann", "secret");
  Web web(scene);
  const std::string headers = web.login("ann");

  const Reply list = web.post("/api/account", R"({"line":"network list"})", headers);
  CHECK(list.status == 200);
  CHECK(list.json()["status"] == 0);
  CHECK_FALSE(list.json()["text"].get<std::string>().empty());
  CHECK(list.json()["json"] == json::array());
  const Reply unknown = web.post("/api/account", R"({"line":"nonsense"})", headers);
  CHECK(unknown.status == 200);
  CHECK(unknown.json()["status"] == 2);
  CHECK_FALSE(unknown.json().contains("json"));
  // What is said here is kept nowhere: it is said back as it was.
  CHECK(unknown.json()["text"].get<std::string>().find("nonsense") != std::string::npos);
  CHECK(web.post("/api/account", R"({"line":"network show 'a"})", headers).json()["status"] == 2);
  CHECK(web.post("/api/account", R"({"line":"user list"})", headers).json()["status"] == 1);
}

TEST_CASE("who found a cookie or a token gets no new password by it, on whatever way") {
  Scene scene;
  scene.add_user("ann", "secret");
  halley::SettingValues settings;
  settings.set("admin", "yes");
  REQUIRE(scene.accounts().set_user("ann", settings));
  scene.accounts().flush(nullptr);
  scene.add_network("ann", "net", {"#c"});
  Actor server = scene.register_network();
  Web web(scene);
  const bool token = GENERATE(false, true);
  const std::string headers = token ? web.token("ann", "phone") : web.login("ann");
  const std::string hash = scene.accounts().find_user("ann")->password_hash;
  const auto no = [](const Reply& reply) {
    INFO(reply.body);
    CHECK(reply.body.find("POST /api/account/password") != std::string::npos);
  };
  for (const char* const line :
       {"user passwd password=taken-over", "user passwd", "user passwd --devices password=taken-over",
        "user passwd password-hash=$argon2id$x", "user set ANN password-hash=$argon2id$x",
        "user set ann password=taken-over"}) {
    const Reply reply = web.post("/api/account", json{{"line", line}}.dump(), headers);
    CHECK(reply.json()["status"] == 1);
    no(reply);
  }
  const Reply patch =
      web.ask(Web::format("PATCH", "/api/users/ann", headers, R"({"password-hash":"$argon2id$x"})"));
  CHECK(patch.status == 409);
  no(patch);
  Browser stream = web.stream("/api/events?client=c", headers);
  stream.expect("\"ready\"");
  CHECK(web.command(headers, "c", 1, "PRIVMSG *halley :user passwd password=taken-over").status == 200);
  stream.expect("POST /api/account/password");
  // Nor by a token that was made with it, on IRC.
  const std::string made = web.post("/api/devices", R"({"name":"made"})", headers).json()["token"];
  Actor other_way = scene.connect_client();
  other_way.say("PASS ann/net:" + made);
  other_way.say("NICK ann");
  other_way.say("USER ann 0 * :Ann");
  other_way.expect(" 001 ");
  other_way.say("PRIVMSG *halley :user passwd password=taken-over");
  other_way.expect("needs the current one");
  CHECK(scene.accounts().find_user("ann")->password_hash == hash);
  CHECK(web.get("/api/me", headers).status == 200);

  // Of others an administrator may, and an ordinary client that is logged in may of its own user.
  scene.add_user("bob");
  const Reply other =
      web.ask(Web::format("PATCH", "/api/users/bob", headers, json{{"password-hash", hash}}.dump()));
  CHECK(other.status == 200);
  Actor client = scene.attach("ann/net");
  client.say("PRIVMSG *halley :user passwd password=longer-than-that");
  CHECK(scene.turn_until([&] { return scene.accounts().find_user("ann")->password_hash != hash; }));
}

TEST_CASE("POST /api/account takes a line from whoever is logged in, and nothing else") {
  Scene scene;
  scene.add_user("ann", "secret");
  Web web(scene);
  const std::string headers = web.login("ann");
  CHECK(web.post("/api/account", R"({"line":"network list"})", "").status == 401);
  for (const char* const bad : {R"({"line":""})", R"({"line":7})", "{}", "{\"line\":\"a\\u0000b\"}"})
    CHECK(web.post("/api/account", bad, headers).status == 400);
  CHECK(web.post("/api/account", json{{"line", std::string(41 * 1024, 'x')}}.dump(), headers).status == 400);
}
