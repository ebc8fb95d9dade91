// What a network refuses: nicks and channels, asked for by clients or by Halley itself.
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Message;

constexpr std::size_t kMostNickTries = 20;

std::string fallback_nick(Upstream& up, std::size_t attempt) {
  const storage::NetworkRow& row = up.network().row();
  if (attempt == 1 && !row.alt_nick.empty()) return row.alt_nick;
  // nick_, nick__, then numbers in place of the end, within the length that every network takes.
  constexpr std::size_t kShortestLimit = 9;
  const std::size_t tries = row.alt_nick.empty() ? attempt : attempt - 1;
  std::string nick = up.nicks().wanted();
  if (tries <= 2) return nick + std::string(tries, '_');
  nick.resize(std::min(nick.size(), kShortestLimit - 2));
  return nick + std::to_string(up.random().next() % 90 + 10);
}

void refused_while_registering(Upstream& up, const Message& m) {
  if (up.nicks().request_refused()) {
    up.tell(fmt::format("The network refused a nick: {}", m.last()));
    up.send_now(irc::format_line({}, "NICK", {up.nicks().to_register()}));
    return;
  }
  Upstream::Registration& reg = up.registration();
  if (++reg.nick_tries > kMostNickTries) {
    up.fail(
        fmt::format("the network takes none of the nicks that were tried, the last answer was: {}", m.last()),
        true);
    return;
  }
  up.send_now("NICK " + fallback_nick(up, reg.nick_tries));
}

void on_join_refused(Upstream& up, const Message& m) {
  const auto refusal = up.wanted_channels().refused(m.command, m.param(1), m.last());
  if (refusal != WhoseTry::kOwn) up.route(m);
}

// FAIL JOIN CODE #channel :reason, FAIL NICK CODE nick :reason
void on_fail(Upstream& up, const Message& m) {
  if (irc::same_command(m.param(0), "NICK")) {
    if (up.state().nick.empty()) return refused_while_registering(up, m);
    if (up.nicks().refused(m.parameters()) == WhoseTry::kOwn) return;
  }
  const bool of_join = irc::same_command(m.param(0), "JOIN") && m.param_count > 3;
  if (of_join && up.state().isupport().is_channel(m.param(2)) &&
      up.wanted_channels().refused(m.param(1), m.param(2), m.last()) == WhoseTry::kOwn)
    return;
  up.route(m);
}

void on_nick_refused(Upstream& up, const Message& m) {
  if (up.state().nick.empty()) {
    refused_while_registering(up, m);
    return;
  }
  if (up.state().isupport().is_channel(m.param(1)) && m.command == irc::kErrUnavailResource) {
    on_join_refused(up, m);
    return;
  }
  if (up.nicks().refused(m.parameters()) != WhoseTry::kOwn) up.route(m);
}

void on_forwarded(Upstream& up, const Message& m) {
  up.wanted_channels().forwarded(m.param(1), m.param(2));
  up.route(m);
}

constexpr UpstreamRow kRefusalRows[] = {
    {"403", 2, on_join_refused},  // no such channel
    {"405", 2, on_join_refused},  // too many channels
    {"407", 2, on_join_refused},  // several channels have that name
    {irc::kErrErroneousNickname, 1, on_nick_refused},
    {irc::kErrNicknameInUse, 1, on_nick_refused},
    {"435", 1, on_nick_refused},  // banned in a channel
    {irc::kErrNickCollision, 1, on_nick_refused},
    {irc::kErrUnavailResource, 1, on_nick_refused},
    {"438", 1, on_nick_refused},  // too fast
    {"447", 1, on_nick_refused},  // a channel is +N
    {"448", 2, on_join_refused},  // forbidden
    {"460", 2, on_join_refused},  // not for those without the privilege
    {"470", 3, on_forwarded},
    {"471", 2, on_join_refused},  // full
    {"473", 2, on_join_refused},  // invitation only
    {"474", 2, on_join_refused},  // banned
    {"475", 2, on_join_refused},  // wrong key
    {"476", 2, on_join_refused},  // bad mask
    {"477", 2, on_join_refused},  // registered nicks only
    {"479", 2, on_join_refused},  // bad name
    {"480", 2, on_join_refused},  // throttled
    {"484", 1, on_nick_refused},  // the connection is restricted
    {"485", 2, on_join_refused},  // reserved
    {"489", 2, on_join_refused},  // TLS only
    {"495", 2, on_join_refused},  // too soon behind a KICK
    {"500", 2, on_join_refused},  // too many joins
    {"519", 2, on_join_refused},  // administrators only
    {"520", 2, on_join_refused},  // operators only
    {"926", 2, on_join_refused},  // forbidden
    {"FAIL", 2, on_fail},
};

}  // namespace

std::span<const UpstreamRow> refusal_rows() {
  return kRefusalRows;
}

}  // namespace halley
