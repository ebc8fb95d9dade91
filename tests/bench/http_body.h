// Takes HTTP/1.1 responses apart on one connection: status, then the body without its chunk framing.
// Owner: HttpSession; one thread. Buffers at most one message head or what the session leaves in body().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class HttpBody {
 public:
  // Takes some bytes, at least one; returns how many. Stops at the end of a message (ended() is then true).
  std::size_t take(std::string_view bytes);
  bool ended() const { return state_ == State::kEnded; }
  void next_message() {
    state_ = State::kHead;
    head_.clear();
  }
  int status() const { return status_; }
  std::string& body() { return body_; }  // what came and was not yet removed

 private:
  enum class State { kHead, kChunkSize, kChunkData, kChunkEnd, kLength, kUntilClose, kEnded };
  void head_done();
  std::size_t take_line(std::string_view bytes, bool& whole);

  State state_ = State::kHead;
  std::string head_;
  std::string line_;
  std::string body_;
  std::uint64_t left_ = 0;
  int status_ = 0;
};

}  // namespace bench
