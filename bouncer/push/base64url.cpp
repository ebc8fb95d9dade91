#include "bouncer/push/base64url.h"

#include <algorithm>

#include "bouncer/irc/sasl.h"

namespace halley::push {

std::string base64url_encode(std::string_view bytes) {
  std::string text = irc::base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.find_first_of("+/") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  while (standard.ends_with('=')) standard.pop_back();
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return irc::base64_decode(standard);
}

}  // namespace halley::push
