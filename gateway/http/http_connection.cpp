#include "gateway/http/http_connection.h"

#include <algorithm>
#include <array>
#include <utility>

namespace halley::gateway {
namespace {

constexpr std::uint64_t kHeadMs = 10'000;
constexpr std::uint64_t kBodyMs = 30'000;
constexpr std::uint64_t kLongBodyMs = 3'600'000;
constexpr std::uint64_t kLeaveMs = 5'000;
constexpr std::uint64_t kIdleMs = 60'000;
constexpr std::uint64_t kWriteMs = 60'000;
constexpr std::uint64_t kSlowestTaker = 1;   // bytes of an answer a millisecond
constexpr std::size_t kMaxHeld = 16 * 1024;  // of requests behind the one at hand; then reading waits
constexpr std::size_t kMostInATurn = 8;  // requests of a connection that are answered in a turn of the loop

}  // namespace

HttpConnection::HttpConnection(Host& host, std::unique_ptr<net::Stream> stream, net::Peer peer,
                               std::shared_ptr<void> place, bool proxied)
    : host_(host),
      state_{.peer = std::move(peer)},
      stream_(std::move(stream)),
      parser_(std::make_unique<RequestParser>(host.long_bodies())),
      place_(std::move(place)) {
  if (proxied) state_.preface.emplace();
  state_.https = state_.peer.tls;
  wait(kHeadMs);
  stream_->listen(*this);
  stream_->resume();
}

HttpConnection::~HttpConnection() {
  if (sink_) sink_->on_room({});
}

void HttpConnection::wait(std::uint64_t ms) {
  state_.deadline_ms = ms == 0 ? 0 : host_.now_ms() + ms;
}

void HttpConnection::wait_for_taker() {
  state_.deadline_ms = std::min(host_.now_ms() + kWriteMs, state_.taken_by_ms);
}

void HttpConnection::on_data(std::string_view bytes) {
  if (state_.preface) {
    listen_to_proxy(bytes);
  } else if (state_.phase == Phase::kReading && state_.held.empty()) {
    consume(bytes);
  } else if (state_.phase < Phase::kStreaming) {
    hold(bytes);
  } else if (state_.phase == Phase::kStreaming && body_) {
    body_->received(bytes);
  }
}

void HttpConnection::listen_to_proxy(std::string_view bytes) {
  state_.preface->append(bytes);
  ProxyWord word;
  std::size_t size = 0;
  const ProxyResult result = parse_proxy_header(*state_.preface, word, size);
  if (result == ProxyResult::kMore) return;
  const std::string all = std::move(*state_.preface);
  state_.preface.reset();
  if (result == ProxyResult::kBad) {
    refuse({400, "bad_proxy_header", "A header of the PROXY protocol cannot be understood."});
  } else if (result == ProxyResult::kDone && !host_.introduce(word, state_.peer, place_)) {
    close();
  } else {
    state_.https = state_.peer.tls;
    const std::string_view rest = std::string_view(all).substr(result == ProxyResult::kDone ? size : 0);
    if (!rest.empty()) on_data(rest);
  }
}

void HttpConnection::hold(std::string_view bytes) {
  state_.held += bytes;
  if (state_.held.size() > kMaxHeld) stream_->pause();
}

void HttpConnection::consume(std::string_view bytes) {
  consuming_ = true;
  while (!bytes.empty() && state_.phase == Phase::kReading) {
    if (parser_->done()) parser_->reset();
    const bool was_started = parser_->started();
    const bool was_in_body = parser_->in_body();
    std::size_t taken = 0;
    const RequestParser::Result result = parser_->feed(bytes, taken);
    bytes.remove_prefix(taken);
    if (sink_ && !pour()) break;
    if (result == RequestParser::Result::kRefused) {
      refuse(parser_->refusal());
    } else if (result == RequestParser::Result::kBody || result == RequestParser::Result::kRequest) {
      if (!waits_for_turn()) handle_at_hand();
    } else if (parser_->in_body() && !sink_) {
      if (!was_in_body) wait(kBodyMs);
      if (parser_->take_expectation()) go_ahead();
    } else if (!was_started && parser_->started()) {
      wait(kHeadMs);
    }
  }
  consuming_ = false;
  release_parser();
  if (bytes.empty()) return;
  if (state_.phase < Phase::kStreaming) hold(bytes);
  if (state_.phase == Phase::kStreaming && body_) body_->received(bytes);
}

// Two thousand requests fit into one read, each of a thousand connections may have one, and others wait
// meanwhile. One whose body went elsewhere has had its turn when that began.
bool HttpConnection::waits_for_turn() {
  if (sink_) return false;
  const bool spent = state_.turn == host_.turn_number() && state_.in_turn >= kMostInATurn;
  if (!spent && host_.has_turn()) return false;
  state_.phase = Phase::kWaiting;
  wait(0);
  stream_->pause();
  host_.wait_for_turn(*this, parser_->request(), state_.peer);
  return true;
}

void HttpConnection::take_turn() {
  if (state_.phase != Phase::kWaiting) return;
  stream_->resume();
  handle_at_hand();
}

void HttpConnection::handle_at_hand() {
  if (parser_->done()) {
    request_ready();
  } else {
    body_begins();
  }
}

// What nobody looks at any more: an answered request, and, while streaming, the parser itself.
void HttpConnection::release_parser() {
  if (consuming_ || !parser_) return;
  if (state_.phase == Phase::kStreaming) {
    parser_.reset();
  } else if (state_.phase == Phase::kReading && parser_->done()) {
    parser_->reset();
  }
}

void HttpConnection::go_ahead() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // 25 bytes into an empty socket; should they not fit, the client sends its body after a second all the
  // same.
  stream_->write({&kContinue, 1});
}

void HttpConnection::look_at_request() {
  const Request& request = parser_->request();
  state_.head_only = request.method == Method::kHead;
  state_.http11 = request.http11;
  state_.https = host_.is_https(request, state_.peer);
  state_.id = host_.take_request_id(request, state_.peer);
  state_.asked_ms = host_.now_ms();
  begin_handling();
}

void HttpConnection::begin_handling() {
  state_.phase = Phase::kHandling;
  wait(0);
  if (std::exchange(state_.turn, host_.turn_number()) != state_.turn) state_.in_turn = 0;
  ++state_.in_turn;
  state_.keep_alive = parser_->request().keep_alive && !state_.shutting;
  right_ = std::make_shared<Connection*>(static_cast<Connection*>(this));
}

void HttpConnection::request_ready() {
  if (sink_) {
    begin_handling();  // it was looked at when its body began
    sink_->on_room({});
    parser_->request().sink = std::move(sink_);
  } else {
    look_at_request();
  }
  host_.handle(parser_->request(), state_.peer, Responder(right_));
}

// Who is refused now is not heard out.
void HttpConnection::body_begins() {
  look_at_request();
  state_.keep_alive = false;
  host_.begin_body({parser_->request(), state_.peer, parser_->announced()}, Responder(right_),
                   [this, right = std::weak_ptr(right_)](std::shared_ptr<BodySink> sink) {
                     if (!right.expired()) take_body(std::move(sink));
                   });
}

// What is kept for the request stays until it is answered.
void HttpConnection::take_body(std::shared_ptr<BodySink> sink) {
  right_.reset();
  sink_ = std::move(sink);
  sink_->on_room([this] {
    stream_->resume();
    if (state_.phase == Phase::kReading) wait_for_body();
  });
  state_.phase = Phase::kReading;
  state_.body_by_ms = host_.now_ms() + kLongBodyMs;
  wait_for_body();
  if (parser_->take_expectation()) go_ahead();
  if (consuming_) return;
  const std::string held = std::exchange(state_.held, {});
  stream_->resume();
  if (!held.empty()) consume(held);
}

void HttpConnection::wait_for_body() {
  state_.deadline_ms = std::min(host_.now_ms() + kBodyMs, state_.body_by_ms);
}

// What has come of a body that goes elsewhere goes there. False: it is refused.
bool HttpConnection::pour() {
  std::string bytes = std::exchange(parser_->request().body, {});
  if (bytes.empty()) return true;
  if (!sink_->take(std::move(bytes))) {
    refuse(sink_->refusal());
    return false;
  }
  if (sink_->wants_more()) {
    wait_for_body();
  } else {
    stream_->pause();
    wait(0);  // it is our turn
  }
  return true;
}

void HttpConnection::refuse(const Refusal& refusal) {
  if (sink_) {
    drop_sink();
    begin_handling();  // it was looked at when its body began
  } else {             // who asked is not known
    state_.phase = Phase::kHandling;
    state_.id.clear();
    state_.asked_ms = host_.now_ms();
  }
  state_.keep_alive = state_.head_only = false;
  state_.held.clear();
  respond(error_response(refusal));
}

void HttpConnection::drop_sink() {
  if (sink_) sink_->on_room({});
  sink_.reset();
}

void HttpConnection::tell_answered(Response& response) {
  if (!state_.id.empty()) response.header("X-Request-Id", state_.id);
  const Request* request = right_ && parser_ ? &parser_->request() : nullptr;
  host_.answered({.request = request,
                  .peer = state_.peer,
                  .status = response.status,
                  .bytes = response.content().size(),
                  .took_ms = host_.now_ms() - state_.asked_ms,
                  .id = state_.id});
}

void HttpConnection::respond(Response response) {
  if (state_.phase != Phase::kHandling) return;
  tell_answered(response);
  right_.reset();
  state_.keep_alive = state_.keep_alive && !response.close && !state_.shutting;
  state_.out.clear();
  state_.out_at = 0;
  append_head(state_.out, response,
              {.framing = Framing::kLength,
               .date = host_.date(),
               .keep_alive = state_.keep_alive,
               .https = state_.https});
  if (!state_.head_only) {
    state_.out += response.body;
    out_fixed_ = response.fixed_body;
  }
  state_.phase = Phase::kWriting;
  state_.taken_by_ms = host_.now_ms() + kWriteMs + (state_.out.size() + out_fixed_.size()) / kSlowestTaker;
  wait_for_taker();
  write();
}

void HttpConnection::respond_with_stream(Response head, const MakeBody& make) {
  if (state_.phase != Phase::kHandling) return;
  if (state_.head_only) {
    head.close = true;
    respond(std::move(head));
    return;
  }
  tell_answered(head);
  right_.reset();
  state_.phase = Phase::kStreaming;
  wait(0);
  std::string bytes;
  // A chunked document that breaks off in a frame stays "loading" for ever, without a word to the page around
  // it (Chromium); one that ends with its connection is complete then, and the page hears of it.
  const bool until_close = !state_.http11 || !head.script_nonce.empty();
  const Framing framing = head.status == 101 ? Framing::kUpgrade
                          : head.length      ? Framing::kLength
                          : until_close      ? Framing::kUntilClose
                                             : Framing::kChunked;
  append_head(bytes, head,
              {.framing = framing, .date = host_.date(), .keep_alive = false, .https = state_.https});
  // An idle stream keeps no buffers: 8 KiB is all that one of ten thousand may cost.
  const std::string held = std::exchange(state_.held, {});
  decltype(state_.out){}.swap(state_.out);
  release_parser();
  stream_->resume();  // so that the peer's end is heard
  body_ = make(*stream_, bytes, framing == Framing::kChunked);
  if (!held.empty()) body_->received(held);
}

void HttpConnection::write() {
  while (state_.out_at < state_.out.size() || !out_fixed_.empty()) {
    const std::string_view own = std::string_view(state_.out).substr(state_.out_at);
    const std::array<std::string_view, 2> slices{own, out_fixed_};
    const std::size_t taken = stream_->write(slices);
    if (taken > 0) wait_for_taker();
    const std::size_t of_own = std::min(taken, own.size());
    state_.out_at += of_own;
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
  if (!state_.keep_alive) {
    close();
    return;
  }
  if (state_.out.capacity() > kMaxRequestHead) decltype(state_.out){}.swap(state_.out);
  state_.phase = Phase::kReading;
  wait(kIdleMs);
  if (consuming_) return;
  release_parser();
  const std::string held = std::exchange(state_.held, {});
  stream_->resume();
  if (!held.empty()) consume(held);
}

void HttpConnection::on_drained() {
  if (state_.phase == Phase::kWriting) write();
  if (state_.phase == Phase::kStreaming && body_) body_->drained();
}

void HttpConnection::on_closed(std::string_view) {
  state_.phase = Phase::kEnded;
  right_.reset();
  kept_.clear();
  drop_sink();
  if (body_) body_->closed();
  host_.ended(*this);
}

void HttpConnection::close() {
  if (state_.phase == Phase::kClosing || state_.phase == Phase::kEnded) return;
  state_.phase = Phase::kClosing;
  right_.reset();
  wait(0);
  stream_->close();
}

void HttpConnection::shut() {
  state_.shutting = true;
  if (state_.phase == Phase::kReading) close();
}

void HttpConnection::tick(std::uint64_t now_ms) {
  if (state_.phase == Phase::kStreaming && state_.deadline_ms == 0 && body_ && body_->leaving())
    wait(kLeaveMs);
  if (state_.deadline_ms == 0 || now_ms < state_.deadline_ms) return;
  if (state_.phase == Phase::kReading && parser_->started()) {
    refuse({408, "request_timeout", "The request did not arrive in time."});
  } else if (state_.phase != Phase::kHandling) {
    close();
  }
}

}  // namespace halley::gateway
