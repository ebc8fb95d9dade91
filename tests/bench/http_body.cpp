#include "tests/bench/http_body.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>

namespace bench {
namespace {

// The value of a header field, trimmed at the front; empty when absent.
std::string field(const std::string& head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1)) {
    if (strncasecmp(head.c_str() + at + 1, name.data(), name.size()) != 0) continue;
    const std::size_t from = head.find_first_not_of(' ', at + 1 + name.size());
    return head.substr(from, head.find_first_of("\r\n", from) - from);
  }
  return {};
}

}  // namespace

std::size_t HttpBody::take_line(std::string_view bytes, bool& whole) {
  const std::size_t end = bytes.find('\n');
  whole = end != std::string_view::npos;
  const std::size_t taken = whole ? end + 1 : bytes.size();
  line_ += bytes.substr(0, taken);
  return taken;
}

void HttpBody::head_done() {
  status_ = head_.size() > 12 ? std::atoi(head_.c_str() + 9) : 0;
  const std::string length = field(head_, "content-length:");
  if (!field(head_, "transfer-encoding:").empty()) {
    state_ = State::kChunkSize;
  } else if (!length.empty() || status_ == 204) {
    left_ = std::strtoull(length.c_str(), nullptr, 10);
    state_ = left_ > 0 ? State::kLength : State::kEnded;
  } else {
    state_ = State::kUntilClose;
  }
}

std::size_t HttpBody::take(std::string_view bytes) {
  bool whole = false;
  if (state_ == State::kUntilClose) {
    body_ += bytes;
    return bytes.size();
  }
  if (state_ == State::kLength || state_ == State::kChunkData) {
    const std::size_t taken = std::min<std::uint64_t>(left_, bytes.size());
    body_ += bytes.substr(0, taken);
    left_ -= taken;
    if (left_ == 0) state_ = state_ == State::kLength ? State::kEnded : State::kChunkEnd;
    return taken;
  }
  const std::size_t taken = take_line(bytes, whole);
  if (!whole) return taken;
  const bool blank = line_ == "\r\n" || line_ == "\n";
  if (state_ == State::kHead) {
    head_ += line_;
    if (blank) head_done();
  } else if (state_ == State::kChunkEnd) {
    state_ = State::kChunkSize;
  } else if (state_ == State::kChunkSize) {
    // The last chunk has size 0; the blank line behind it ends the message. Trailers are not sent to us.
    if (blank)
      state_ = State::kEnded;
    else
      left_ = std::strtoull(line_.c_str(), nullptr, 16);
    if (!blank && left_ > 0) state_ = State::kChunkData;
  }
  line_.clear();
  return taken;
}

}  // namespace bench
