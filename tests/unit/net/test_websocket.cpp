// RFC 6455: the reader makes of each case of the table what it must, given to it whole, byte by byte, and
// split at random.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "bouncer/net/websocket.h"
#include "tests/fakes/net/fake_random.h"
#include "tests/fakes/net/websocket_cases.h"

using namespace halley;
using namespace halley::net;
using namespace std::string_literals;
using fakes::shown;

namespace {

// What the reader makes of these bytes, given to it in pieces of sizes that `piece` says.
template <typename Piece>
std::string read(std::string_view bytes, Piece&& piece, std::size_t most = fakes::kMostOfCases) {
  WebSocketReader reader(most);
  std::string heard;
  while (!bytes.empty()) {
    const std::string part(bytes.substr(0, piece()));  // of its own: a view that is kept is seen by ASan
    std::size_t taken = 0;
    const WebSocketReader::Result result = reader.feed(part, taken);
    bytes.remove_prefix(taken);
    using Result = WebSocketReader::Result;
    const std::string code = std::to_string(static_cast<unsigned>(reader.code()));
    switch (result) {
      case Result::kNeedMore:
        if (taken < part.size()) return heard + "STUCK";
        break;
      case Result::kText:
        heard += "text(" + shown(reader.payload()) + ") ";
        break;
      case Result::kBinary:
        heard += "binary(" + shown(reader.payload()) + ") ";
        break;
      case Result::kPing:
        heard += "ping(" + shown(reader.payload()) + ") ";
        break;
      case Result::kPong:
        heard += "pong(" + shown(reader.payload()) + ") ";
        break;
      case Result::kClose:
        return heard + "close(" + code + "," + shown(reader.payload()) + ")";
      case Result::kFailed:
        return heard + (reader.payload().empty() ? "failed without a word" : "failed(" + code + ")");
    }
  }
  return heard;
}

void check(const fakes::WebSocketCase& c, fakes::FakeRandom& random) {
  INFO(c.name);
  CHECK(read(c.bytes, [&] { return c.bytes.size(); }) == c.heard);
  CHECK(read(c.bytes, [] { return std::size_t{1}; }) == c.heard);
  for (int round = 0; round < 5; ++round)
    CHECK(read(c.bytes, [&] { return random.between(1, c.bytes.size() > 1000 ? 5000 : 7); }) == c.heard);
}

}  // namespace

TEST_CASE("WebSocket frames are read as RFC 6455 says, in at least 400 cases") {
  fakes::FakeRandom random(7);
  std::size_t cases = 0;
  for (const auto& [group, table] : fakes::websocket_cases()) {
    INFO(group);
    for (const auto& c : table) check(c, random);
    cases += table.size();
  }
  REQUIRE(cases >= 400);
}

TEST_CASE("a WebSocket message costs its bytes, however small its parts are") {
  std::string bytes = fakes::websocket_frame(1, "");
  for (int i = 0; i < 65'536; ++i) bytes += fakes::websocket_frame(0, std::string(64, 'x'));
  bytes += fakes::websocket_frame(0x80, "");
  CHECK(read(
            bytes, [] { return std::size_t{64 * 1024}; }, std::size_t{4} << 20) ==
        "text(4194304 bytes of x) ");
}

TEST_CASE("a WebSocket server's frames") {
  for (const std::size_t size : {0U, 125U, 126U, 65'535U, 65'536U}) {
    std::string out;
    append_ws_frame(out, WsOpcode::kBinary, std::string(size, 'x'));
    const std::size_t head = size < 126 ? 2 : size < 65'536 ? 4 : 10;
    CHECK(out.size() == head + size);
    CHECK(out[0] == '\x82');
  }
  std::string out;
  append_ws_close(out, WsCode::kNormal, "bye");
  CHECK(out ==
        "\x88\x05\x03\xe8"
        "bye");
  out.clear();
  append_ws_close(out, WsCode::kNone, "unheard");
  CHECK(out == "\x88\x00"s);
  out.clear();
  append_ws_close(out, WsCode::kGoingAway, std::string(122, 'x') + "\xc3\xbc");
  CHECK(out.size() == 2 + 2 + 122);  // no half character
}

TEST_CASE("a WebSocket's key is answered") {
  CHECK(ws_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 section 1.3
  CHECK(is_ws_key("dGhlIHNhbXBsZSBub25jZQ=="));
  for (const auto* bad : {"", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===",
                          "dGhlIHNhbXBsZSBub25jZ$==", "dGhlIHNhbXBsZSBub25jZQAA"})
    CHECK_FALSE(is_ws_key(bad));
}
