#include "bouncer/irc/text.h"

#include <algorithm>

namespace halley::irc {
namespace {

constexpr std::size_t kMaxOwnNick = 64;
constexpr std::size_t kLongestUtf8 = 4;

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool in_nick(char c) {
  constexpr std::string_view kSpecial = "[]\\`_^{|}-0123456789";
  return is_letter(c) || kSpecial.find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80U;
}

}  // namespace

Prefix clip_prefix(const Prefix& prefix) {
  return {clip_utf8(prefix.nick, kMaxNick), clip_utf8(prefix.user, kMaxUser),
          clip_utf8(prefix.host, kMaxHost)};
}

std::vector<std::string_view> split_text(std::string_view text, std::size_t max_bytes) {
  max_bytes = std::max(max_bytes, kLongestUtf8);
  std::vector<std::string_view> parts;
  while (text.size() > max_bytes) {
    // A space right behind a full part is the best cut; one in the first half would waste the line.
    const std::size_t space = text.rfind(' ', max_bytes);
    if (space != std::string_view::npos && space >= std::max<std::size_t>(1, max_bytes / 2)) {
      parts.push_back(text.substr(0, space));
      text.remove_prefix(space + 1);
      continue;
    }
    parts.push_back(clip_utf8(text, max_bytes));
    text.remove_prefix(parts.back().size());
  }
  if (!text.empty() || parts.empty()) parts.push_back(text);
  return parts;
}

std::size_t text_room(std::size_t source_bytes, std::string_view command, std::string_view target) {
  constexpr std::size_t kPunctuation = 7;  // ":" " " " " " :" CR LF
  const std::size_t used = kPunctuation + source_bytes + command.size() + target.size();
  return std::max(kLeastRoom, kMaxBody - std::min(used, kMaxBody));
}

bool is_valid_nick(std::string_view nick) {
  return !nick.empty() && nick.size() <= kMaxOwnNick && std::all_of(nick.begin(), nick.end(), in_nick);
}

bool is_valid_channel(std::string_view channel, std::string_view chantypes) {
  constexpr std::string_view kForbidden("\0\a\r\n ,", 6);
  return !channel.empty() && channel.size() <= kMaxChannel &&
         chantypes.find(channel[0]) != std::string_view::npos &&
         channel.find_first_of(kForbidden) == std::string_view::npos;
}

bool is_valid_target(std::string_view target) {
  constexpr std::string_view kForbidden("\0\r\n ,", 5);
  return !target.empty() && target.size() <= kMaxTarget && target[0] != ':' &&
         target.find_first_of(kForbidden) == std::string_view::npos;
}

}  // namespace halley::irc
