// What stands behind the time in a line of a log, as the programs named in text_log.h write it. Pure. Any
// thread.
#pragma once

#include <string_view>

#include "bouncer/transfer/foreign_line.h"

namespace halley::transfer {

enum class Words {
  kUnderstood,    // all but the time of `line` was filled in
  kOfTheProgram,  // a word of the program's own, as "Topic is ...": nothing that anybody did
  kUnknown,
};
Words read_words(std::string_view text, ForeignLine& line);

}  // namespace halley::transfer
