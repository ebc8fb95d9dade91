// What a person asks a search for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halley::storage {

// One thing asked for: a word, or words in this order.
struct SearchPhrase {
  std::string text;
  bool prefix = false;  // the last word may go on
};
// Splits at spaces; "quotes" hold a phrase together; a * behind a word or phrase asks for completion.
std::vector<SearchPhrase> parse_search(std::string_view text);

}  // namespace halley::storage
