// The framing of WebSockets (RFC 6455), a server's side: bytes in, messages out. No I/O, and no extensions.
//
// Owned by whoever reads the connection; a value. Thread: its owner's. What a byte costs does not depend on
// how the bytes are split, nor on how a message is fragmented. Bounds: a message, and what a reader keeps,
// has at most `most` bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace halley::net {

// RFC 6455 section 7.4.1.
enum class WsCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kNone = 1005,  // the close frame names none; never sent
  kBadText = 1007,
  kTooLarge = 1009,
};
enum class WsOpcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

// Is text valid UTF-8 so far (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF)? Known at
// the byte that makes it invalid, however the text is split.
class Utf8Check {
 public:
  bool feed(std::string_view bytes);  // false: it cannot become valid any more
  bool whole() const { return left_ == 0; }
  void reset() { *this = Utf8Check{}; }

 private:
  std::uint8_t left_ = 0;                  // continuation bytes still to come
  std::uint8_t low_ = 0x80, high_ = 0xBF;  // of the next one
};

class WebSocketReader {
 public:
  enum class Result { kNeedMore, kText, kBinary, kPing, kPong, kClose, kFailed };

  explicit WebSocketReader(std::size_t most) : most_(most) {}
  // Takes bytes from the front and says how many. Other than kNeedMore: payload() is what came, until the
  // next call; the rest of the bytes is to be fed again. After kClose and kFailed nothing more is taken.
  Result feed(std::string_view bytes, std::size_t& taken);

  // A whole message; what a ping or pong carries; the reason of a close, or of the failure.
  std::string_view payload() const { return payload_; }
  // Of kClose: what the peer said, or kNone. Of kFailed: what to close with.
  WsCode code() const { return code_; }

 private:
  enum class Phase { kHeader, kPayload, kOver };
  Result header();
  Result frame_done();
  Result control_done();
  Result close_frame();
  Result fail(WsCode code, std::string_view why);
  std::size_t header_size() const;
  std::string_view take(std::string_view bytes);
  bool keep(std::string_view bytes);

  std::size_t most_;
  Phase phase_ = Phase::kHeader;
  std::array<std::uint8_t, 14> header_{};
  std::size_t header_got_ = 0;
  std::array<std::uint8_t, 4> mask_{};
  WsOpcode opcode_ = WsOpcode::kContinuation;  // of the frame
  bool last_ = false;                          // ... the message ends with it
  std::uint64_t left_ = 0;                     // ... bytes of its payload that are still to come
  std::size_t mask_at_ = 0;                    // ... and where in the mask they begin
  WsOpcode message_opcode_ =
      WsOpcode::kContinuation;  // of the unfinished message; kContinuation: there is none
  std::string message_, control_;
  bool done_ = false;  // message_ was handed out
  Utf8Check text_;
  std::string_view payload_;
  WsCode code_ = WsCode::kNone;
};

// The head of a server's frame that is a whole message (unmasked) of `size` bytes of payload.
void append_ws_header(std::string& out, WsOpcode opcode, std::size_t size);
void append_ws_frame(std::string& out, WsOpcode opcode, std::string_view payload);
// A close frame; the reason is cut to what fits, at a character's end.
void append_ws_close(std::string& out, WsCode code, std::string_view reason);

// Is this a Sec-WebSocket-Key: 16 bytes in base64?
bool is_ws_key(std::string_view key);
// The Sec-WebSocket-Accept that answers it.
std::string ws_accept(std::string_view key);

}  // namespace halley::net
