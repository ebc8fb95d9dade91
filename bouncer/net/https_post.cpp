#include "bouncer/net/https_post.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bouncer/net/address.h"

namespace halley::net {
namespace {

HttpsPost& post_of(llhttp_t* parser) {
  return *static_cast<HttpsPost*>(parser->data);
}

bool is_retry_after(std::string_view name) {
  constexpr std::string_view kName = "retry-after";
  return std::ranges::equal(name, kName, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

std::string bytes_of(const HttpsRequest& request) {
  std::string authority = host_and_port(request.host, request.port);
  if (request.port == (request.tls ? 443 : 80)) authority.resize(authority.rfind(':'));
  return fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                     request.target, authority, request.headers, request.body.size(), request.body);
}

// Also what stood behind its end before.
void wipe_all(std::string& bytes) {
  bytes.resize(bytes.capacity());
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

}  // namespace

HttpsRequest::~HttpsRequest() {
  wipe_all(headers);
}

const llhttp_settings_t& HttpsPost::settings() {
  static const llhttp_settings_t table = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t size) {
      post_of(p).name_.append(at, size);
      return 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t size) {
      post_of(p).value_.append(at, size);
      return 0;
    };
    s.on_header_value_complete = [](llhttp_t* p) {
      post_of(p).header_done();
      return 0;
    };
    // 100 and its kin come before the answer (RFC 9110 section 15.2).
    s.on_headers_complete = [](llhttp_t* p) {
      HttpsPost& post = post_of(p);
      if (p->status_code < 200 || post.complete_) return 0;
      post.answer_.status = p->status_code;
      post.complete_ = true;
      return 0;
    };
    return s;
  }();
  return table;
}

HttpsPost::HttpsPost(Loop& loop, Dialer& dialer, HttpsRequest request, Done done)
    : done_(std::move(done)), out_(bytes_of(request)) {
  llhttp_init(&parser_, HTTP_RESPONSE, &settings());
  parser_.data = this;
  timer_ = loop.timer([this, seconds = (request.timeout_ms + 999) / 1000] {
    finish(std::unexpected(fmt::format("no answer within {} s", seconds)));
  });
  timer_->start(request.timeout_ms);
  DialTarget target;
  target.host = request.host;
  target.port = request.port;
  target.tls = request.tls;
  target.allow_private_hosts = request.allow_private_hosts;
  target.allow_setting = "[push] allow_private_hosts";
  target.timeout_ms = request.timeout_ms;
  dial_ = dialer.dial(target, [this](auto result) { dialled(std::move(result)); });
}

HttpsPost::~HttpsPost() {
  wipe_all(out_);
}

void HttpsPost::dialled(std::expected<Dialled, std::string> result) {
  if (!result) return finish(std::unexpected(std::move(result.error())));
  stream_ = std::move(result->stream);
  stream_->listen(*this);
  stream_->resume();
  write();
}

void HttpsPost::write() {
  const std::string_view rest = out_;
  if (!rest.empty()) out_.erase(0, stream_->write({&rest, 1}));
}

void HttpsPost::header_done() {
  if (is_retry_after(name_) && !complete_) {
    std::uint64_t seconds = 0;
    const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), seconds);
    if (error == std::errc{} && end == value_.data() + value_.size()) answer_.retry_after_s = seconds;
  }
  name_.clear();
  value_.clear();
}

void HttpsPost::on_data(std::string_view bytes) {
  read_ += bytes.size();
  const llhttp_errno_t error = llhttp_execute(&parser_, bytes.data(), bytes.size());
  // What is behind the head is of no interest, be it right or not.
  if (complete_) return finish(answer_);
  if (error != HPE_OK)
    return finish(std::unexpected(fmt::format("the answer is no HTTP: {}", llhttp_errno_name(error))));
  if (read_ > kMaxAnswerHead) finish(std::unexpected(std::string("the answer's head is too long")));
}

void HttpsPost::on_closed(std::string_view reason) {
  finish(
      std::unexpected(fmt::format("it hung up without an answer{}{}", reason.empty() ? "" : ": ", reason)));
}

// The last thing that is done: the callback may destroy this.
void HttpsPost::finish(std::expected<HttpsAnswer, std::string> result) {
  timer_->stop();
  dial_.reset();
  stream_.reset();
  const Done done = std::move(done_);
  done(std::move(result));
}

}  // namespace halley::net
