#include "bouncer/transfer/znc_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/irc/text.h"

namespace halley::transfer {
namespace {

constexpr std::size_t kPartBytes = 200;  // of 255 that file systems take

std::string address(const irc::Prefix& who) {
  return fmt::format("({}@{})", who.user, who.host);
}

std::vector<std::string> said_words(const irc::Message& m, std::string_view nick, bool multiline) {
  if (const auto ctcp = irc::parse_ctcp(m.param(1))) {
    if (m.command != "PRIVMSG" || ctcp->command != "ACTION") return {};
    return {
        fmt::format("* {} {}", nick, multiline ? irc::on_one_line(ctcp->params) : std::string(ctcp->params))};
  }
  const bool notice = m.command == "NOTICE";
  std::vector<std::string> lines;
  const auto add = [&](std::string_view text) {
    lines.push_back(fmt::format("{}{}{} {}", notice ? '-' : '<', nick, notice ? '-' : '>', text));
  };
  if (!multiline) {
    add(m.param(1));
    return lines;
  }
  irc::for_each_line(m.param(1), [&](std::string_view text, bool joined) {
    if (joined && !lines.empty())
      lines.back() += text;
    else
      add(text);
  });
  return lines;
}

}  // namespace

std::vector<std::string> znc_words(std::string_view line, bool multiline) {
  const auto message = irc::parse(line);
  if (!message) return {};
  const irc::Message& m = *message;
  const irc::Prefix who = irc::parse_prefix(m.source);
  if (m.command == "PRIVMSG" || m.command == "NOTICE") return said_words(m, who.nick, multiline);
  if (m.command == "JOIN") return {fmt::format("*** Joins: {} {}", who.nick, address(who))};
  if (m.command == "PART") return {fmt::format("*** Parts: {} {} ({})", who.nick, address(who), m.param(1))};
  if (m.command == "QUIT") return {fmt::format("*** Quits: {} {} ({})", who.nick, address(who), m.param(0))};
  if (m.command == "NICK") return {fmt::format("*** {} is now known as {}", who.nick, m.param(0))};
  if (m.command == "TOPIC") return {fmt::format("*** {} changes topic to '{}'", who.nick, m.param(1))};
  if (m.command == "KICK")
    return {fmt::format("*** {} was kicked by {} ({})", m.param(1), who.nick, m.param(2))};
  if (m.command == "MODE") {
    std::string changes;
    for (const std::string_view param : m.parameters().subspan(std::min<std::size_t>(1, m.param_count)))
      (changes += changes.empty() ? "" : " ") += param;
    return {fmt::format("*** {} sets mode: {}", who.nick, changes)};
  }
  return {};
}

std::string znc_part(std::string_view name) {
  std::string part(irc::clip_utf8(name, kPartBytes));
  for (char& c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/' || c == '\\' || byte < 0x20 || byte == 0x7f) c = '-';
  }
  if (part.empty()) return "_";
  if (part[0] == '.') part.replace(0, 1, "%2E");  // no user or network has a % in its name
  return part;
}

std::string znc_window(std::string_view name) {
  return name.empty() ? "status" : znc_part(irc::fold(irc::CaseMapping::kAscii, name));
}

std::string znc_file(const std::tm& time) {
  return fmt::format("{:04}-{:02}-{:02}.log", time.tm_year + 1900, time.tm_mon + 1, time.tm_mday);
}

std::string znc_stamp(const std::tm& time) {
  return fmt::format("[{:02}:{:02}:{:02}] ", time.tm_hour, time.tm_min, time.tm_sec);
}

}  // namespace halley::transfer
