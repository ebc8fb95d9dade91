// The byte filter over a chunked request body: strict in what lenient parsers let through (bare LF, long or
// odd size lines, trailers). llhttp decodes the same bytes behind it and must come to the same end. Source:
// RFC 9112 section 7.1.
//
// A value. Thread: the loop's. Owner: a RequestParser.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "gateway/http/refusal.h"
#include "gateway/http/request.h"

namespace halley::gateway {

class ChunkFilter {
 public:
  enum class Step { kNeedMore, kEnd, kRefused };
  // Looks at `bytes`; `taken` of them belong to this body. kEnd: the body is whole and what follows is not
  // its. REQUIRES: it said kNeedMore before, or was reset().
  Step feed(std::string_view bytes, std::size_t& taken);
  const Refusal& refusal() const { return refusal_; }
  void reset() { *this = ChunkFilter{}; }
  // Somebody else bounds the body.
  void unbound() { most_ = std::numeric_limits<std::size_t>::max(); }

 private:
  enum class Phase { kSize, kData, kDataEnd, kLast };
  static constexpr std::size_t kMaxChunkLine = 64;  // a size and perhaps an extension that nobody reads
  Step line();
  bool size_line(std::string_view text);
  Step refuse(int status, std::string_view error, std::string_view message);

  Phase phase_ = Phase::kSize;
  std::string line_;  // an unfinished size line, or the CR LF behind data
  std::size_t left_ = 0, total_ = 0, most_ = kMaxRequestBody;
  Refusal refusal_;
};

}  // namespace halley::gateway
