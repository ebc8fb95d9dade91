#include "gateway/http/chunk_filter.h"

#include <algorithm>
#include <charconv>

#include "gateway/http/request.h"

namespace halley::gateway {

ChunkFilter::Step ChunkFilter::refuse(int status, std::string_view error, std::string_view message) {
  refusal_ = {status, error, message};
  return Step::kRefused;
}

ChunkFilter::Step ChunkFilter::feed(std::string_view bytes, std::size_t& taken) {
  taken = 0;
  while (taken < bytes.size()) {
    if (phase_ == Phase::kData) {
      const std::size_t part = std::min(left_, bytes.size() - taken);
      taken += part;
      left_ -= part;
      if (left_ == 0) phase_ = Phase::kDataEnd;
      continue;
    }
    const char c = bytes[taken++];
    line_ += c;
    if (c == '\n') {
      const Step step = line();
      if (step != Step::kNeedMore) return step;
      line_.clear();
    } else if (line_.size() > kMaxChunkLine) {
      return refuse(400, "bad_request", "A chunk's size line is too long.");
    }
  }
  return Step::kNeedMore;
}

// 1*HEXDIG, then perhaps an extension, which is passed over.
bool ChunkFilter::size_line(std::string_view text) {
  const std::string_view digits = text.substr(0, text.find(';'));
  for (const char c : text.substr(digits.size()))
    if (c < ' ' || static_cast<unsigned char>(c) >= 0x7F) return false;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  return !digits.empty() && digits.size() <= 8 && digits.front() != '-' && error == std::errc{} &&
         end == digits.data() + digits.size();
}

ChunkFilter::Step ChunkFilter::line() {
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r')
    return refuse(400, "bad_request", "A line of the chunked body ends without CR LF.");
  const std::string_view text = std::string_view(line_).substr(0, line_.size() - 2);
  switch (phase_) {
    case Phase::kSize:
      if (!size_line(text)) return refuse(400, "bad_request", "A chunk's size is not a hexadecimal number.");
      total_ += left_;
      if (total_ > most_) return refuse(413, "body_too_large", "The body is larger than 64 KiB.");
      phase_ = left_ == 0 ? Phase::kLast : Phase::kData;
      return Step::kNeedMore;
    case Phase::kDataEnd:
      if (!text.empty()) return refuse(400, "bad_request", "A chunk is longer than it says.");
      phase_ = Phase::kSize;
      return Step::kNeedMore;
    default:
      if (!text.empty()) return refuse(400, "bad_request", "Trailers are not taken.");
      return Step::kEnd;
  }
}

}  // namespace halley::gateway
