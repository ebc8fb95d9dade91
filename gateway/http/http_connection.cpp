#include "gateway/http/http_connection.h"

#include <algorithm>
#include <array>
#include <utility>

namespace halley::gateway {
namespace {

constexpr std::uint64_t kHeadMs = 10'000;
constexpr std::uint64_t kBodyMs = 30'000;
constexpr std::uint64_t kLeaveMs = 5'000;
constexpr std::uint64_t kIdleMs = 60'000;
constexpr std::uint64_t kWriteMs = 60'000;
constexpr std::uint64_t kSlowestTaker = 1;   // bytes of an answer a millisecond
constexpr std::size_t kMaxHeld = 16 * 1024;  // of requests behind the one at hand; then reading waits

}  // namespace

HttpConnection::HttpConnection(Host& host, std::unique_ptr<net::Stream> stream, net::Peer peer,
                               std::shared_ptr<void> place, bool proxied)
    : host_(host),
      peer_(std::move(peer)),
      stream_(std::move(stream)),
      parser_(std::make_unique<RequestParser>()),
      preface_(proxied ? std::make_unique<std::string>() : nullptr),
      place_(std::move(place)) {
  https_ = peer_.tls;
  wait(kHeadMs);
  stream_->listen(*this);
  stream_->resume();
}

HttpConnection::~HttpConnection() = default;

void HttpConnection::wait(std::uint64_t ms) {
  deadline_ms_ = ms == 0 ? 0 : host_.now_ms() + ms;
}

void HttpConnection::wait_for_taker() {
  deadline_ms_ = std::min(host_.now_ms() + kWriteMs, taken_by_ms_);
}

void HttpConnection::on_data(std::string_view bytes) {
  if (preface_) {
    listen_to_proxy(bytes);
  } else if (state_ == State::kReading) {
    consume(bytes);
  } else if (state_ == State::kHandling || state_ == State::kWriting) {
    hold(bytes);
  } else if (state_ == State::kStreaming && body_) {
    body_->received(bytes);
  }
}

void HttpConnection::listen_to_proxy(std::string_view bytes) {
  preface_->append(bytes);
  ProxyWord word;
  std::size_t size = 0;
  const ProxyResult result = parse_proxy_header(*preface_, word, size);
  if (result == ProxyResult::kMore) return;
  const std::string all = std::move(*preface_);
  preface_.reset();
  if (result == ProxyResult::kBad) {
    refuse({400, "bad_proxy_header", "A header of the PROXY protocol cannot be understood."});
  } else if (result == ProxyResult::kDone && !host_.introduce(word, peer_, place_)) {
    close();
  } else {
    https_ = peer_.tls;
    const std::string_view rest = std::string_view(all).substr(result == ProxyResult::kDone ? size : 0);
    if (!rest.empty()) on_data(rest);
  }
}

void HttpConnection::hold(std::string_view bytes) {
  held_ += bytes;
  if (held_.size() > kMaxHeld) stream_->pause();
}

void HttpConnection::consume(std::string_view bytes) {
  consuming_ = true;
  while (!bytes.empty() && state_ == State::kReading) {
    if (parser_->done()) parser_->reset();
    const bool was_started = parser_->started();
    const bool was_in_body = parser_->in_body();
    std::size_t taken = 0;
    const RequestParser::Result result = parser_->feed(bytes, taken);
    bytes.remove_prefix(taken);
    if (result == RequestParser::Result::kRefused) {
      refuse(parser_->refusal());
    } else if (result == RequestParser::Result::kRequest) {
      request_ready();
    } else if (parser_->in_body()) {
      if (!was_in_body) wait(kBodyMs);
      if (parser_->take_expectation()) {
        constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        // 25 bytes into an empty socket; should they not fit, the client sends its body after a second all
        // the same.
        stream_->write({&kContinue, 1});
      }
    } else if (!was_started && parser_->started()) {
      wait(kHeadMs);
    }
  }
  consuming_ = false;
  release_parser();
  if (bytes.empty()) return;
  if (state_ == State::kHandling || state_ == State::kWriting) hold(bytes);
  if (state_ == State::kStreaming && body_) body_->received(bytes);
}

// What nobody looks at any more: an answered request, and, while streaming, the parser itself.
void HttpConnection::release_parser() {
  if (consuming_ || !parser_) return;
  if (state_ == State::kStreaming) {
    parser_.reset();
  } else if (state_ == State::kReading && parser_->done()) {
    parser_->reset();
  }
}

void HttpConnection::request_ready() {
  const Request& request = parser_->request();
  state_ = State::kHandling;
  wait(0);
  keep_alive_ = request.keep_alive && !shutting_;
  head_only_ = request.method == Method::kHead;
  http11_ = request.http11;
  https_ = host_.is_https(request, peer_);
  id_ = host_.request_id(request, peer_);
  asked_ms_ = host_.now_ms();
  right_ = std::make_shared<Target*>(static_cast<Target*>(this));
  host_.handle(request, peer_, Responder(right_));
}

void HttpConnection::refuse(const Refusal& refusal) {
  state_ = State::kHandling;
  keep_alive_ = head_only_ = false;
  held_.clear();
  id_.clear();
  asked_ms_ = host_.now_ms();
  respond(error_response(refusal));
}

void HttpConnection::tell_answered(Response& response) {
  if (!id_.empty()) response.header("X-Request-Id", id_);
  const Request* request = right_ && parser_ ? &parser_->request() : nullptr;
  host_.answered({.request = request,
                  .peer = peer_,
                  .status = response.status,
                  .bytes = response.content().size(),
                  .took_ms = host_.now_ms() - asked_ms_,
                  .id = id_});
}

void HttpConnection::respond(Response response) {
  if (state_ != State::kHandling) return;
  tell_answered(response);
  right_.reset();
  keep_alive_ = keep_alive_ && !response.close && !shutting_;
  out_.clear();
  out_at_ = 0;
  append_head(out_, response, {Framing::kLength, host_.date(), keep_alive_, https_});
  if (!head_only_) {
    out_ += response.body;
    out_fixed_ = response.fixed_body;
  }
  state_ = State::kWriting;
  taken_by_ms_ = host_.now_ms() + kWriteMs + (out_.size() + out_fixed_.size()) / kSlowestTaker;
  wait_for_taker();
  write();
}

void HttpConnection::respond_with_stream(Response head, const MakeBody& make) {
  if (state_ != State::kHandling) return;
  if (head_only_) {
    head.close = true;
    respond(std::move(head));
    return;
  }
  tell_answered(head);
  right_.reset();
  state_ = State::kStreaming;
  wait(0);
  std::string bytes;
  // A chunked document that breaks off in a frame stays "loading" for ever, without a word to the page around
  // it (Chromium); one that ends with its connection is complete then, and the page hears of it.
  const bool until_close = !http11_ || !head.script_nonce.empty();
  const Framing framing = head.status == 101 ? Framing::kUpgrade
                          : until_close      ? Framing::kUntilClose
                                             : Framing::kChunked;
  append_head(bytes, head, {framing, host_.date(), false, https_});
  // An idle stream keeps no buffers: 8 KiB is all that one of ten thousand may cost.
  const std::string held = std::exchange(held_, {});
  decltype(out_){}.swap(out_);
  release_parser();
  stream_->resume();  // so that the peer's end is heard
  body_ = make(*stream_, bytes, framing == Framing::kChunked);
  if (!held.empty()) body_->received(held);
}

void HttpConnection::write() {
  while (out_at_ < out_.size() || !out_fixed_.empty()) {
    const std::string_view own = std::string_view(out_).substr(out_at_);
    const std::array<std::string_view, 2> slices{own, out_fixed_};
    const std::size_t taken = stream_->write(slices);
    if (taken > 0) wait_for_taker();
    const std::size_t of_own = std::min(taken, own.size());
    out_at_ += of_own;
    out_fixed_.remove_prefix(taken - of_own);
    if (taken < own.size() + slices[1].size()) {
      stream_->pause();  // its answers are the bound of what a peer may ask
      return;
    }
  }
  written();
}

void HttpConnection::written() {
  kept_.clear();
  if (!keep_alive_) {
    close();
    return;
  }
  if (out_.capacity() > kMaxHead) decltype(out_){}.swap(out_);
  state_ = State::kReading;
  wait(kIdleMs);
  if (consuming_) return;
  release_parser();
  const std::string held = std::exchange(held_, {});
  stream_->resume();
  if (!held.empty()) consume(held);
}

void HttpConnection::on_drained() {
  if (state_ == State::kWriting) write();
  if (state_ == State::kStreaming && body_) body_->drained();
}

void HttpConnection::on_closed(std::string_view) {
  state_ = State::kEnded;
  right_.reset();
  kept_.clear();
  if (body_) body_->closed();
  host_.ended(*this);
}

void HttpConnection::close() {
  if (state_ == State::kClosing || state_ == State::kEnded) return;
  state_ = State::kClosing;
  right_.reset();
  wait(0);
  stream_->close();
}

void HttpConnection::shut() {
  shutting_ = true;
  if (state_ == State::kReading) close();
}

void HttpConnection::tick(std::uint64_t now_ms) {
  if (state_ == State::kStreaming && deadline_ms_ == 0 && body_ && body_->leaving()) wait(kLeaveMs);
  if (deadline_ms_ == 0 || now_ms < deadline_ms_) return;
  if (state_ == State::kReading && parser_->started()) {
    refuse({408, "request_timeout", "The request did not arrive in time."});
  } else if (state_ != State::kHandling) {
    close();
  }
}

}  // namespace halley::gateway
