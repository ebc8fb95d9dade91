#include "bouncer/core/traced_line.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "bouncer/accounts/ids.h"
#include "bouncer/core/in_band_commands.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/text.h"

namespace halley {
namespace {

constexpr std::string_view kHidden = "****";

bool same(std::string_view a, std::string_view b) {
  return irc::equal(irc::CaseMapping::kAscii, a, b);
}

// Takes the first word of `rest`, and the spaces behind it.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return word;
}

std::string_view without_colon(std::string_view word) {
  return word.starts_with(':') ? word.substr(1) : word;
}

// A line taken apart: what stands before its command, the command, and the rest.
struct TalkParts {
  std::string_view head, source, command, rest;
};

TalkParts parts_of(std::string_view line) {
  TalkParts parts;
  std::string_view rest = line;
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.starts_with('@')) take_word(rest);
  if (rest.starts_with(':')) parts.source = take_word(rest).substr(1);
  parts.head = line.substr(0, line.size() - rest.size());
  parts.command = take_word(rest);
  parts.rest = rest;
  return parts;
}

// "COMMAND first second ****": so many words behind the command are kept.
std::string masked(const TalkParts& parts, std::size_t kept) {
  std::string out(parts.head);
  out += parts.command;
  std::string_view rest = parts.rest;
  for (; kept > 0 && !rest.empty(); --kept) (out += ' ') += take_word(rest);
  if (!rest.empty()) (out += ' ') += kHidden;
  return out;
}

// What a login by SASL says in clear: its mechanism, "+" for nothing, "*" for its end.
bool is_open_sasl(std::string_view word) {
  constexpr std::array kOpen = {"+",
                                "*",
                                "PLAIN",
                                "EXTERNAL",
                                "SCRAM-SHA-1",
                                "SCRAM-SHA-256",
                                "SCRAM-SHA-512",
                                "ECDSA-NIST256P-CHALLENGE",
                                "ANONYMOUS",
                                "OAUTHBEARER"};
  return std::ranges::any_of(kOpen, [&](std::string_view known) { return same(known, without_colon(word)); });
}

// Attributes of soju.im/bouncer-networks: those that are known to be no secret stay.
std::string open_attributes(const TalkParts& parts) {
  constexpr std::array kOpen = {"name", "host", "port", "tls", "nickname", "username", "realname", "state"};
  std::string_view rest = parts.rest;
  std::string out(parts.head);
  ((out += parts.command) += ' ') += take_word(rest);
  while (!rest.empty()) {
    const std::string_view word = take_word(rest);
    out += ' ';
    if (word.find('=') == std::string_view::npos) {
      out += word;
      continue;
    }
    // A value with a space in it is a secret's, or ends what can be told apart.
    if (!rest.empty()) return out += kHidden;
    std::string_view attributes = word;
    while (!attributes.empty()) {
      const std::string_view one = attributes.substr(0, attributes.find(';'));
      attributes.remove_prefix(std::min(one.size() + 1, attributes.size()));
      const std::string_view key = without_colon(one.substr(0, one.find('=')));
      const bool open = std::ranges::find(kOpen, key) != kOpen.end();
      out += open ? one : one.substr(0, one.find('='));
      if (!open && one.find('=') != std::string_view::npos) (out += '=') += kHidden;
      if (!attributes.empty()) out += ';';
    }
  }
  return out;
}

// Is a channel's key among what the mode changes set? `at`: the word that has the letters.
bool sets_key(std::string_view rest, std::size_t at) {
  for (; at > 0; --at) take_word(rest);
  return take_word(rest).find('k') != std::string_view::npos && !rest.empty();
}

bool is_talk(std::string_view command) {
  return same(command, "PRIVMSG") || same(command, "NOTICE") || same(command, "SQUERY");
}

std::string_view without_network(std::string_view name) {
  return name.substr(0, name.rfind(kNetworkSign));
}

// A client without server-time is replayed "[2026-11-27 07:05:00] text".
std::string_view without_time(std::string_view text) {
  constexpr std::string_view kTime = "[0000-00-00 00:00:00] ";
  const bool has = text.size() > kTime.size() && text[0] == '[' && text.substr(kTime.size() - 2, 2) == "] ";
  return has ? text.substr(kTime.size()) : text;
}

// Is it said to one of these, be it with its network's name or without?
template <typename Is>
bool any_target(std::string_view targets, const Is& is) {
  while (!targets.empty()) {
    const std::string_view one = targets.substr(0, targets.find(','));
    targets.remove_prefix(std::min(one.size() + 1, targets.size()));
    if (is(one) || is(without_network(one))) return true;
  }
  return false;
}

// What is said to Halley or to a network's services, perhaps to others too; nothing: it is for others alone.
std::optional<irc::LineSecrets> traced_talk(const TalkParts& parts, std::string_view line) {
  constexpr std::string_view kAsService = "PRIVMSG NickServ";  // to all of them passwords are said alike
  std::string_view said = parts.rest;
  const std::string_view target = take_word(said), targets = without_colon(target);
  const bool to_halley = any_target(targets, [](std::string_view name) { return same(name, kServiceName); });
  if (!to_halley && same(irc::parse_prefix(parts.source).nick, kServiceName))
    return irc::LineSecrets{masked(parts, 1), {}};
  if (!to_halley && !any_target(targets, irc::is_service)) return std::nullopt;
  irc::LineSecrets secrets = irc::line_secrets((std::string(kAsService) += ' ') += said);
  if (to_halley) {
    // The others are said the same words, by lines of their own.
    if (targets.find(',') == std::string_view::npos) secrets.hidden.clear();
    secrets.shown = masked(parts, 1);
  } else if (secrets.hidden.empty()) {
    secrets.shown = line;
  } else {
    std::string shown(parts.head);
    ((shown += parts.command) += ' ') += target;
    secrets.shown.replace(0, kAsService.size(), shown);
  }
  return secrets;
}

}  // namespace

irc::LineSecrets traced_line(std::string_view line, bool told) {
  const TalkParts parts = parts_of(line);
  std::string_view rest = parts.rest;
  const std::string_view target = take_word(rest);
  const irc::LineSecrets whole{std::string(line), {}};
  const auto hide_behind = [&](std::size_t kept) { return irc::LineSecrets{masked(parts, kept), {}}; };
  if (same(parts.command, "AUTHENTICATE") && !is_open_sasl(parts.rest)) return hide_behind(0);
  if (same(parts.command, "PASS") || same(parts.command, "WEBIRC")) return hide_behind(0);
  if (same(parts.command, "WEBPUSH")) return hide_behind(1);
  if (same(parts.command, "BOUNCER") && !same(target, "BIND")) return {open_attributes(parts), {}};
  if (is_talk(parts.command)) {
    if (auto secrets = traced_talk(parts, line)) return std::move(*secrets);
  }
  if (same(parts.command, "MODE")) return sets_key(parts.rest, 1) ? hide_behind(2) : whole;
  if (told && parts.command == "324") return sets_key(parts.rest, 2) ? hide_behind(3) : whole;
  if (told && !is_talk(parts.command)) return whole;
  irc::LineSecrets secrets = irc::line_secrets(line.substr(parts.head.size()));
  secrets.shown.insert(0, parts.head);
  return secrets;
}

bool says_the_same(std::string_view line, std::string_view other) {
  const auto a = irc::parse(line), b = irc::parse(other);
  const auto bare = [](std::string_view parameter) { return without_network(without_time(parameter)); };
  return a && b && irc::same_command(a->command, b->command) &&
         std::ranges::equal(a->parameters(), b->parameters(), {}, bare, bare);
}

std::string without_words(std::string_view line) {
  return masked(parts_of(line), 1);
}

}  // namespace halley
