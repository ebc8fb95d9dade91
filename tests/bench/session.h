// What one client speaks over its transport. Fed with bytes, it finds bench lines and says when it is
// attached. Owner: a client of the pool; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/bench/line_sink.h"

namespace bench {

struct SessionOptions {
  std::string protocol = "irc";  // irc, ndjson, sse, websocket, iframe, poll
  std::string pass;              // PASS of an IRC client, bearer token of an HTTP client
  std::string nick = "bench";
  std::string caps;            // IRC capabilities to ask for
  std::string after;           // HTTP cursor to resume from
  std::uint64_t channels = 1;  // an IRC client is attached after so many ends of NAMES
  std::int64_t first = -1;     // the first sequence number to expect; -1: any
};

class Session {
 public:
  explicit Session(SessionOptions options) : options_(std::move(options)), check_(options_.first) {}
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // What to say once connected.
  virtual std::string hello() const = 0;
  // Takes what it can use of the bytes and returns how much that was; the rest comes again with more behind
  // it.
  virtual std::size_t consume(std::string_view bytes, std::uint64_t now, Tally& tally) = 0;

  bool attached() const { return attached_; }
  std::uint64_t received() const { return check_.received(); }
  std::string take_answers() { return std::exchange(answers_, {}); }
  bool has_answers() const { return !answers_.empty(); }
  // Why the server turned this client away; empty: it did not.
  const std::string& refusal() const { return refusal_; }

 protected:
  const SessionOptions options_;
  SequenceCheck check_;
  bool attached_ = false;
  std::string answers_;
  std::string refusal_;
};

std::unique_ptr<Session> make_irc_session(SessionOptions options);
std::unique_ptr<Session> make_http_session(SessionOptions options);

}  // namespace bench
