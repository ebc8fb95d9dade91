#include "bouncer/net/websocket.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

namespace halley::net {
namespace {

constexpr std::size_t kMostControl = 125;  // bytes of payload (section 5.5)
constexpr std::size_t kKeptCapacity =
    4096;  // a connection that waits keeps no more of a long message's memory
constexpr std::uint8_t kFin = 0x80, kReserved = 0x70, kMasked = 0x80;

bool is_control(WsOpcode opcode) {
  return (static_cast<std::uint8_t>(opcode) & 8) != 0;
}

// Codes that an endpoint may send (section 7.4, and IANA's registry).
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

// Undoes the mask, eight bytes at a time; `at`: where in the mask the first byte stands.
void unmask(char* bytes, std::size_t size, const std::array<std::uint8_t, 4>& mask, std::size_t at) {
  std::array<char, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = static_cast<char>(mask[(at + i) & 3]);
  std::uint64_t key = 0;
  std::memcpy(&key, turned.data(), sizeof key);
  std::size_t i = 0;
  for (; i + sizeof key <= size; i += sizeof key) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof word);
    word ^= key;
    std::memcpy(bytes + i, &word, sizeof word);
  }
  for (; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ turned[i & 7]);
}

}  // namespace

bool Utf8Check::feed(std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (left_ > 0) {
      if (byte < low_ || byte > high_) return false;
      --left_;
      low_ = 0x80;
      high_ = 0xBF;
    } else if (byte >= 0x80) {
      if (byte < 0xC2 || byte > 0xF4) return false;
      left_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      // Overlong forms, surrogates, and what is above U+10FFFF show in the second byte.
      if (byte == 0xE0) low_ = 0xA0;
      if (byte == 0xED) high_ = 0x9F;
      if (byte == 0xF0) low_ = 0x90;
      if (byte == 0xF4) high_ = 0x8F;
    }
  }
  return true;
}

WebSocketReader::Result WebSocketReader::fail(WsCode code, std::string_view why) {
  phase_ = Phase::kOver;
  code_ = code;
  payload_ = why;
  decltype(message_){}.swap(message_);
  return Result::kFailed;
}

// Two bytes say how long the head is: a length of 2 or 8 bytes, and the mask.
std::size_t WebSocketReader::header_size() const {
  if (header_got_ < 2) return 2;
  const unsigned size = header_[1] & 0x7FU;
  const std::size_t length = size == 126 ? 2 : size == 127 ? 8 : 0;
  return 2 + length + ((header_[1] & kMasked) != 0 ? 4 : 0);
}

WebSocketReader::Result WebSocketReader::feed(std::string_view bytes, std::size_t& taken) {
  taken = 0;
  if (done_) {
    done_ = false;
    if (message_.capacity() > kKeptCapacity) decltype(message_){}.swap(message_);
    message_.clear();
  }
  while (taken < bytes.size() && phase_ != Phase::kOver) {
    Result result = Result::kNeedMore;
    if (phase_ == Phase::kHeader) {
      header_[header_got_++] = static_cast<std::uint8_t>(bytes[taken++]);
      // What is wrong with the first two bytes need not wait for the others.
      if (header_got_ == 2 || header_got_ == header_size()) result = header();
    } else {
      const std::string_view part =
          bytes.substr(taken, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - taken)));
      taken += part.size();
      if (!keep(part)) return fail(WsCode::kBadText, "a text is not UTF-8");
      if (left_ == 0) result = frame_done();
    }
    if (result != Result::kNeedMore) return result;
  }
  return Result::kNeedMore;
}

WebSocketReader::Result WebSocketReader::header() {
  opcode_ = static_cast<WsOpcode>(header_[0] & 0x0FU);
  last_ = (header_[0] & kFin) != 0;
  const unsigned short_size = header_[1] & 0x7FU;
  if ((header_[0] & kReserved) != 0) return fail(WsCode::kProtocolError, "a reserved bit is set");
  if ((header_[1] & kMasked) == 0) return fail(WsCode::kProtocolError, "a frame is not masked");
  if (is_control(opcode_)) {
    if (opcode_ > WsOpcode::kPong) return fail(WsCode::kProtocolError, "an unknown kind of frame");
    if (!last_ || short_size > kMostControl)
      return fail(WsCode::kProtocolError, "a control frame is in parts, or too long");
  } else {
    if (opcode_ > WsOpcode::kBinary) return fail(WsCode::kProtocolError, "an unknown kind of frame");
    const bool inside = message_opcode_ != WsOpcode::kContinuation;
    if ((opcode_ == WsOpcode::kContinuation) != inside)
      return fail(WsCode::kProtocolError, "a message begins inside another, or goes on without a beginning");
  }
  if (header_got_ < header_size()) return Result::kNeedMore;

  std::uint64_t size = short_size;
  const std::size_t length = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
  if (length > 0) size = 0;
  for (std::size_t i = 0; i < length; ++i) size = size << 8 | header_[2 + i];
  if ((length == 2 && size < 126) || (length == 8 && (size < 65'536 || size >> 63 != 0)))
    return fail(WsCode::kProtocolError, "a length is not in its shortest form");
  std::copy_n(header_.begin() + 2 + length, 4, mask_.begin());
  left_ = size;
  mask_at_ = 0;
  header_got_ = 0;
  if (is_control(opcode_)) {
    control_.clear();
  } else if (size > most_ - message_.size()) {
    return fail(WsCode::kTooLarge, "a message is too long");
  } else if (opcode_ != WsOpcode::kContinuation) {
    message_opcode_ = opcode_;
    text_.reset();
  }
  phase_ = Phase::kPayload;
  return left_ == 0 ? frame_done() : Result::kNeedMore;
}

// Appends a part of a payload, unmasked. False: it makes a text invalid.
bool WebSocketReader::keep(std::string_view bytes) {
  std::string& to = is_control(opcode_) ? control_ : message_;
  const std::size_t at = to.size();
  to += bytes;
  unmask(to.data() + at, bytes.size(), mask_, mask_at_);
  mask_at_ = (mask_at_ + bytes.size()) & 3;
  left_ -= bytes.size();
  if (is_control(opcode_) || message_opcode_ != WsOpcode::kText) return true;
  return text_.feed(std::string_view(to).substr(at));
}

WebSocketReader::Result WebSocketReader::frame_done() {
  phase_ = Phase::kHeader;
  if (is_control(opcode_)) return control_done();
  if (!last_) return Result::kNeedMore;
  const bool text = message_opcode_ == WsOpcode::kText;
  if (text && !text_.whole()) return fail(WsCode::kBadText, "a text ends inside a character");
  message_opcode_ = WsOpcode::kContinuation;
  payload_ = message_;
  done_ = true;
  return text ? Result::kText : Result::kBinary;
}

WebSocketReader::Result WebSocketReader::control_done() {
  payload_ = control_;
  if (opcode_ == WsOpcode::kPing) return Result::kPing;
  if (opcode_ == WsOpcode::kPong) return Result::kPong;
  return close_frame();
}

WebSocketReader::Result WebSocketReader::close_frame() {
  phase_ = Phase::kOver;
  if (control_.empty()) {
    code_ = WsCode::kNone;
    return Result::kClose;
  }
  if (control_.size() == 1) return fail(WsCode::kProtocolError, "a close frame holds half a code");
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(control_[i]); };
  const auto code = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
  if (!may_be_sent(code))
    return fail(WsCode::kProtocolError, "a close frame holds a code that means nothing");
  payload_ = std::string_view(control_).substr(2);
  Utf8Check reason;
  if (!reason.feed(payload_) || !reason.whole()) return fail(WsCode::kBadText, "a reason is not UTF-8");
  code_ = static_cast<WsCode>(code);
  return Result::kClose;
}

void append_ws_header(std::string& out, WsOpcode opcode, std::size_t size) {
  out += static_cast<char>(kFin | static_cast<std::uint8_t>(opcode));
  if (size < 126) {
    out += static_cast<char>(size);
    return;
  }
  const std::size_t length = size < 65'536 ? 2 : 8;
  out += static_cast<char>(length == 2 ? 126 : 127);
  for (std::size_t i = length; i-- > 0;) out += static_cast<char>(size >> (8 * i) & 0xFF);
}

void append_ws_frame(std::string& out, WsOpcode opcode, std::string_view payload) {
  append_ws_header(out, opcode, payload.size());
  out += payload;
}

void append_ws_close(std::string& out, WsCode code, std::string_view reason) {
  if (code == WsCode::kNone) return append_ws_header(out, WsOpcode::kClose, 0);
  std::size_t size = std::min(reason.size(), kMostControl - 2);
  while (size < reason.size() && size > 0 && (static_cast<std::uint8_t>(reason[size]) & 0xC0) == 0x80) --size;
  append_ws_header(out, WsOpcode::kClose, size + 2);
  out += static_cast<char>(static_cast<std::uint16_t>(code) >> 8);
  out += static_cast<char>(static_cast<std::uint16_t>(code) & 0xFF);
  out += reason.substr(0, size);
}

bool is_ws_key(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return std::ranges::all_of(key.substr(0, 22), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

std::string ws_accept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  // SHA-1 as the protocol wants it: it proves nothing but that this is a WebSocket server.
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return {};
  std::array<unsigned char, 64> out{};
  const int length = EVP_EncodeBlock(out.data(), digest.data(), static_cast<int>(size));
  return {reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(length)};
}

}  // namespace halley::net
