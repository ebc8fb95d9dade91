#include "bouncer/core/burst.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/core/names_list.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/fit.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/numerics.h"

namespace halley {

namespace {
constexpr std::size_t kTokensPerLine = 13;  // RFC 2812: 15 parameters, less the nick and the closing text
// What a browser or client is told of the network's own limits in its name is not for us to repeat.
// Nor is how long its lines may be: ours are not longer than everybody's (irc/fit.h).
constexpr std::string_view kNotOurs[] = {"CHATHISTORY", "MSGREFTYPES", "soju.im/SAFERATE", "BOUNCER_NETID",
                                         "WHOX_LIMIT", "LINELEN", "VAPID", "draft/ACCOUNTREQUIRED",
                                         // Clients would send the password that they have for Halley there.
                                         "soju.im/FILEHOST", "draft/FILEHOST", "FILEHOST"};
constexpr std::size_t kMaxServer = 63;   // RFC 2812 section 1.1; what is longer is no name of a server
constexpr std::size_t kMaxSetter = 200;  // who set a topic: with a longer mask, their nick

bool ours_to_say(std::string_view token) {
  for (const std::string_view name : kNotOurs) {
    if (token == name) return false;
  }
  return true;
}

// ISUPPORT values may not hold spaces or backslashes as they are.
void append_isupport_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == ' ' || c == '\\' || c == '=') {
      out += fmt::format("\\x{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
}

}  // namespace

Burst::Burst(const Network& network, NamesStyle style)
    : network_(network),
      style_(style),
      nick_(network.nick()),
      server_(network.state().server.empty() || network.state().server.size() > kMaxServer
                  ? network.user().hostname()
                  : network.state().server) {}

std::string Burst::own_mask() const {
  const NetworkState& state = network_.state();
  if (state.user.empty() || state.host.empty()) return fmt::format("{}!{}@{}", nick_, nick_, server_);
  return fmt::format("{}!{}@{}", nick_, state.user, state.host);
}

const std::string& Burst::realname() const {
  const std::string& wanted = network_.row().realname;
  return wanted.empty() ? nick_ : wanted;
}

void Burst::isupport(const Sink& sink, std::string_view extra) const {
  constexpr std::string_view kEnd = " :are supported by this server";
  const std::string head = fmt::format(":{} {} {}", server_, irc::kRplIsupport, nick_);
  const std::size_t fits = irc::kClientFits - std::min(irc::kClientFits, head.size() + kEnd.size());
  std::string line;
  std::size_t tokens = 0;
  const auto flush = [&] {
    if (tokens == 0) return;
    sink(fmt::format("{}{}{}", head, line, kEnd));
    line.clear();
    tokens = 0;
  };
  const auto add = [&](std::string_view token) {
    if (token.size() >= fits) return;
    if (tokens == kTokensPerLine || line.size() + 1 + token.size() > fits) flush();
    (line += ' ') += token;
    ++tokens;
  };
  std::string token;
  for (const auto& [name, value] : network_.state().isupport().tokens()) {
    if (!ours_to_say(name)) continue;
    token = name;
    if (!value.empty()) append_isupport_value(token += '=', value);
    add(token);
  }
  while (!extra.empty()) {
    const std::size_t space = extra.find(' ');
    add(extra.substr(0, space));
    extra = space == std::string_view::npos ? std::string_view{} : extra.substr(space + 1);
  }
  flush();
}

void Burst::join(const Channel& channel, const Sink& sink) const {
  if (!style_.extended_join) {
    sink(irc::format_line(own_mask(), "JOIN", {channel.name}));
    return;
  }
  const std::string& account = network_.state().account;
  std::string line;
  const std::string_view params[] = {channel.name, account.empty() ? std::string_view("*") : account,
                                     realname()};
  irc::append_line(line, {.source = own_mask(), .command = "JOIN", .params = params, .colon = true});
  sink(line);
}

void Burst::topic(const Channel& channel, const Sink& sink) const {
  if (channel.topic.empty()) return;
  sink(fmt::format(":{} {} {} {} :{}", server_, irc::kRplTopic, nick_, channel.name, channel.topic));
  if (channel.topic_time == 0 || channel.topic_who.empty()) return;
  sink(fmt::format(":{} {} {} {} {} {}", server_, irc::kRplTopicWhoTime, nick_, channel.name,
                   channel.topic_who.size() > kMaxSetter ? irc::parse_prefix(channel.topic_who).nick
                                                         : std::string_view(channel.topic_who),
                   channel.topic_time));
}

void Burst::names(const Channel& channel, const Sink& sink) const {
  NamesList(network_, channel, style_).piece(~std::size_t{0}, sink);
}

std::size_t Burst::bytes_of_names(const Channel& channel) const {
  constexpr std::size_t kNick = 12, kMask = 48;  // and what separates them
  return channel.members.size() * (style_.userhost ? kMask : kNick);
}

std::string Burst::end_of_names(std::string_view channel) const {
  return fmt::format(":{} {} {} {} :End of /NAMES list", server_, irc::kRplEndOfNames, nick_, channel);
}

void Burst::modes(const Channel& channel, const Sink& sink) const {
  sink(fmt::format(":{} {} {} {} {}", server_, irc::kRplChannelModeIs, nick_, channel.name,
                   channel.modes.text()));
  if (channel.created != 0) {
    sink(
        fmt::format(":{} {} {} {} {}", server_, irc::kRplCreationTime, nick_, channel.name, channel.created));
  }
}

}  // namespace halley
