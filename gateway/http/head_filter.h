// The byte filter that stands before llhttp: it refuses what lenient parsers let through and what makes two
// parsers on one connection disagree about where a request ends (request smuggling). Source: RFC 9112
// sections 2.2, 3.2, 5, 6.3, 11.2.
//
// A value, without I/O. Thread: the loop's. Owner: a RequestParser. It finds the framing of the body by
// itself: llhttp must come to the same end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/http/refusal.h"

namespace halley::gateway {

class HeadFilter {
 public:
  enum class Step { kContinue, kEnd, kRefused };
  enum class Body { kNone, kLength, kChunked };

  // One line of the head with its LF. REQUIRES: it said kContinue to the one before, or was reset().
  Step line(std::string_view line);
  // Is `bytes`, a part of a line, already beyond help? (TLS or other foreign bytes on a plain port.) True:
  // refused.
  bool hopeless(std::string_view bytes);

  const Refusal& refusal() const { return refusal_; }
  Body body() const { return body_; }
  std::uint64_t length() const { return length_; }  // of a body of kLength
  bool expects_continue() const { return expects_continue_; }
  bool started() const { return phase_ != Phase::kBefore; }  // the request line was seen
  void reset() { *this = HeadFilter{}; }

 private:
  enum class Phase { kBefore, kHeaders, kEnd };
  Step refuse(int status, std::string_view error, std::string_view message);
  Step bad(std::string_view message) { return refuse(400, "bad_request", message); }
  Step request_line(std::string_view text);
  Step header(std::string_view text);
  Step known_header(std::string_view name, std::string_view value);
  Step content_length(std::string_view value);
  Step transfer_encoding(std::string_view value);
  Step end();

  Phase phase_ = Phase::kBefore;
  Body body_ = Body::kNone;
  Refusal refusal_;
  std::uint64_t length_ = 0;
  std::size_t headers_ = 0;
  std::uint32_t seen_ = 0;  // one bit for each header that may come only once
  bool blank_skipped_ = false, http11_ = true, expects_continue_ = false;
};

}  // namespace halley::gateway
