#include "bouncer/irc/http_request.h"

#include <algorithm>

namespace halley::irc {
namespace {

// CONNECT and TRACE are commands of IRC as well: they need the version behind them.
constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PRI"};

bool is_method(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
}

// RFC 9112 section 3.2: a path, a whole address, or "*"; none can be a nick or channel.
bool is_target(std::string_view word) {
  return !word.empty() && word.find(' ') == std::string_view::npos &&
         (word[0] == '/' || word == "*" || word.find("://") != std::string_view::npos);
}

}  // namespace

bool is_http_request(std::string_view line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  if (space == std::string_view::npos || !is_method(word)) return false;
  if (std::ranges::find(kMethods, word) != std::end(kMethods)) return true;
  const std::size_t last = line.rfind(' ');
  if (last <= space || !line.substr(last + 1).starts_with("HTTP/")) return false;
  return word == "CONNECT" || is_target(line.substr(space + 1, last - space - 1));
}

}  // namespace halley::irc
