// Bytes in, lines out. Bounded: a line longer than the limit is reported once and skipped to its end.
//
// A value. Thread: its owner's. Owner: the connection that is read.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace halley::irc {

// Splits a byte stream at LF. CRs right before it belong to the end: CR LF is the rule, LF alone and the CR
// CR LF of those who convert line ends twice are met as well. Lines that lie whole inside the fed bytes are
// views of them: nothing is copied; only an unfinished tail is kept.
class LineBuffer {
 public:
  explicit LineBuffer(std::size_t max_line) : max_line_(max_line) {}

  enum class Result { kLine, kTooLong, kNeedMore };
  // Gives `bytes` to be split.
  // REQUIRES: they stay valid until next() has returned kNeedMore or save() was called.
  void feed(std::string_view bytes);
  // The next line without CR LF; empty lines are passed over. Of one that is too long, how it begins: as much
  // as a line may have. The view is valid until the next call of any member.
  Result next(std::string_view& line);
  // Keeps what next() has not yet taken (the reader pauses in the middle of a chunk). After it the fed bytes
  // may go.
  void save();
  // Bytes held or fed and not yet taken.
  std::size_t pending() const;

 private:
  enum class Found { kLine, kEmpty, kTooLong };
  Found finish(std::string_view bytes, std::string_view& line);
  void release_held();
  Result need_more(std::string_view& line);

  std::string held_;  // an unfinished or saved part
  std::size_t held_at_ = 0;
  std::string_view fed_;
  std::size_t max_line_;
  bool held_has_lines_ = false;  // save() may have put whole lines into held_
  bool skipping_ = false;        // inside a line that was too long
};

}  // namespace halley::irc
