// RFC 6455 held against the whole gateway: what opens a WebSocket and what does not, and what becomes of each
// frame. All bytes arrive in pieces split at random.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/dialogue/web_socket.h"

using halley::dialogue::kUpgrade;
using halley::dialogue::Reply;
using halley::dialogue::Scene;
using halley::dialogue::Socket;
using halley::dialogue::Web;
using halley::net::WsOpcode;

namespace {

constexpr std::size_t kLeastCases = 250;

// --- The opening handshake (section 4.2) ---

struct Opening {
  std::string name;
  int status;
  std::string request;
  std::string part = {};     // of the answer's head
  std::string without = {};  // what its head has not
};

// The usual lines of a handshake, of which a case changes one.
struct Lines {
  std::string request = "GET /irc HTTP/1.1";
  std::string host = "Host: halley.test\r\n";
  std::string connection = "Connection: Upgrade\r\n";
  std::string upgrade = "Upgrade: websocket\r\n";
  std::string version = "Sec-WebSocket-Version: 13\r\n";
  std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  std::string more = {};
  std::string text() const {
    return request + "\r\n" + host + connection + upgrade + version + key + more + "\r\n";
  }
};

void add_lines(std::vector<Opening>& cases, int status, std::string Lines::*line,
               std::initializer_list<std::string> values, const Opening& seen = {}) {
  for (const std::string& value : values) {
    Lines lines;
    lines.*line = value;
    cases.push_back({value, status, lines.text(), seen.part, seen.without});
  }
}

const Opening kAccepts = {.name = {},
                          .status = 101,
                          .request = {},
                          .part = "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
                          .without = "Sec-WebSocket-Extensions"};
const Opening kSaysHow = {.name = {},
                          .status = 426,
                          .request = {},
                          .part = "\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                          .without = "Sec-WebSocket-Accept"};
const Opening kRefuses = {
    .name = {}, .status = 400, .request = {}, .part = {}, .without = "Sec-WebSocket-Accept"};

std::vector<Opening> connection_lines() {
  std::vector<Opening> cases;
  add_lines(cases, 101, &Lines::connection,
            {"Connection: Upgrade\r\n", "connection: upgrade\r\n", "CONNECTION: UPGRADE\r\n",
             "Connection: keep-alive, Upgrade\r\n", "Connection: Upgrade, keep-alive\r\n",
             "Connection:Upgrade\r\n", "Connection: \t Upgrade \t\r\n", "Connection: , Upgrade ,\r\n",
             "Connection: keep-alive\r\nConnection: Upgrade\r\n",
             "Connection: Upgrade\r\nConnection: keep-alive\r\n",
             "Connection: a, b\r\nX: y\r\nConnection: c, Upgrade\r\n"},
            kAccepts);
  add_lines(cases, 400, &Lines::connection,
            {"", "Connection:\r\n", "Connection: keep-alive\r\n", "Connection: close\r\n",
             "Connection: Upgraded\r\n", "Connection: up grade\r\n", "Connection: \"Upgrade\"\r\n",
             "Connection: Upgrade;q=1\r\n", "X-Connection: Upgrade\r\n"},
            kRefuses);
  add_lines(cases, 101, &Lines::upgrade,
            {"Upgrade: websocket\r\n", "upgrade: WebSocket\r\n", "UPGRADE: WEBSOCKET\r\n",
             "Upgrade: h2c, websocket\r\n", "Upgrade: websocket, h2c\r\n", "Upgrade: ,websocket,\r\n",
             "Upgrade: h2c\r\nUpgrade: websocket\r\n", "Upgrade: websocket\r\nUpgrade: h2c\r\n"},
            kAccepts);
  add_lines(cases, 426, &Lines::upgrade,
            {"", "Upgrade:\r\n", "Upgrade: h2c\r\n", "Upgrade: websockets\r\n", "Upgrade: web socket\r\n",
             "Upgrade: websocket/13\r\n", "X-Upgrade: websocket\r\n"},
            kSaysHow);
  return cases;
}

std::vector<Opening> versions_and_keys() {
  std::vector<Opening> cases;
  add_lines(
      cases, 101, &Lines::version,
      {"Sec-WebSocket-Version: 13\r\n", "sec-websocket-version:13\r\n", "Sec-WebSocket-Version: \t13 \r\n"},
      kAccepts);
  add_lines(
      cases, 426, &Lines::version,
      {"", "Sec-WebSocket-Version:\r\n", "Sec-WebSocket-Version: 0\r\n", "Sec-WebSocket-Version: 7\r\n",
       "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 12\r\n", "Sec-WebSocket-Version: 14\r\n",
       "Sec-WebSocket-Version: 25\r\n", "Sec-WebSocket-Version: 256\r\n", "Sec-WebSocket-Version: 013\r\n",
       "Sec-WebSocket-Version: +13\r\n", "Sec-WebSocket-Version: 13.0\r\n", "Sec-WebSocket-Version: 0x0d\r\n",
       "Sec-WebSocket-Version: 13, 8\r\n", "Sec-WebSocket-Version: \"13\"\r\n",
       "Sec-WebSocket-Version: 1 3\r\n"},
      kSaysHow);
  add_lines(cases, 400, &Lines::version,
            {"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n",
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n",
             "Sec-WebSocket-Version: 8\r\nsec-websocket-version: 13\r\n"},
            kRefuses);
  add_lines(cases, 101, &Lines::key,
            {"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
             "sec-websocket-key:  //////////////////////==  \r\n",
             "SEC-WEBSOCKET-KEY:++++++++++++++++++++++==\r\n"},
            {.name = {}, .status = 101, .request = {}, .part = "\r\nSec-WebSocket-Accept: ", .without = {}});
  add_lines(
      cases, 400, &Lines::key,
      {"", "Sec-WebSocket-Key:\r\n", "Sec-WebSocket-Key: x\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ===\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j==\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAAAA==\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j-_==\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ$==\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBs ZSBub25jZ==\r\n", "Sec-WebSocket-Key: ====================== ==\r\n",
       "Sec-WebSocket-Key: \"dGhlIHNhbXBsZSBub25jZQ==\"\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==\r\n",
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"},
      kRefuses);
  return cases;
}

std::vector<Opening> other_lines() {
  std::vector<Opening> cases;
  add_lines(
      cases, 101, &Lines::more,
      {"Sec-WebSocket-Extensions: permessage-deflate\r\n",
       "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-webkit-deflate-frame\r\n",
       "Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
       "Sec-WebSocket-Extensions:\r\n", "Sec-WebSocket-Extensions: ;;,,=\r\n",
       "Origin: http://halley.test\r\n", "Cookie: halley=x\r\n", "Content-Length: 0\r\n",
       "User-Agent: x\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"},
      kAccepts);
  add_lines(cases, 403, &Lines::more,
            {"Origin: http://evil.test\r\n", "Origin: null\r\n", "Origin: http://halley.test.evil.test\r\n",
             "Origin: http://halley.test:81\r\n", "Sec-Fetch-Site: cross-site\r\n"},
            kRefuses);
  add_lines(cases, 400, &Lines::more,
            {"Origin: http://halley.test\r\nOrigin: http://evil.test\r\n",
             "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "Bad Header: x\r\n", "X: a\r\n b\r\n"},
            kRefuses);
  add_lines(cases, 101, &Lines::request,
            {"GET /irc HTTP/1.1", "GET /irc? HTTP/1.1", "GET /irc?a=b HTTP/1.1",
             "GET http://halley.test/irc HTTP/1.1"},
            kAccepts);
  add_lines(cases, 400, &Lines::request,
            {"GET /irc HTTP/1.0", "HEAD /irc HTTP/1.1", "GET http://evil.test/irc HTTP/1.1",
             "GET irc HTTP/1.1", "GET /irc"},
            kRefuses);
  add_lines(cases, 405, &Lines::request, {"POST /irc HTTP/1.1", "PUT /irc HTTP/1.1", "DELETE /irc HTTP/1.1"},
            kRefuses);
  add_lines(cases, 505, &Lines::request, {"GET /irc HTTP/1.2", "GET /irc HTTP/2.0"}, kRefuses);
  add_lines(cases, 404, &Lines::request, {"GET /ircs HTTP/1.1", "GET /irc/x HTTP/1.1"}, kRefuses);
  add_lines(cases, 401, &Lines::request, {"GET /api/events HTTP/1.1"}, kRefuses);
  add_lines(cases, 421, &Lines::host, {"Host: evil.test\r\n"}, kRefuses);
  add_lines(cases, 400, &Lines::host, {"", "Host:\r\n", "Host: halley.test\r\nHost: halley.test\r\n"},
            kRefuses);
  return cases;
}

std::vector<Opening> subprotocols() {
  const std::string line = "\r\nSec-WebSocket-Protocol: ";
  const auto chosen = [&](const std::string& which) {
    return Opening{.name = {}, .status = 101, .request = {}, .part = line + which + "\r\n", .without = {}};
  };
  const Opening none = {.name = {}, .status = 101, .request = {}, .part = {}, .without = line};
  std::vector<Opening> cases;
  add_lines(
      cases, 101, &Lines::more,
      {"Sec-WebSocket-Protocol: text.ircv3.net\r\n", "sec-websocket-protocol:text.ircv3.net\r\n",
       "Sec-WebSocket-Protocol: text.ircv3.net, binary.ircv3.net\r\n",
       "Sec-WebSocket-Protocol: chat, text.ircv3.net\r\n", "Sec-WebSocket-Protocol: ,text.ircv3.net\r\n",
       "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: text.ircv3.net\r\n",
       "Sec-WebSocket-Protocol: text.ircv3.net\r\nSec-WebSocket-Protocol: binary.ircv3.net\r\n"},
      chosen("text.ircv3.net"));
  add_lines(cases, 101, &Lines::more,
            {"Sec-WebSocket-Protocol: binary.ircv3.net\r\n",
             "Sec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n",
             "Sec-WebSocket-Protocol: binary.ircv3.net\r\nSec-WebSocket-Protocol: text.ircv3.net\r\n"},
            chosen("binary.ircv3.net"));
  add_lines(cases, 101, &Lines::more,
            {"", "Sec-WebSocket-Protocol:\r\n", "Sec-WebSocket-Protocol: chat\r\n",
             "Sec-WebSocket-Protocol: TEXT.IRCV3.NET\r\n", "Sec-WebSocket-Protocol: text.ircv3.net.evil\r\n",
             "Sec-WebSocket-Protocol: text.ircv3.net;a\r\n"},
            none);
  return cases;
}

void check_opening(Web& web, const Opening& opening) {
  INFO(opening.name);
  halley::dialogue::Browser browser = web.connect();
  browser.send(opening.request);
  const Reply reply = browser.head();
  INFO(reply.head);
  CHECK(reply.status == opening.status);
  CHECK(reply.head.find(opening.part) != std::string::npos);
  if (!opening.without.empty()) CHECK(reply.head.find(opening.without) == std::string::npos);
  const bool opened = opening.status == 101;
  CHECK((reply.head.find("\r\nUpgrade: websocket\r\n") != std::string::npos) ==
        (opened || opening.status == 426));
  if (opened || opening.status == 426)
    CHECK(reply.head.find("\r\nConnection: Upgrade\r\n") != std::string::npos);
}

// --- Frames ---

// What the table says that a reader hears, as what a server sends then: pongs, and a close.
std::string answer_to(std::string_view heard) {
  std::string sent;
  while (!heard.empty()) {
    const std::size_t open = heard.find('('), end = heard.find(") ");
    const std::string_view kind = heard.substr(0, open);
    if (kind == "close")
      return sent + fmt::format("close({})", heard.substr(open + 1, heard.find(',') - open - 1));
    if (kind == "failed") return sent + fmt::format("close{}", heard.substr(open));
    if (kind == "ping") sent += fmt::format("pong{}", heard.substr(open, end + 2 - open));
    heard.remove_prefix(end + 2);
  }
  return sent + "pong(mark) ";
}

// Pongs up to the one that answers `mark`, or up to the end.
std::string answers(Socket& socket) {
  std::string sent;
  for (;;) {
    const Socket::Frame frame = socket.next();
    if (frame.opcode == WsOpcode::kPong) sent += fmt::format("pong({}) ", frame.payload);
    if (frame.opcode == WsOpcode::kPong && frame.payload == "mark") return sent;
    if (frame.opcode == WsOpcode::kClose) return sent + fmt::format("close({})", socket.closed_with(frame));
  }
}

void check_frames(Scene& scene, Web& web, const std::string& request, const halley::fakes::WebSocketCase& c) {
  INFO(c.name);
  const std::string mark = halley::fakes::websocket_frame(0x89, "mark");
  // In one with the handshake, and when the answer has come.
  Socket at_once(scene, web.connect(), request + c.bytes + mark);
  REQUIRE(at_once.head.starts_with("HTTP/1.1 101 "));
  CHECK(answers(at_once) == answer_to(c.heard));
  Socket later(scene, web.connect(), request);
  later.browser().send(c.bytes + mark);
  CHECK(answers(later) == answer_to(c.heard));
}

std::size_t check_all_frames(std::string_view target, std::size_t most) {
  Scene scene;
  scene.add_user("ann");
  Web web(scene);
  const std::string request = Web::format("GET", target, std::string(kUpgrade) + web.login("ann"));
  std::size_t cases = 0;
  for (const auto& [group, table] : halley::fakes::websocket_cases()) {
    INFO(group);
    for (const auto& c : table) {
      if (c.bytes.size() > most) continue;
      check_frames(scene, web, request, c);
      ++cases;
    }
  }
  return cases;
}

}  // namespace

TEST_CASE("RFC 6455: a handshake opens a WebSocket, and what is none is told why") {
  Scene scene;
  scene.add_user("ann");
  Web web(scene);
  std::size_t cases = 0;
  for (const auto& table : {connection_lines(), versions_and_keys(), other_lines(), subprotocols()}) {
    for (const Opening& opening : table) check_opening(web, opening);
    cases += table.size();
  }
  CHECK(cases >= 120);
}

TEST_CASE("RFC 6455: each frame is answered as it must be, on a stream of events") {
  REQUIRE(check_all_frames("/api/events", 4000) >= kLeastCases);
}

TEST_CASE("RFC 6455: each frame is answered as it must be, of an IRC client") {
  REQUIRE(check_all_frames("/irc", 16'000) >= kLeastCases);
}

TEST_CASE("RFC 6455: a text reaches its reader byte by byte as it was, and no other") {
  Scene scene;
  scene.add_user("ann");
  Web web(scene);
  Socket socket(scene, web, "/irc", {});
  for (const auto* line : {"PASS ann:secret", "NICK x", "USER x 0 * :x"}) socket.say(line);
  socket.expect(" 422 ");
  for (const auto& [group, table] : halley::fakes::websocket_cases()) {
    if (group != "texts") continue;
    for (const auto& c : table) {
      if (!c.heard.starts_with("text(")) continue;
      INFO(c.name);
      const std::string said = c.heard.substr(5, c.heard.size() - 7);
      if (said.find('\0') != std::string::npos) continue;  // is in no line of IRC
      socket.send(WsOpcode::kText, "PING :", false);
      socket.send(WsOpcode::kContinuation, said.substr(0, 3), false);
      socket.send(WsOpcode::kPing, "between");
      socket.send(WsOpcode::kContinuation, said.substr(3));
      const std::string pong = socket.expect("PONG");
      CHECK(pong.substr(pong.find_last_of(" :") + 1) == said);
    }
  }
}
