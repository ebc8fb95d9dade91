// Who the client is on its network: it is told when nick, user or host are others than it knows.
#include <fmt/format.h>

#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/message.h"

namespace halley {

// The network knows us by another nick than the client does, and no NICK line told it (a new link).
void Downstream::follow_nick() {
  const Network* network = bound_network();
  if (!network) return;
  const std::string& now = network->state().nick;
  if (now.empty() || now == state_.nick) return;
  send(irc::format_line(fmt::format("{}!{}@{}", state_.nick, state_.nick, server_name()), "NICK", {now}));
  state_.nick = now;
}

// Source: https://github.com/ircv3/ircv3-specifications/pull/603
void Downstream::follow_address() {
  if (!state_.caps.has(irc::Cap::kWhoami)) return state_.told_address.reset();
  const Network* network = bound_network();
  if (!state_.welcomed || !network) return;
  const NetworkState& now = network->state();
  if (now.user.empty() || now.host.empty()) return;  // not known yet
  std::string address = fmt::format("{}@{}", now.user, now.host);
  if (state_.told_address && *state_.told_address == address) return;
  // A network may change it as often as it likes.
  if (is_too_slow()) return end("you read too slowly");
  if (state_.told_address) {
    send(irc::format_line(fmt::format("{}!{}", state_.nick, *state_.told_address), "CHGHOST",
                          {now.user, now.host}));
    *state_.told_address = std::move(address);
    return;
  }
  std::string line;
  const Burst burst(*network, {});
  const std::string_view params[] = {burst.realname()};
  irc::append_line(line, {.source = fmt::format("{}!{}", state_.nick, address),
                          .command = "SETNAME",
                          .params = params,
                          .colon = true});
  send(line);
  state_.told_address = std::make_unique<std::string>(std::move(address));
}

// The network's own word of it has reached the client.
void Downstream::hear_address(const Network& network, const irc::Message& message) {
  const NetworkState& now = network.state();
  if (!state_.told_address || !irc::same_command(message.command, "CHGHOST") ||
      !state_.caps.has(irc::Cap::kChghost))
    return;
  if (now.is_me(irc::parse_prefix(message.source).nick))
    *state_.told_address = fmt::format("{}@{}", now.user, now.host);
}

}  // namespace halley
