// Messages of several lines (draft/multiline), which Halley keeps as one text: one row of the log, one
// message of the history, one line of the outbox. In that text two characters that nobody types stand between
// the lines, so that it stays a line of IRC wherever it goes. Source:
// https://ircv3.net/specs/extensions/multiline
//
// Values and pure functions; any thread. Bounds: those of MultilineLimits, which each text is made under.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace halley::irc {

inline constexpr std::string_view kLineBreak = "\xe2\x80\xa8";  // U+2028, LINE SEPARATOR
// Where a long line was cut for the wire: what follows belongs to the same line.
inline constexpr std::string_view kLineJoin = "\xe2\x81\xa4";  // U+2064, INVISIBLE PLUS
static_assert(kLineBreak.size() == kLineJoin.size());
// Of Halley's own messages, inside of it: the text is such a one. No network and no client is sent it.
inline constexpr std::string_view kMultilineTag = "halley/multiline";

struct MultilineLimits {
  std::size_t bytes = 0, lines = 0;  // breaks count for a byte; no bytes: no such messages
};
// What clients may say, as CAP LS tells them, and what is heard of networks as one message.
inline constexpr std::size_t kMostMultilineBytes = 4096, kMostMultilineLines = 32;
inline constexpr std::size_t kMostHeardBytes = 8000, kMostHeardLines = 200;
inline constexpr MultilineLimits kSaidMultiline{kMostMultilineBytes, kMostMultilineLines};
inline constexpr MultilineLimits kHeardMultiline{kMostHeardBytes, kMostHeardLines};

// The capability's value ("max-bytes=4096,max-lines=24"), not above what clients may say.
MultilineLimits parse_multiline_limits(std::string_view value);

// The bytes of lines and breaks, and how many lines there are.
MultilineLimits multiline_size(std::string_view text);
// In how many lines of a batch it goes, each with at most `room` bytes of text.
std::size_t wire_lines(std::string_view text, std::size_t room);
inline bool fits(const MultilineLimits& size, const MultilineLimits& limits) {
  return size.bytes <= limits.bytes && size.lines <= limits.lines;
}

// Puts lines together.
class MultilineText {
 public:
  explicit MultilineText(const MultilineLimits& limits) : limits_(limits) {}
  enum class Added { kTaken, kTooManyBytes, kTooManyLines };
  // `joined`: it goes on with the line before it. What stands between lines may not stand in one: it becomes
  // a space there.
  Added add(std::string_view line, bool joined);
  bool empty() const { return size_.lines == 0; }
  bool blank() const { return blank_; }  // of nothing but empty lines
  const std::string& text() const { return text_; }

 private:
  MultilineLimits limits_, size_;
  bool blank_ = true;
  std::string text_;
};

// Where the line that `text` begins with ends: at its end, or at one of the two characters.
std::size_t end_of_line(std::string_view text);
// Calls visit(line, joined) for each.
template <typename Visit>
void for_each_line(std::string_view text, Visit&& visit) {
  bool joined = false;
  while (true) {
    const std::size_t end = end_of_line(text);
    visit(text.substr(0, end), joined);
    if (end == text.size()) return;
    joined = text.substr(end).starts_with(kLineJoin);
    text.remove_prefix(end + kLineBreak.size());
  }
}

// For whoever takes single lines only: without blank ones, each of at most `room` bytes. Views into `text`.
std::vector<std::string_view> single_lines(std::string_view text, std::size_t room);
// On one line, for people: " / " for each break.
std::string on_one_line(std::string_view text);

// A batch with these lines, one string each, without CR LF.
struct MultilineParts {
  std::string_view tags = {}, source = {}, command = {}, target = {}, text = {};
  std::string_view reference = {};  // of the batch
  std::size_t room = 0;             // bytes of text in a line: what is longer is cut and joined
};
std::vector<std::string> multiline_batch(const MultilineParts& parts);

}  // namespace halley::irc
