// One POST over https to a server that a user or the operator has named, and the head of its answer: for
// pushes, and for passwords that another program checks. Each has a connection of its own (RFC 9112
// section 9.6, close), follows no redirect, and reads no body.
//
// Not by libcurl: what that loads costs each daemon 0.7 MB, used or not, and addresses, names and
// certificates are checked by the Dialer already.
//
// Thread: the loop's. Owner: whoever asks; destroying it cancels it silently. Loop and dialer outlive it.
// Nothing to hand over: who asked for it sends it again.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bouncer/net/dialer.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley::net {

struct HttpsRequest {
  std::string host;  // as the Dialer takes it
  std::uint16_t port = 443;
  bool tls = true;      // else in the clear
  std::string target;   // path and query: checked, without spaces and control characters
  std::string headers;  // whole lines, each with its CR LF; Host, Content-Length and Connection are added
  std::string body;
  bool allow_private_hosts = false;
  std::uint64_t timeout_ms = 20'000;  // for all of it
  ~HttpsRequest();                    // `headers` may hold a password: no copy of them stays in memory
};

struct HttpsAnswer {
  int status = 0;
  std::uint64_t retry_after_s = 0;  // 0: not said, or said as a date
};

class HttpsPost final : private Stream::Listener {
 public:
  // Of an answer's head; a longer one is an error.
  static constexpr std::size_t kMaxAnswerHead = 16 * 1024;

  // The error is half a sentence for the operator. Called once, never from inside the constructor; may
  // destroy the HttpsPost.
  using Done = std::function<void(std::expected<HttpsAnswer, std::string>)>;
  HttpsPost(Loop& loop, Dialer& dialer, HttpsRequest request, Done done);
  HttpsPost(const HttpsPost&) = delete;
  HttpsPost& operator=(const HttpsPost&) = delete;
  ~HttpsPost();

 private:
  void on_data(std::string_view bytes) override;
  void on_drained() override { write(); }
  void on_closed(std::string_view reason) override;

  void dialled(std::expected<Dialled, std::string> result);
  void write();
  void finish(std::expected<HttpsAnswer, std::string> result);
  static const llhttp_settings_t& settings();
  void header_done();

  Done done_;
  std::string out_;  // what is still to be sent
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  llhttp_t parser_;
  std::size_t read_ = 0;
  std::string name_, value_;  // of the header field at hand
  HttpsAnswer answer_;
  bool complete_ = false;  // the head is
};

}  // namespace halley::net
