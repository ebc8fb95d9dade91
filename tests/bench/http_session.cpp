#include <cstring>

#include "tests/bench/http_body.h"
#include "tests/bench/session.h"

namespace bench {
namespace {

// Takes one message of a server's WebSocket (RFC 6455 section 5.2: not masked) off the front; false: it is
// not whole.
bool take_message(std::string_view& bytes, std::string_view& message) {
  if (bytes.size() < 2) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::uint64_t size = byte(1) & 0x7FU;
  const std::size_t length = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (bytes.size() < 2 + length) return false;
  if (length > 0) size = 0;
  for (std::size_t i = 0; i < length; ++i) size = size << 8 | byte(2 + i);
  if (bytes.size() - 2 - length < size) return false;
  message = bytes.substr(2 + length, static_cast<std::size_t>(size));
  bytes.remove_prefix(2 + length + message.size());
  return true;
}

// A reader of /api/events over any transport: the same frames, with something else around them.
class HttpSession final : public Session {
 public:
  explicit HttpSession(SessionOptions options) : Session(std::move(options)), after_(options_.after) {}

  std::string hello() const override {
    const std::string upgrade =
        options_.protocol == "websocket"
            ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            : "";
    return "GET /api/events?transport=" + options_.protocol + (after_.empty() ? "" : "&after=" + after_) +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + upgrade + "Authorization: Bearer " + options_.pass +
           "\r\n\r\n";
  }

  std::size_t consume(std::string_view bytes, std::uint64_t now, Tally& tally) override {
    std::size_t at = 0;
    while (at < bytes.size()) {
      at += body_.take(bytes.substr(at));
      const int good = options_.protocol == "websocket" ? 101 : 200;
      if (body_.status() != 0 && body_.status() != good) refusal_ = "HTTP " + std::to_string(body_.status());
      if (body_.ended()) {
        read_frames(now, tally, true);
        if (!refusal_.empty()) return at;
        body_.next_message();
        attached_ = true;
        answers_ = hello();
      }
    }
    read_frames(now, tally, false);
    return at;
  }

 private:
  // Streams have one frame a line; a poll's array has them side by side, cut here before each `{"id"`.
  void read_frames(std::uint64_t now, Tally& tally, bool whole) {
    std::string& body = body_.body();
    const bool poll = options_.protocol == "poll";
    if (poll && !whole) return;
    if (options_.protocol == "websocket") {
      std::string_view rest = body, message;
      while (take_message(rest, message)) read_frame(message, now, tally, false);
      body.erase(0, body.size() - rest.size());
      return;
    }
    std::size_t at = 0;
    while (at < body.size()) {
      const std::size_t end = poll ? body.find("{\"id\"", at + 1) : body.find('\n', at);
      if (end == std::string::npos && !poll) break;
      read_frame(std::string_view(body).substr(at, std::min(end, body.size()) - at), now, tally, poll);
      at = end == std::string::npos ? body.size() : end + (poll ? 0 : 1);
    }
    body.erase(0, at);
  }

  void read_frame(std::string_view frame, std::uint64_t now, Tally& tally, bool poll) {
    Stamp stamp;
    if (find_stamp(frame, stamp))
      check_.take(stamp, now, tally);
    else if (!attached_ && frame.find("\"ready\"") != std::string_view::npos)
      attached_ = true;
    if (!poll) return;
    const std::size_t id = frame.find("\"id\":\"");
    if (id == std::string_view::npos) return;
    after_ = frame.substr(id + 6, frame.find('"', id + 6) - id - 6);
  }

  HttpBody body_;
  std::string after_;
};

}  // namespace

std::unique_ptr<Session> make_http_session(SessionOptions options) {
  return std::make_unique<HttpSession>(std::move(options));
}

}  // namespace bench
