// POST /api/account: the commands of `/msg *halley` for pages and programs.
#include <catch2/catch.hpp>
#include <string>

#include "tests/dialogue/gateway_web.h"

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

  // A password is hashed elsewhere: the answer comes later.
  const Reply changed =
      web.post("/api/account", R"({"line":"user passwd password=longer-than-that"})", headers);
  CHECK(changed.json()["status"] == 0);
  CHECK(web.get("/api/me", headers).status == 401);
  CHECK(web.get("/api/me", web.login("ann", "longer-than-that")).status == 200);
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
