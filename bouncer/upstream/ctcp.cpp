// CTCP questions: one program answers each, and none is kept. Source: https://modern.ircdocs.horse/ctcp
#include "bouncer/irc/ctcp.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "bouncer/core/client.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

constexpr std::size_t kLongestEcho = 100;
constexpr std::uint64_t kCtcpAnsweredWithinMs = 60'000;

// Of the user's ordinary clients on this network the one that came last: it is the likeliest to be looked at.
Client* answering_client(Upstream& up) {
  Client* last = nullptr;
  for (Client* client : up.user().clients()) {
    if (client->view().bound() == up.network().id()) last = client;
  }
  return last;
}

void hand_on(Upstream& up, Client& client, const irc::Message& message) {
  std::string line;
  irc::append_message(line, message, true);
  client.pass(up.network(), line);
}

// What Halley itself says; empty: nothing that it knows.
std::string own_answer(Upstream& up, const irc::Ctcp& question) {
  if (irc::same_command(question.command, "VERSION")) return "VERSION Halley, an IRC bouncer";
  if (irc::same_command(question.command, "CLIENTINFO"))
    return "CLIENTINFO ACTION CLIENTINFO PING TIME VERSION";
  if (irc::same_command(question.command, "PING"))
    return fmt::format("PING {}", irc::clip_utf8(question.params, kLongestEcho));
  if (irc::same_command(question.command, "TIME")) {
    std::string time;
    irc::append_time(time, up.clock().wall_us() / 1000);
    return "TIME " + time;
  }
  return {};
}

}  // namespace

void Upstream::asks_by_ctcp(ClientId asker, const irc::Message& message) {
  const auto question = irc::parse_ctcp(message.param(1));
  if (!question || irc::same_command(question->command, "ACTION")) return;
  const irc::Isupport& isupport = state().isupport();
  const bool channel = isupport.is_channel(isupport.without_status(message.param(0)));
  auto& asked = state_.ctcp_asked;
  if (asked.size() == kMostCtcpAsked) asked.erase(asked.begin());
  asked.push_back({.asker = asker,
                   .nick = std::string(channel ? std::string_view{} : message.param(0)),
                   .command = std::string(question->command),
                   .at_ms = now_ms()});
}

std::optional<ClientId> Upstream::ctcp_asker(std::string_view nick, std::string_view command) {
  auto& asked = state_.ctcp_asked;
  std::erase_if(asked, [&](const CtcpAsked& one) { return now_ms() - one.at_ms > kCtcpAnsweredWithinMs; });
  const auto at = std::ranges::find_if(asked, [&](const CtcpAsked& one) {
    return irc::same_command(one.command, command) &&
           (one.nick.empty() || irc::equal(state().casemapping(), one.nick, nick));
  });
  if (at == asked.end()) return std::nullopt;
  const ClientId asker = at->asker;
  if (!at->nick.empty()) asked.erase(at);
  return asker;
}

void ctcp_answer(Upstream& up, const irc::Message& message, const irc::Ctcp& answer) {
  const auto asker = up.ctcp_asker(irc::parse_prefix(message.source).nick, answer.command);
  if (!asker || *asker == kEverybody) return up.pass(message);
  Client* client = up.user().client(*asker);
  if (client == nullptr) return;  // it has gone meanwhile
  hand_on(up, *client, message);
}

void ctcp_question(Upstream& up, const irc::Message& message, const irc::Ctcp& question) {
  if (Client* client = answering_client(up)) return hand_on(up, *client, message);
  if (!up.take_ctcp_answer()) return;
  const std::string_view who = irc::parse_prefix(message.source).nick;
  const std::string answer = own_answer(up, question);
  if (answer.empty()) {
    const bool offer = irc::same_command(question.command, "DCC");
    if (offer)
      up.tell(fmt::format("{} offered something by DCC while no client was attached: {}", who,
                          irc::clip_utf8(question.params, kLongestEcho)));
    return;
  }
  const std::string text = "\x01" + answer + "\x01";
  std::string line;
  const std::string_view params[] = {who, text};
  irc::append_line(line, {.command = "NOTICE", .params = params, .colon = true});
  up.set_up(line);
}

}  // namespace halley
