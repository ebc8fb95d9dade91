#include "bouncer/cli/log_lines.h"

#include <fmt/format.h>

#include "bouncer/core/event_kind.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"
#include "storage/api/plain_text.h"

namespace halley::cli {
namespace {

std::string with_reason(std::string text, std::string_view reason) {
  if (!reason.empty()) text += fmt::format(" ({})", reason);
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string plain, out;
  storage::append_plain(text, plain);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const auto byte = static_cast<unsigned char>(plain[i]);
    if (byte == 0xc2 && i + 1 < plain.size() && static_cast<unsigned char>(plain[i + 1]) < 0xa0) {
      ++i;  // C1: some terminals obey these too
    } else if (byte != 0x7f) {
      out += plain[i];
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
    const std::string said =
        (event.flags & event_flag::kMultiline) != 0 ? irc::on_one_line(m.param(1)) : std::string(m.param(1));
    const auto ctcp = irc::parse_ctcp(said);
    if (ctcp) {
      text = fmt::format("* {} {}", nick, ctcp->params);
    } else {
      const bool notice = m.command == "NOTICE";
      text = fmt::format("{}{}{} {}", notice ? '-' : '<', nick, notice ? '-' : '>', said);
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

}  // namespace halley::cli
