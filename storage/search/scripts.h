// Scripts that people write without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and
// Korean, whose words carry their particles: a word is looked for inside a run of their characters. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace halley::storage {

struct UnspacedRun {
  std::size_t begin, end;  // bytes; begin == end: there is none
};

// The first run of such characters at or behind `from`. What is not UTF-8 belongs to none.
UnspacedRun next_unspaced_run(std::string_view text, std::size_t from);

// How many bytes the character at the start of `run` has; `run` is (the rest of) a run.
std::size_t character_size(std::string_view run);

}  // namespace halley::storage
