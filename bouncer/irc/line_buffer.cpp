#include "bouncer/irc/line_buffer.h"

#include <algorithm>
#include <cstring>

namespace halley::irc {
namespace {

// A tail is kept in a block of at most this size; larger ones go back to the heap, as most connections are
// idle.
constexpr std::size_t kKeepCapacity = 1024;

// CRs that may stand behind a line of full length.
constexpr std::size_t kMaxCrs = 2;

std::size_t find_lf(std::string_view bytes) {
  if (bytes.empty()) return std::string_view::npos;
  const void* found = std::memchr(bytes.data(), '\n', bytes.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
}

}  // namespace

void LineBuffer::feed(std::string_view bytes) {
  if (!fed_.empty()) save();
  fed_ = bytes;
}

// `bytes`: a whole line, its LF taken off.
LineBuffer::Found LineBuffer::finish(std::string_view bytes, std::string_view& line) {
  if (skipping_) {  // its end; it has been reported
    skipping_ = false;
    return Found::kEmpty;
  }
  line = bytes.substr(0, max_line_);
  if (bytes.size() > max_line_ + kMaxCrs) return Found::kTooLong;  // as need_more() would say of a part
  while (bytes.ends_with('\r')) bytes.remove_suffix(1);
  if (bytes.empty()) return Found::kEmpty;
  if (bytes.size() > max_line_) return Found::kTooLong;
  line = bytes;
  return Found::kLine;
}

void LineBuffer::release_held() {
  if (held_.capacity() > kKeepCapacity)
    std::string().swap(held_);
  else
    held_.clear();
  held_at_ = 0;
  held_has_lines_ = false;
}

LineBuffer::Result LineBuffer::next(std::string_view& line) {
  for (;;) {
    Found found = Found::kEmpty;
    if (held_at_ == held_.size() && !held_.empty()) release_held();
    const std::string_view held = std::string_view(held_).substr(held_at_);
    const std::size_t held_end = held_has_lines_ ? find_lf(held) : std::string_view::npos;
    if (held_end != std::string_view::npos) {
      held_at_ += held_end + 1;
      found = finish(held.substr(0, held_end), line);
    } else {
      held_has_lines_ = false;
      const std::size_t end = find_lf(fed_);
      if (end == std::string_view::npos) return need_more(line);
      const std::string_view tail = fed_.substr(0, end);
      fed_.remove_prefix(end + 1);
      if (held.empty()) {
        found = finish(tail, line);
      } else {
        held_.append(tail);
        const std::string_view joined = std::string_view(held_).substr(held_at_);
        held_at_ = held_.size();
        found = finish(joined, line);
      }
    }
    if (found == Found::kLine) return Result::kLine;
    if (found == Found::kTooLong) return Result::kTooLong;
  }
}

// No LF is left anywhere: keeps the tail, unless it already is too long for any line.
LineBuffer::Result LineBuffer::need_more(std::string_view& line) {
  const std::size_t size = pending();
  const bool too_long = !skipping_ && size > max_line_ + kMaxCrs;
  held_.erase(0, held_at_);
  held_at_ = 0;
  if (too_long) {  // its beginning is given up with the next call
    held_.append(fed_.substr(0, max_line_ - std::min(held_.size(), max_line_)));
    held_at_ = held_.size();
    line = std::string_view(held_).substr(0, max_line_);
    fed_ = {};
    skipping_ = true;
    return Result::kTooLong;
  }
  if (skipping_) {
    fed_ = {};
    release_held();
    return Result::kNeedMore;
  }
  held_.append(fed_);
  fed_ = {};
  return Result::kNeedMore;
}

void LineBuffer::save() {
  if (fed_.empty()) return;
  held_.erase(0, held_at_);
  held_at_ = 0;
  held_.append(fed_);
  fed_ = {};
  held_has_lines_ = true;
}

std::size_t LineBuffer::pending() const {
  return held_.size() - held_at_ + fed_.size();
}

}  // namespace halley::irc
