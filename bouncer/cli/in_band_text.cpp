#include "bouncer/cli/in_band_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace halley::cli {
namespace {

// What one message holds of a long line, roughly.
constexpr std::size_t kMessageBytes = 400;

}  // namespace

std::string in_band_text(std::string_view answer) {
  std::string out;
  std::size_t messages = 0, left_out = 0, end_of_most = 0;
  while (!answer.empty()) {
    const std::size_t end = std::min(answer.find('\n'), answer.size());
    if (end > 0) {
      messages += 1 + end / kMessageBytes;
      if (messages > kMostInBandLines && left_out++ == 0) end_of_most = out.size();
      if (!out.empty()) out += '\n';
      out += answer.substr(0, end);
    }
    answer.remove_prefix(std::min(end + 1, answer.size()));
  }
  // One stands where the line would stand that tells of it.
  if (left_out <= 1) return out;
  out.resize(end_of_most);
  out += fmt::format(
      "\nand {} more lines: the same command on the command line shows all; `help` and its name here, how to "
      "ask for less",
      left_out);
  return out;
}

}  // namespace halley::cli
