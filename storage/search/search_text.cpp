#include "storage/search/search_text.h"

#include <algorithm>
#include <cstddef>

#include "storage/api/plain_text.h"

namespace halley::storage {

std::vector<SearchPhrase> parse_search(std::string_view text) {
  std::vector<SearchPhrase> phrases;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const bool quoted = text[at] == '"';
    if (quoted) ++at;
    const std::size_t end = std::min(text.find(quoted ? '"' : ' ', at), text.size());
    std::string_view words = text.substr(at, end - at);
    at = end;
    if (quoted && at < text.size()) ++at;
    SearchPhrase phrase;
    if (quoted && at < text.size() && text[at] == '*') {
      phrase.prefix = true;
      ++at;
    } else if (!quoted && words.ends_with('*')) {
      phrase.prefix = true;
      words.remove_suffix(1);
    }
    append_plain(words, phrase.text);
    if (!phrase.text.empty()) phrases.push_back(std::move(phrase));
  }
  return phrases;
}

}  // namespace halley::storage
