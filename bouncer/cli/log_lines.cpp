#include "bouncer/cli/log_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/time_tag.h"

namespace halley::cli {
namespace {

constexpr char kColour = '\x03', kHexColour = '\x04';

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Behind a code of a colour: up to two digits each (six of a hexadecimal one), with a comma between.
std::size_t colour_length(std::string_view rest, char code) {
  const auto digits = [&](std::size_t from) {
    const std::size_t most = code == kColour ? 2 : 6;
    std::size_t count = 0;
    while (count < most && from + count < rest.size() &&
           (code == kColour ? is_digit(rest[from + count]) : is_hex(rest[from + count])))
      ++count;
    return count;
  };
  std::size_t length = digits(0);
  if (length > 0 && length < rest.size() && rest[length] == ',') {
    const std::size_t behind = digits(length + 1);
    if (behind > 0) length += 1 + behind;
  }
  return length;
}

std::string with_reason(std::string text, std::string_view reason) {
  if (!reason.empty()) text += fmt::format(" ({})", reason);
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == kColour || text[i] == kHexColour) {
      i += colour_length(text.substr(i + 1), text[i]);
    } else if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      ++i;  // C1: some terminals obey these too
    } else if (byte >= 0x20 && byte != 0x7f) {
      out += text[i];
    }
  }
  return out;
}

std::string said_text(const storage::Event& event) {
  const auto message = irc::parse(event.line);
  if (!message) return printable(event.line);
  const irc::Message& m = *message;
  const std::string_view nick = irc::parse_prefix(m.source).nick;
  std::string text;
  if (m.command == "PRIVMSG" || m.command == "NOTICE") {
    const auto ctcp = irc::parse_ctcp(m.param(1));
    if (ctcp) {
      text = fmt::format("* {} {}", nick, ctcp->params);
    } else {
      const bool notice = m.command == "NOTICE";
      text = fmt::format("{}{}{} {}", notice ? '-' : '<', nick, notice ? '-' : '>', m.param(1));
    }
  } else if (m.command == "JOIN") {
    text = fmt::format("-- {} joined", nick);
  } else if (m.command == "PART") {
    text = with_reason(fmt::format("-- {} left", nick), m.param(1));
  } else if (m.command == "QUIT") {
    text = with_reason(fmt::format("-- {} quit", nick), m.param(0));
  } else if (m.command == "KICK") {
    text = with_reason(fmt::format("-- {} kicked {}", nick, m.param(1)), m.param(2));
  } else if (m.command == "NICK") {
    text = fmt::format("-- {} is {} now", nick, m.param(0));
  } else if (m.command == "TOPIC") {
    text = fmt::format("-- {} set the topic: {}", nick, m.param(1));
  } else {
    text = fmt::format("-- {} {}", nick, m.command);
    for (const std::string_view parameter : m.parameters()) text += fmt::format(" {}", parameter);
  }
  return printable(text);
}

std::optional<std::int64_t> parse_moment(std::string_view text) {
  std::string full(text);
  std::ranges::replace(full, ' ', 'T');
  constexpr std::size_t kDay = 10, kMinute = 16, kSecond = 19;
  if (full.size() == kDay) full += "T00:00";
  if (full.size() == kMinute) full += ":00";
  if (full.size() == kSecond) full += "Z";
  return irc::parse_time(full);
}

}  // namespace halley::cli
