// The passwords that the user has just said to a network's services: some services repeat them in their
// answers ("your password is now ..."), which are kept without them. In memory only, for a minute.
//
// A value. Thread: the loop's. Owner: the Network. Times are monotonic, in milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halley {

class SpokenSecrets {
 public:
  // `word` was said as a password.
  void remember(std::string word, std::uint64_t now_ms);
  // What a service says, as it may be kept; nothing when it repeats no password.
  std::optional<std::string> without(std::string_view text, std::uint64_t now_ms);

 private:
  static constexpr std::size_t kMostSecrets = 16;  // a line has some at most, and none is longer than a line
  struct Word {
    std::string text;
    std::uint64_t until_ms;
  };
  std::vector<Word> words_;
};

}  // namespace halley
