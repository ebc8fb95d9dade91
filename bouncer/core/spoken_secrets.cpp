#include "bouncer/core/spoken_secrets.h"

#include <utility>

namespace halley {

namespace {

constexpr std::uint64_t kForMs = 60'000;
// Shorter ones are looked for as words of their own only, or half of an answer would be hidden.
constexpr std::size_t kInsideWords = 4;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
  const std::size_t end = at + size;
  return (at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]));
}

}  // namespace

void SpokenSecrets::remember(std::string word, std::uint64_t now_ms) {
  std::erase_if(words_, [&word](const Word& old) { return old.text == word; });
  if (words_.size() == kMostSecrets) words_.erase(words_.begin());
  words_.push_back({std::move(word), now_ms + kForMs});
}

std::optional<std::string> SpokenSecrets::without(std::string_view text, std::uint64_t now_ms) {
  std::erase_if(words_, [now_ms](const Word& word) { return word.until_ms <= now_ms; });
  std::optional<std::string> clean;
  for (const Word& word : words_) {
    const std::size_t size = word.text.size();
    std::size_t at = (clean ? std::string_view(*clean) : text).find(word.text);
    while (at != std::string::npos) {
      const std::string_view now = clean ? std::string_view(*clean) : text;
      std::size_t next = at + size;
      if (size >= kInsideWords || stands_alone(now, at, size)) {
        if (!clean) clean = std::string(text);
        clean->replace(at, size, "****");
        next = at + 4;
      }
      at = (clean ? std::string_view(*clean) : text).find(word.text, next);
    }
  }
  return clean;
}

}  // namespace halley
