// HTTP: WebSockets, for the event stream and for ordinary IRC clients.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/web_socket.h"

using halley::dialogue::Actor;
using halley::dialogue::kUpgrade;
using halley::dialogue::Scene;
using halley::dialogue::Socket;
using halley::dialogue::Web;
using halley::net::WsOpcode;
using nlohmann::json;

namespace {

struct Attached {
  explicit Attached(std::uint64_t seed = 1) : scene(seed), web(scene) {
    scene.add_user("ann");
    scene.add_network("ann", "net", {"#c"});
    server.emplace(scene.register_network());
    scene.join(*server, "#c");
    headers = web.login("ann");
  }
  void bob(std::string_view text) {
    server->say(fmt::format(":bob!b@h PRIVMSG #c :{}", text));
    server->ping();
  }
  Scene scene;
  Web web;
  std::optional<Actor> server;
  std::string headers;
};

int status_of(Attached& t, std::string_view target, std::string_view headers) {
  return t.web.get(target, headers).status;
}

}  // namespace

TEST_CASE("web: a WebSocket carries the same frames as the other transports") {
  Attached t(GENERATE(1U, 2U, 3U));
  Socket socket(t.scene, t.web, "/api/events", t.headers);
  CHECK(socket.head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(socket.head.find("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  CHECK(socket.head.find("Transfer-Encoding") == std::string::npos);
  CHECK(json::parse(socket.next().payload)["event"] == "hello");
  CHECK(json::parse(socket.next().payload) == json{{"event", "snapshot"}});
  std::string cursor = json::parse(socket.expect("\"ready\""))["id"];
  t.bob("one");
  const json one = json::parse(socket.expect("PRIVMSG #c :one"));
  CHECK(one["prev"] == cursor);
  cursor = one["id"];
  // It goes on where it was, by whatever transport.
  t.bob(std::string(300, 'x'));
  Socket again(t.scene, t.web, "/api/events?after=" + cursor, t.headers);
  const json two = json::parse(again.expect("PRIVMSG #c :" + std::string(300, 'x')));
  CHECK(two["prev"] == cursor);
  again.expect("\"ready\"");
  t.bob("three");
  again.expect("PRIVMSG #c :three");
  t.scene.advance(13'000);
  again.expect("\"ping\"");
}

TEST_CASE("web: a WebSocket of events answers pings and closes in order") {
  Attached t(GENERATE(1U, 2U));
  Socket socket(t.scene, t.web, "/api/events", t.headers);
  socket.expect("\"ready\"");
  SECTION("a ping, also in the midst of a message that nobody hears") {
    socket.send(WsOpcode::kText, "no", false);
    socket.send(WsOpcode::kPing, "hello");
    const Socket::Frame pong = socket.next();
    CHECK(pong.opcode == WsOpcode::kPong);
    CHECK(pong.payload == "hello");
    socket.send(WsOpcode::kContinuation, "body");
    t.bob("still here");
    socket.expect("still here");
  }
  SECTION("the client closes") {
    socket.send(WsOpcode::kClose,
                "\x0f\xa1"
                "bye");
    CHECK(socket.expect_close() == 4001);
  }
  SECTION("the client breaks the protocol") {
    socket.send(static_cast<WsOpcode>(3), "");
    CHECK(socket.expect_close() == 1002);
  }
  SECTION("the client says too much") {
    socket.send(WsOpcode::kBinary, std::string(5000, 'x'));
    CHECK(socket.expect_close() == 1009);
  }
  SECTION("the login ends") {
    CHECK(t.web.post("/api/logout", "{}", t.headers).status == 204);
    socket.expect("\"end\"");
    CHECK(socket.expect_close() == 1000);
  }
  t.scene.advance(1000);
}

TEST_CASE("web: a stalled WebSocket costs a cursor, and its pings one answer") {
  Attached t;
  t.scene.config.limits.client_queue = 64'000;
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 3000;
  Socket socket(t.scene, t.web, "/api/events", t.headers, narrow);
  socket.expect("\"ready\"");
  socket.browser().peer().pause();
  for (int i = 0; i < 3000; ++i)
    t.server->say(fmt::format(":bob!b@h PRIVMSG #c :line {} {}", i, std::string(200, '.')));
  for (int i = 0; i < 500; ++i) socket.send(WsOpcode::kPing, fmt::format("{}", i));
  t.scene.advance(100);  // it was waited for in vain
  t.server->ping();
  const std::string metrics = t.web.metrics();
  CHECK(metrics.find("halley_http_streams{transport=\"websocket\"} 1\n") != std::string::npos);
  socket.browser().peer().resume();
  int lines = 0, pongs = 0;
  while (lines < 3000) {
    const Socket::Frame frame = socket.next();
    if (frame.opcode == WsOpcode::kPong) ++pongs;
    if (frame.payload.find(fmt::format("line {} ", lines)) != std::string::npos) ++lines;
  }
  CHECK(pongs < 500);
}

TEST_CASE("web: what is no handshake is refused") {
  Attached t;
  const std::string host = "GET /api/events HTTP/1.1\r\nHost: halley.test\r\n" + t.headers;
  const auto status = [&](std::string_view rest) {
    return t.web.ask(host + std::string(rest) + "\r\n").status;
  };
  CHECK(status("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n") == 400);
  CHECK(status("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
               "x\r\n") == 400);
  CHECK(status("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
               "dGhlIHNhbXBsZSBub25jZQ==\r\n") == 400);
  CHECK(status("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") == 426);
  CHECK(status_of(t, "/api/events?transport=websocket", t.headers) == 426);
  CHECK(status_of(t, "/irc", {}) == 426);
  CHECK(status_of(t, "/api/events", kUpgrade) == 401);
  CHECK(status_of(t, "/irc", std::string(kUpgrade) + "Origin: http://evil.test\r\n") == 403);
  const std::string cookie = t.headers.substr(0, t.headers.find("\r\n") + 2);
  CHECK(status_of(t, "/api/events", std::string(kUpgrade) + cookie + "Origin: http://evil.test\r\n") == 403);
}

TEST_CASE("web: an ordinary IRC client attaches over a WebSocket") {
  Attached t(GENERATE(1U, 2U, 3U));
  const std::string protocol = GENERATE(as<std::string>{}, "", "text.ircv3.net", "binary.ircv3.net");
  const bool binary = protocol == "binary.ircv3.net";
  const std::string header =
      protocol.empty() ? "" : fmt::format("Sec-WebSocket-Protocol: other, {}\r\n", protocol);
  Socket socket(t.scene, t.web, "/irc", header);
  CHECK(socket.head.starts_with("HTTP/1.1 101 "));
  CHECK((socket.head.find("Sec-WebSocket-Protocol: " + protocol) != std::string::npos) == !protocol.empty());
  for (const auto* line : {"PASS ann:secret", "NICK x\r\n", "USER x 0 * :x\n"})
    socket.send(binary ? WsOpcode::kBinary : WsOpcode::kText, line);
  const std::string welcome = socket.expect(" 001 ");
  CHECK(welcome.find_first_of("\r\n") == std::string::npos);
  socket.expect(" 422 ");
  socket.say("PRIVMSG #c :gr\u00fc\u00df");
  t.server->expect("PRIVMSG #c :gr\u00fc\u00df");
  t.bob("latin \xfc and \xe2\x82");
  const std::string heard = socket.expect("latin ");
  CHECK(heard.ends_with(binary ? "latin \xfc and \xe2\x82" : "latin \ufffd and \ufffd"));
  socket.send(WsOpcode::kPing, "p");
  CHECK(socket.next().opcode == WsOpcode::kPong);
  SECTION("the client quits") {
    socket.say("QUIT");
    CHECK(socket.expect_close() == 1000);
  }
  SECTION("the client closes") {
    socket.send(WsOpcode::kClose, "\x03\xe8");
    CHECK(socket.expect_close() == 1000);
  }
  SECTION("the client vanishes") {
    socket.browser().peer().close();
  }
  SECTION("a text that is none") {
    socket.say("\xff");
    CHECK(socket.expect_close() == 1007);
  }
  SECTION("a line that is too long") {
    socket.say(std::string(20'000, 'x'));
    CHECK(socket.expect_close() == 1009);
  }
  t.scene.advance(1000);
  CHECK(t.scene.user("ann").clients().empty());
}

TEST_CASE("web: a slow IRC client over a WebSocket loses nothing") {
  Attached t(GENERATE(1U, 2U));
  halley::fakes::PipeOptions narrow;
  narrow.capacity = 2000;
  narrow.split_writes = true;
  Socket socket(t.scene, t.web, "/irc", {}, narrow);
  for (const auto* line : {"PASS ann@slow:secret", "NICK x", "USER x 0 * :x"}) socket.say(line);
  socket.expect(" 422 ");
  socket.browser().peer().pause();
  for (int i = 0; i < 2000; ++i)
    t.server->say(fmt::format(":bob!b@h PRIVMSG #c :line {} {}", i, std::string(200, '.')));
  t.server->ping();
  socket.browser().peer().resume();
  for (int i = 0; i < 2000; ++i) socket.expect(fmt::format("line {} ", i));
}
