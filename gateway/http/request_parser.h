// Bytes of a connection in, requests out: the byte filter first, llhttp behind it, and both must agree.
//
// Owner: an HttpConnection, which drops it while it streams. Thread: the loop's. Bounded by the limits of
// request.h. A value, llhttp's among it.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/http/chunk_filter.h"
#include "gateway/http/head_filter.h"
#include "gateway/http/refusal.h"
#include "gateway/http/request.h"

namespace halley::gateway {

class RequestParser {
 public:
  // Does the body of this request, of which the head is known, go elsewhere?
  using Streams = bool (*)(const Request& request);
  explicit RequestParser(Streams streams = nullptr);
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // kBody: the head is there, and a body follows that goes elsewhere: after each further feed() what is in
  // request().body is to be taken out of it.
  enum class Result { kNeedMore, kBody, kRequest, kRefused };
  // Takes bytes and says how many; after kRequest the rest belongs to the next request.
  // REQUIRES: reset() was called since a request was done.
  Result feed(std::string_view bytes, std::size_t& taken);

  Request& request() { return request_; }
  const Refusal& refusal() const { return refusal_; }
  bool started() const { return !request_.head.empty() && !done(); }  // a part of a request is here
  bool done() const { return phase_ == Phase::kDone; }                // a whole one is
  std::uint64_t announced() const { return filter_.length(); }        // bytes of the body; 0: not said
  bool in_body() const { return phase_ == Phase::kLength || phase_ == Phase::kChunked; }
  // The client waits for "100 Continue" before it sends the body. True once.
  bool take_expectation();
  void reset();

 private:
  enum class Phase { kHead, kLength, kChunked, kDone };
  Result feed_head(std::string_view bytes, std::size_t& taken);
  Result feed_length(std::string_view bytes, std::size_t& taken);
  Result feed_chunked(std::string_view bytes, std::size_t& taken);
  Result head_done();
  Result finish();
  Result refuse(const Refusal& refusal);
  Result disagree();
  // Gives bytes to llhttp; false when it minds them.
  bool parse(std::string_view bytes);
  void begin_parser();
  bool split_target();
  std::optional<std::string_view> behind_host() const;
  static const llhttp_settings_t& settings();

  const Streams streams_;
  HeadFilter filter_;
  ChunkFilter chunks_;
  llhttp_t parser_;
  Phase phase_ = Phase::kHead;
  std::size_t line_at_ = 0;      // where the unfinished line begins in request_.head
  std::uint64_t body_left_ = 0;  // of kLength
  bool complete_ = false;        // llhttp has seen the end
  bool expectation_ = false;
  Header header_;  // the one that llhttp is in
  Request request_;
  Refusal refusal_;
};

}  // namespace halley::gateway
