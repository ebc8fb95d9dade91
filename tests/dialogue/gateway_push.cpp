// /api/push: a browser subscribes to Web Push.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "bouncer/push/pusher.h"
#include "tests/dialogue/attached.h"
#include "tests/dialogue/gateway_web.h"
#include "tests/dialogue/push_service.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::PushService;
using halley::dialogue::Reply;
using halley::dialogue::Web;
using halley::push::Pusher;

namespace {

struct Subscribing : Attached {
  Subscribing() : web(scene), service(scene) { page = web.login("ann"); }
  Reply subscribe(std::string_view more = {}, int number = 1) {
    return web.post("/api/push",
                    fmt::format(R"({{"endpoint":"{}","p256dh":"{}","auth":"{}"{}}})",
                                PushService::endpoint(number), service.p256dh(), service.auth(), more),
                    page);
  }
  void call_ann() {
    bob("ann: hi");
    server->ping();
    scene.advance(Pusher::kUnreadMs);
  }
  void read_all() {
    Actor desk = scene.attach("ann/net@desk", "draft/read-marker");
    desk.say("MARKREAD #c timestamp=2123-01-01T00:00:00.000Z");
    desk.expect("MARKREAD #c timestamp=");
  }
  Web web;
  PushService service;
  std::string page;
};

}  // namespace

TEST_CASE("web: a browser subscribes to all networks, is listed, pushed to, and removed") {
  Subscribing t;
  const Reply empty = t.web.get("/api/push", t.page);
  CHECK(empty.status == 200);
  CHECK(empty.json()["vapid"] == t.scene.bouncer().pusher().public_key());
  CHECK(empty.json()["subscriptions"].empty());

  const Reply made = t.subscribe();
  CHECK(made.status == 201);
  const auto id = made.json()["id"].get<int>();
  const auto one = t.web.get("/api/push", t.page).json()["subscriptions"][0];
  CHECK(one["id"] == id);
  CHECK(one["endpoint"] == "https://push.example");
  CHECK(one["network"] == "");
  CHECK(one["here"] == true);
  CHECK(one["markread"] == true);
  CHECK(one["sent"].is_null());
  const std::string other = t.web.login("ann");
  CHECK(t.web.get("/api/push", other).json()["subscriptions"][0]["here"] == false);

  t.call_ann();
  const std::string text = t.service.next().text;
  CHECK(text.find(";halley/network=net") != std::string::npos);
  CHECK(text.ends_with(" :bob!b@h PRIVMSG #c :ann: hi"));
  t.read_all();
  CHECK(t.service.next().text.starts_with("@halley/network=net :halley.test MARKREAD #c timestamp="));

  CHECK(t.web.ask(Web::format("DELETE", fmt::format("/api/push/{}", id + 1), t.page)).status == 404);
  CHECK(t.web.ask(Web::format("DELETE", "/api/push/x", t.page)).status == 404);
  CHECK(t.web.ask(Web::format("DELETE", fmt::format("/api/push/{}", id), t.page)).status == 204);
  t.call_ann();
  CHECK(t.service.idle());
}

TEST_CASE("web: who does not want to hear that notices were read is not told") {
  Subscribing t;
  CHECK(t.subscribe(R"(,"markread":false)").status == 201);
  t.call_ann();
  t.service.next();
  t.read_all();
  CHECK(t.service.idle());
}

TEST_CASE("web: a subscription ends with its login") {
  Subscribing t;
  CHECK(t.subscribe().status == 201);
  CHECK(t.web.post("/api/logout", "{}", t.page).status == 204);
  CHECK(t.scene.bouncer().pusher().count() == 0);
  t.call_ann();
  CHECK(t.service.idle());
}

TEST_CASE("web: a program's subscription goes with its token") {
  Subscribing t;
  t.page = t.web.token("ann", "script");
  CHECK(t.subscribe().status == 201);
  CHECK(t.web.get("/api/push", t.page).json()["subscriptions"][0]["device"] == "script");
  REQUIRE(t.scene.accounts().revoke_device("ann", "script"));
  t.scene.accounts().flush(nullptr);
  CHECK(t.scene.bouncer().pusher().count() == 0);
}

TEST_CASE("web: what is no subscription is 400, and one too many 409") {
  Subscribing t;
  const auto post = [&](std::string_view body) { return t.web.post("/api/push", body, t.page).status; };
  CHECK(post("{}") == 400);
  CHECK(post(R"({"endpoint":"https://p.example/","p256dh":"x","auth":"y"})") == 400);
  CHECK(t.subscribe(R"(,"markread":1)").status == 400);
  for (int i = 0; i < 16; ++i) CHECK(t.subscribe({}, i).status == 201);
  CHECK(t.subscribe({}, 16).json()["error"] == "too_many");
  CHECK(t.web.get("/api/push", "").status == 401);
}
