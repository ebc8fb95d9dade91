// An ordinary IRC client over a WebSocket: a line is a message, without its CR LF. Source: IRCv3 "WebSocket
// support".
//
// What an HttpConnection hands its stream to, and the other end of it: a net::Stream that carries lines, for
// who serves ordinary clients.
//
// Thread: the loop's. Owner: the HttpConnection; the far end is owned by whom it was given to, and either may
// go first. Bounds: a message of the client has 16 KiB at most (1009 beyond); of lines towards it, what 64
// KiB hold beyond what the kernel took; of its bytes, what came in one read, while the far end is paused.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bouncer/net/stream.h"
#include "bouncer/net/websocket.h"
#include "gateway/http/stream_body.h"

namespace halley::gateway {

class IrcSocket final : public StreamBody {
 public:
  // `head`: the bytes of the answer's head, sent before anything else. `text`: messages are text, and what is
  // not UTF-8 in a line becomes U+FFFD; else they are binary.
  IrcSocket(net::Stream& stream, std::string_view head, bool text);
  ~IrcSocket() override;
  // REQUIRES: called once.
  std::unique_ptr<net::Stream> far_end();

  void received(std::string_view bytes) override;
  bool leaving() const override { return state_.leaving; }
  void drained() override;
  void closed() override;

 private:
  class FarEnd;
  std::size_t write(std::span<const std::string_view> slices);
  void put_line(std::string_view line);
  void read();
  void answer(net::WebSocketReader::Result result);
  void hear(std::string_view message);
  void leave(net::WsCode code, std::string_view reason);
  void flush();
  std::size_t unsent() const { return state_.out.size() - state_.out_at; }

  // What it is, as values (besides what the reader has of a message).
  struct State {
    std::string in = {};       // bytes that came while the far end is paused
    std::string partial = {};  // the beginning of a line towards the client
    std::string out;           // frames
    std::size_t out_at = 0;    // bytes of them that are out
    bool text;
    bool leaving = false;  // a close frame is among `out`: nothing goes behind it
    bool gone = false;     // the stream is closed
  };

  net::Stream& stream_;
  FarEnd* far_ = nullptr;  // null: not taken yet, or gone
  State state_;
  net::WebSocketReader reader_;
  bool blocked_ = false;  // the far end was refused bytes: it hears when there is room
  bool reading_ = false;
};

// Appends `bytes` with U+FFFD for each part that is not UTF-8.
void append_utf8(std::string& out, std::string_view bytes);

}  // namespace halley::gateway
