// CTCP questions: one program answers each, and none is kept. Source: https://modern.ircdocs.horse/ctcp
#include "bouncer/irc/ctcp.h"

#include <fmt/format.h>

#include <ctime>

#include "bouncer/core/client.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

constexpr std::size_t kLongestEcho = 100;

// Of the user's ordinary clients on this network the one that came last: it is the likeliest to be looked at.
Client* answering_client(Upstream& up) {
  Client* last = nullptr;
  for (Client* client : up.user().clients()) {
    if (client->view().bound() == up.network().id()) last = client;
  }
  return last;
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

void ctcp_question(Upstream& up, const irc::Message& message, const irc::Ctcp& question) {
  if (Client* client = answering_client(up)) {
    std::string line;
    irc::append_line(line, {.tags = message.tags,
                            .source = message.source,
                            .command = message.command,
                            .params = message.parameters(),
                            .colon = true});
    client->pass(up.network(), line);
    return;
  }
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
