// A client's end of a WebSocket of the gateway, and its handshake.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bouncer/net/websocket.h"
#include "tests/dialogue/gateway_web.h"
#include "tests/fakes/net/websocket_cases.h"

namespace halley::dialogue {

inline constexpr std::string_view kUpgrade =
    "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

// A client's end of a WebSocket.
class Socket {
 public:
  Socket(Scene& scene, Web& web, std::string_view target, std::string_view headers,
         fakes::PipeOptions options = {})
      : Socket(scene, web.connect(options),
               Web::format("GET", target, std::string(kUpgrade) + std::string(headers))) {}
  // `request`: as it is, and whatever is sent with it before the answer is there.
  Socket(Scene& scene, Browser browser, std::string_view request)
      : scene_(scene), browser_(std::move(browser)) {
    browser_.send(request);
    REQUIRE(scene_.turn_until([&] {
      bytes_ += browser_.peer().take();
      return bytes_.find("\r\n\r\n") != std::string::npos;
    }));
    const std::size_t end = bytes_.find("\r\n\r\n") + 4;
    head = bytes_.substr(0, end);
    bytes_.erase(0, end);
  }

  void send(net::WsOpcode opcode, std::string_view payload, bool last = true) {
    browser_.send(fakes::websocket_frame(static_cast<unsigned>(opcode) | (last ? 0x80U : 0U), payload));
  }
  void say(std::string_view line) { send(net::WsOpcode::kText, line); }

  struct Frame {
    net::WsOpcode opcode;
    std::string payload;
  };
  // The next frame; fails the test when none comes.
  Frame next() {
    std::optional<Frame> frame;
    REQUIRE(scene_.turn_until([&] { return (frame = parse()).has_value(); }));
    return *frame;
  }
  // Reads texts until one holds `part`.
  std::string expect(std::string_view part) {
    for (;;) {
      const Frame frame = next();
      INFO(frame.payload);
      REQUIRE(frame.opcode != net::WsOpcode::kClose);
      if (frame.payload.find(part) != std::string::npos) return frame.payload;
    }
  }
  unsigned expect_close() {
    for (;;) {
      const Frame frame = next();
      if (frame.opcode == net::WsOpcode::kClose) return closed_with(frame);
    }
  }
  // The code of a close frame, behind which the connection ends.
  unsigned closed_with(const Frame& frame) {
    REQUIRE(scene_.turn_until([&] { return browser_.peer().closed(); }));
    if (frame.payload.size() < 2) return 1005;
    return static_cast<unsigned>(static_cast<unsigned char>(frame.payload[0])) << 8 |
           static_cast<unsigned char>(frame.payload[1]);
  }
  Browser& browser() { return browser_; }
  std::string head;

 private:
  std::optional<Frame> parse() {
    bytes_ += browser_.peer().take();
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[i]); };
    if (bytes_.size() < 2) return std::nullopt;
    std::size_t size = byte(1) & 0x7FU, at = 2;
    const std::size_t length = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (bytes_.size() < at + length) return std::nullopt;
    if (length > 0) size = 0;
    for (std::size_t i = 0; i < length; ++i) size = size << 8 | byte(at++);
    if (bytes_.size() < at + size) return std::nullopt;
    Frame frame{static_cast<net::WsOpcode>(byte(0) & 0x0FU), bytes_.substr(at, size)};
    bytes_.erase(0, at + size);
    return frame;
  }

  Scene& scene_;
  Browser browser_;
  std::string bytes_;
};

}  // namespace halley::dialogue
