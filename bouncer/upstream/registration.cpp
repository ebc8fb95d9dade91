// Registration with a network: password, nick, 001 to the end of the MOTD.
#include <fmt/format.h>

#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Message;

constexpr std::string_view kWelcomePing = "halley-welcome";

void on_welcome(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  // A server that knows no CAP registers us at once: that is fine, unless an account was to be proved.
  if (sasl_configured(up) && up.registration().sasl != Upstream::Sasl::kDone) {
    sasl_refused(up, "the network finished the registration without SASL");
    return;
  }
  if (m.param(0).size() > NetworkState::kMaxOwnName) {
    up.fail(fmt::format("the network gave us a nick of {} bytes", m.param(0).size()), true);
    return;
  }
  up.registration().ended = true;
  state.set_nick(m.param(0));
  state.server = m.source;
  const std::string_view mask = m.last().substr(m.last().rfind(' ') + 1);
  const irc::Prefix me = irc::parse_prefix(mask);
  if (state.is_me(me.nick)) state.set_address(me.user, me.host);
  up.welcomed();
  // Small and bridging servers send no end of a MOTD: what they answer comes behind all of their welcome.
  up.send_now(fmt::format("PING :{}", kWelcomePing));
}

void on_my_info(Upstream& up, const Message& m) {
  std::string& info = up.state().my_info;
  info.clear();
  for (const std::string_view param : m.parameters().subspan(1)) {
    if (!info.empty()) info += ' ';
    info += param;
  }
}

void on_isupport(Upstream& up, const Message& m) {
  if (m.param_count < 3) return;
  const irc::CaseMapping before = up.state().casemapping();
  up.state().apply_isupport(m.parameters().subspan(1, m.param_count - 2));
  if (up.state().casemapping() != before) up.network().buffers().set_casemapping(up.state().casemapping());
  if (up.link() == Link::kConnected) up.route(m);
}

void on_end_of_motd(Upstream& up, const Message& m) {
  if (up.link() == Link::kConnected) {
    up.route(m);
  } else {
    up.registered();
  }
}

void on_motd(Upstream& up, const Message& m) {
  if (up.link() == Link::kConnected) up.route(m);
}

void on_password_mismatch(Upstream& up, const Message& m) {
  if (up.link() == Link::kConnected) {
    up.route(m);
    return;
  }
  up.fail(fmt::format("the network refused the password: {}", m.last()), true);
}

void on_banned(Upstream& up, const Message& m) {
  up.fail(fmt::format("banned from the network: {}", m.last()), true);
}

void on_ping(Upstream& up, const Message& m) {
  up.send_now(irc::format_line({}, "PONG", {m.last()}));
}

void on_pong(Upstream& up, const Message& m) {
  if (m.last().starts_with("halley")) up.replays().hear_clock(m, true);
  if (up.fence_back(m.last())) return;
  if (m.last() == kWelcomePing && !up.state().nick.empty()) up.registered();
}

void on_error(Upstream& up, const Message& m) {
  up.fail(fmt::format("the network closed the link: {}", m.last()));
}

void on_umodes(Upstream& up, const Message& m) {
  up.state().umodes.clear();
  up.state().change_umodes(m.param(1));
  if (up.link() == Link::kConnected) up.route(m);
}

constexpr UpstreamRow kRegistrationRows[] = {
    {"PING", 1, on_ping},
    {"PONG", 0, on_pong},
    {"ERROR", 1, on_error},
    {irc::kRplWelcome, 1, on_welcome},
    {irc::kRplYourHost, 0, on_motd},
    {irc::kRplCreated, 0, on_motd},
    {irc::kRplMyInfo, 2, on_my_info},
    {irc::kRplIsupport, 2, on_isupport},
    {irc::kRplUmodeIs, 2, on_umodes},
    {irc::kRplMotdStart, 0, on_motd},
    {irc::kRplMotd, 0, on_motd},
    {irc::kRplEndOfMotd, 0, on_end_of_motd},
    {irc::kErrNoMotd, 0, on_end_of_motd},
    {irc::kErrPasswdMismatch, 1, on_password_mismatch},
    {irc::kErrYoureBannedCreep, 1, on_banned},
};

}  // namespace

std::span<const UpstreamRow> registration_rows() {
  return kRegistrationRows;
}

void begin_registration(Upstream& up) {
  const storage::NetworkRow& row = up.network().row();
  if (!row.sealed_password.empty()) {
    auto password = up.unseal(seal_purpose::kPassword, row.sealed_password);
    if (!password) {
      up.fail("the network's password cannot be unsealed: " + password.error(), true);
      return;
    }
    up.send_now(irc::format_line({}, "PASS", {*password}));
  }
  up.send_now("CAP LS 302");
  up.send_now(irc::format_line({}, "NICK", {up.nicks().to_register()}));
  const std::string& username = row.username.empty() ? row.nick : row.username;
  const std::string& realname = row.realname.empty() ? row.nick : row.realname;
  std::string line;
  const std::string_view params[] = {username, "0", "*", realname};
  irc::append_line(line, {.command = "USER", .params = params, .colon = true});
  up.send_now(line);
}

}  // namespace halley
