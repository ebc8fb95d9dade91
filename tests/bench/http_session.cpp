#include <cstring>

#include "tests/bench/http_body.h"
#include "tests/bench/session.h"

namespace bench {
namespace {

// A reader of /api/events over ndjson, sse or poll: the same frames in three framings.
class HttpSession final : public Session {
 public:
  explicit HttpSession(SessionOptions options) : Session(std::move(options)), after_(options_.after) {}

  std::string hello() const override {
    return "GET /api/events?transport=" + options_.protocol + (after_.empty() ? "" : "&after=" + after_) +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + options_.pass + "\r\n\r\n";
  }

  std::size_t consume(std::string_view bytes, std::uint64_t now, Tally& tally) override {
    std::size_t at = 0;
    while (at < bytes.size()) {
      at += body_.take(bytes.substr(at));
      if (body_.status() != 0 && body_.status() != 200) refusal_ = "HTTP " + std::to_string(body_.status());
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
