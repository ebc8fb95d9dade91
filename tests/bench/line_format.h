// The line that all figures rest on: `:peerK!u@h PRIVMSG #c :<seq> <send time, ns> <words>`, its text always
// of kTextLength characters, the words drawn from a small vocabulary as people use one (a few words very
// often). Owner: each sender and each receiver; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline constexpr std::size_t kTextLength = 60;

struct Stamp {
  std::uint64_t sequence = 0;
  std::uint64_t sent_ns = 0;
};

// Reads `<seq> <ns> ` at the front of a text; false when the text is no bench text.
bool read_stamp(const char* text, const char* end, Stamp& stamp);

// Finds the text in a whole line (no line end) and reads its stamp. Knows plain IRC lines, lines with tags,
// and JSON frames that carry an IRC line.
bool find_stamp(std::string_view line, Stamp& stamp);

// Nicknames of channel members, fixed width: peer00042.
std::string member_nick(std::size_t index);

class LineWriter {
 public:
  LineWriter();
  // Appends one whole line with its CR LF. The sender's nick is drawn from the first `members` members.
  void append(std::string& out, std::string_view channel, std::size_t members, const Stamp& stamp) const;
  // Appends `PRIVMSG <target> :<text>` as a client says it, with these tags ("@label=7"; empty: none).
  void append_command(std::string& out, std::string_view tags, std::string_view target,
                      const Stamp& stamp) const;

 private:
  void append_text(std::string& out, const Stamp& stamp) const;
  std::string prose_;
  std::vector<std::uint32_t> starts_;  // where words begin in prose_
};

}  // namespace bench
