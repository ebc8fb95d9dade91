// What `device list` tells of a device: from where and with what it came, whether it is there, when it was
// last here, and how far behind it is.
#include <catch2/catch.hpp>

#include "tests/dialogue/attached.h"
#include "tests/dialogue/web_socket.h"

using halley::dialogue::Actor;
using halley::dialogue::Attached;
using halley::dialogue::Scene;
using halley::dialogue::Socket;
using halley::dialogue::Web;
using nlohmann::json;

namespace {

struct Listed : Attached {
  Listed() : web(scene), headers(web.login("ann")) {}
  json device(std::string_view name) {
    const json list = web.get("/api/devices", headers).json();
    for (const json& one : list) {
      if (one["name"] == name) return one;
    }
    FAIL("there is no device " << name);
    return {};
  }
  Web web;
  std::string headers;
};

}  // namespace

TEST_CASE("a device's address, transport, place and last visit are told, while it is there and afterwards") {
  Listed t;
  Actor phone = t.scene.attach("ann/net@phone");
  t.bob("one");
  phone.expect("one");
  t.scene.advance(1000);
  json now = t.device("phone");
  CHECK(now["online"] == true);
  CHECK(now["address"] == "127.0.0.1");
  CHECK(now["transport"] == "irc");
  CHECK(now["behind"] == 0);
  const std::string seen = now["seen"];
  t.scene.advance(90'000);
  CHECK(t.device("phone")["seen"] > seen);

  phone.close();
  t.scene.advance(1000);
  const json left = t.device("phone");
  CHECK(left["online"] == false);
  CHECK(left["seen"] > seen);
  t.bob("two");
  t.bob("three");
  t.server->ping();
  t.scene.advance(60'000);
  now = t.device("phone");
  CHECK(now["behind"] == 2);
  CHECK(now["behind_more"] == false);
  CHECK(now["seen"] == left["seen"]);

  // It is durable.
  t.scene.restart();
  Web web(t.scene);
  const json again = web.get("/api/devices", web.login("ann")).json();
  REQUIRE(again.size() == 1);
  CHECK(again[0]["address"] == "127.0.0.1");
  CHECK(again[0]["seen"] == left["seen"]);
}

TEST_CASE(
    "a client by a WebSocket is known by what its request says that it is, of which a bounded part is kept") {
  Listed t;
  Socket socket(
      t.scene, t.web, "/irc",
      "Sec-WebSocket-Protocol: text.ircv3.net\r\nUser-Agent: Gamja/1.0 " + std::string(300, 'x') + "\r\n");
  socket.say("PASS ann/net@tablet:secret");
  socket.say("NICK ann");
  socket.say("USER ann 0 * :ann");
  socket.expect(" 422 ");
  const json tablet = t.device("tablet");
  CHECK(tablet["online"] == true);
  CHECK(tablet["transport"] == "websocket");
  const std::string software = tablet["software"];
  CHECK(software.starts_with("Gamja/1.0 xxx"));
  CHECK(software.size() == 120);
}

TEST_CASE(
    "a program with a device's token is listed with its transport, and nothing is kept of one that was "
    "revoked") {
  Listed t;
  const auto token = t.scene.accounts().add_device("ann", "bot");
  REQUIRE(token);
  t.scene.accounts().flush(nullptr);
  const std::string bearer = "Authorization: Bearer " + *token + "\r\nUser-Agent: curl/8.5\r\n";
  Socket socket(t.scene, t.web, "/api/events", bearer);
  socket.expect("\"ready\"");
  const json bot = t.device("bot");
  CHECK(bot["online"] == true);
  CHECK(bot["software"] == "curl/8.5");
  CHECK(bot["transport"] == "websocket");
  CHECK(bot["behind"].is_null());  // it keeps its place itself

  REQUIRE(t.scene.accounts().revoke_device("ann", "bot"));
  t.scene.accounts().flush(nullptr);
  t.scene.advance(1000);
  CHECK(t.web.get("/api/devices", t.headers).json().empty());
  t.scene.restart();
  t.scene.drain();
  bool kept = true;
  t.scene.store().read_states(t.scene.user("ann").id(),
                              static_cast<std::uint16_t>(halley::StateKind::kDeviceVisit),
                              [&](const auto& rows) { kept = !rows || !rows->empty(); });
  REQUIRE(t.scene.turn_until([&] { return !kept; }));
}

TEST_CASE("a client of all networks is one visit") {
  Listed t;
  Actor all = t.scene.attach("ann/*@desk");
  all.ping();
  const json desk = t.device("desk");
  CHECK(desk["online"] == true);
  CHECK(desk["transport"] == "irc");
}

TEST_CASE("of a user's visits sixty records a minute are kept; a device that is here twice leaves once") {
  Listed t;
  Actor phone = t.scene.attach("ann/net@phone");
  Actor twin = t.scene.attach("ann/net@phone");
  twin.close();
  t.scene.advance(1000);
  CHECK(t.device("phone")["online"] == true);
  for (int i = 0; i < 40; ++i) {
    Actor desk = t.scene.attach("ann/net@desk");
    desk.ping();
    desk.close();
    t.scene.advance(10);
  }
  t.scene.advance(60'000);
  Actor tablet = t.scene.attach("ann/net@tablet");
  tablet.ping();
  t.scene.drain();
  std::size_t records = 0;
  t.scene.store().read_states(t.scene.user("ann").id(),
                              static_cast<std::uint16_t>(halley::StateKind::kDeviceVisit),
                              [&](const auto& rows) { records = rows ? rows->size() : 0; });
  // What came of the phone, what came and left of the desk, what came of the tablet.
  REQUIRE(t.scene.turn_until([&] { return records == 4; }));
  CHECK(t.device("tablet")["address"] == "127.0.0.1");
}
