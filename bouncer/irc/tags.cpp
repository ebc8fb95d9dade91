// The tag half of message.h. Source: https://ircv3.net/specs/extensions/message-tags#escaping-values
#include "bouncer/irc/message.h"

namespace halley::irc {

std::optional<std::string_view> find_tag(std::string_view tags, std::string_view key) {
  std::optional<std::string_view> found;
  // The specification lets the last of several equal keys win.
  for_each_tag(tags, [&](std::string_view name, std::string_view value) {
    if (name == key) found = value;
  });
  return found;
}

std::string unescape_tag_value(std::string_view raw) {
  std::string value;
  value.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      value += raw[i];
      continue;
    }
    if (++i == raw.size()) break;  // a lone backslash at the end is dropped
    switch (raw[i]) {
      case ':':
        value += ';';
        break;
      case 's':
        value += ' ';
        break;
      case 'r':
        value += '\r';
        break;
      case 'n':
        value += '\n';
        break;
      default:
        value += raw[i];
        break;  // "\\" and every unknown escape
    }
  }
  return value;
}

void append_escaped_tag_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case ';':
        out += "\\:";
        break;
      case ' ':
      case '\0':
        out += "\\s";
        break;  // NUL has no escape
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
        break;
    }
  }
}

}  // namespace halley::irc
