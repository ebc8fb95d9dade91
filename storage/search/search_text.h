// What of a line is searched: its words without mIRC formatting, and what a person asks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halley::storage {

// Appends `text` to `out` without mIRC formatting (bold, italics, colours with their numbers ...) and control
// bytes.
void append_plain(std::string_view text, std::string& out);

// One thing asked for: a word, or words in this order.
struct SearchPhrase {
  std::string text;
  bool prefix = false;  // the last word may go on
};
// Splits at spaces; "quotes" hold a phrase together; a * behind a word or phrase asks for completion.
std::vector<SearchPhrase> parse_search(std::string_view text);

}  // namespace halley::storage
