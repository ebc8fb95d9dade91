// Registration with a network: CAP, SASL, nick, 001 to the end of the MOTD.
#include <fmt/format.h>

#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Cap;
using irc::Message;

// What makes the log better or lets clients have more.
constexpr irc::CapSet kWanted = irc::CapSet::of(
    Cap::kMessageTags, Cap::kServerTime, Cap::kBatch, Cap::kCapNotify, Cap::kMultiPrefix,
    Cap::kUserhostInNames, Cap::kExtendedJoin, Cap::kAccountNotify, Cap::kAccountTag, Cap::kAwayNotify,
    Cap::kChghost, Cap::kSetname, Cap::kInviteNotify, Cap::kExtendedMonitor, Cap::kStandardReplies);
constexpr std::size_t kMostNickTries = 20;

bool sasl_configured(Upstream& up) {
  return !up.network().row().sasl_mechanism.empty();
}

void end_caps(Upstream& up) {
  if (up.registration().ended) return;
  up.registration().ended = true;
  up.send_now("CAP END");
}

void sasl_refused(Upstream& up, std::string_view why) {
  // Going on without the account could show the user's address or lose their channels: better to stay away
  // and say so.
  up.fail(
      fmt::format("SASL login as {} failed: {}. Mend it with `halley network set {} {} sasl-password=...`",
                  up.network().row().sasl_account, why, up.user().name(), up.network().name()),
      true);
}

void start_sasl(Upstream& up) {
  const storage::NetworkRow& row = up.network().row();
  const std::string& offered = up.registration().sasl_value;
  if (!offered.empty() && (',' + offered + ',').find(',' + row.sasl_mechanism + ',') == std::string::npos) {
    sasl_refused(up, fmt::format("the network offers only {}", offered));
    return;
  }
  up.send_now("AUTHENTICATE " + row.sasl_mechanism);
}

void request_caps(Upstream& up) {
  Upstream::Registration& reg = up.registration();
  reg.wanted = reg.offered & kWanted;
  if (sasl_configured(up)) {
    if (!reg.offered.has(Cap::kSasl)) {
      sasl_refused(up, "the network does not offer SASL");
      return;
    }
    reg.wanted.add(Cap::kSasl);
  }
  if (reg.wanted.empty()) {
    end_caps(up);
    return;
  }
  std::string list;
  const auto send = [&] {
    up.send_now("CAP REQ :" + list);
    ++reg.requests_open;
    list.clear();
  };
  reg.wanted.for_each([&](Cap cap) {
    constexpr std::size_t kFits = 400;
    if (list.size() + irc::name(cap).size() > kFits) send();
    if (!list.empty()) list += ' ';
    list += irc::name(cap);
  });
  send();
}

void request_answered(Upstream& up) {
  Upstream::Registration& reg = up.registration();
  if (reg.requests_open > 0) --reg.requests_open;
  if (reg.requests_open > 0 || reg.ended) return;
  if (sasl_configured(up) && !reg.sasl_done) {
    if (!up.state().caps.has(Cap::kSasl)) {
      sasl_refused(up, "the network refused the sasl capability");
      return;
    }
    start_sasl(up);
    return;
  }
  end_caps(up);
}

void offered_caps(Upstream& up, std::string_view list) {
  irc::for_each_cap(list, [&](std::string_view name, std::string_view value, bool) {
    const auto cap = irc::find_cap(name);
    if (!cap) return;
    up.registration().offered.add(*cap);
    if (*cap == Cap::kSasl) up.registration().sasl_value = value;
  });
}

void on_cap(Upstream& up, const Message& m) {
  const std::string_view sub = m.param(1), list = m.last();
  if (irc::same_command(sub, "LS")) {
    offered_caps(up, list);
    if (m.param(2) != "*" || m.param_count < 4) request_caps(up);
  } else if (irc::same_command(sub, "ACK")) {
    irc::for_each_cap(list, [&](std::string_view name, std::string_view, bool minus) {
      const auto cap = irc::find_cap(name);
      if (cap && minus) up.state().caps.remove(*cap);
      if (cap && !minus) up.state().caps.add(*cap);
    });
    request_answered(up);
  } else if (irc::same_command(sub, "NAK")) {
    request_answered(up);
  } else if (irc::same_command(sub, "NEW")) {
    irc::CapSet fresh;
    irc::for_each_cap(list, [&](std::string_view name, std::string_view, bool) {
      const auto cap = irc::find_cap(name);
      if (cap && kWanted.has(*cap) && !up.state().caps.has(*cap)) fresh.add(*cap);
    });
    fresh.for_each([&](Cap cap) { up.send_now(fmt::format("CAP REQ :{}", irc::name(cap))); });
  } else if (irc::same_command(sub, "DEL")) {
    irc::for_each_cap(list, [&](std::string_view name, std::string_view, bool) {
      if (const auto cap = irc::find_cap(name)) up.state().caps.remove(*cap);
    });
  }
}

void on_authenticate(Upstream& up, const Message& m) {
  const storage::NetworkRow& row = up.network().row();
  if (up.registration().sasl_reader.feed(m.param(0)) != irc::SaslReader::Result::kDone) return;
  std::string payload;
  if (row.sasl_mechanism == "PLAIN") {
    auto password = up.unseal("sasl-password", row.sealed_sasl_password);
    if (!password) {
      sasl_refused(up, password.error());
      return;
    }
    payload = irc::format_plain(row.sasl_account, *password);
  } else if (row.sasl_mechanism == "EXTERNAL") {
    payload = row.sasl_account;
  }
  for (const std::string& chunk : irc::sasl_chunks(payload)) up.send_now("AUTHENTICATE " + chunk);
}

void on_logged_in(Upstream& up, const Message& m) {
  up.state().account = m.param(2);
}

void on_logged_out(Upstream& up, const Message&) {
  up.state().account.clear();
}

void on_sasl_success(Upstream& up, const Message&) {
  up.registration().sasl_done = true;
  end_caps(up);
}

void on_sasl_failure(Upstream& up, const Message& m) {
  if (up.registration().ended) {
    up.pass(m);
    return;
  }
  sasl_refused(up, m.last());
}

void on_welcome(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  // A server that knows no CAP registers us at once: that is fine, unless an account was to be proved.
  if (sasl_configured(up) && !up.registration().sasl_done) {
    sasl_refused(up, "the network finished the registration without SASL");
    return;
  }
  up.registration().ended = true;
  state.nick = m.param(0);
  state.server = m.source;
  const std::string_view mask = m.last().substr(m.last().rfind(' ') + 1);
  const irc::Prefix me = irc::parse_prefix(mask);
  if (state.is_me(me.nick)) {
    state.user = me.user;
    state.host = me.host;
  }
  up.welcomed();
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

std::string fallback_nick(Upstream& up, std::size_t attempt) {
  const storage::NetworkRow& row = up.network().row();
  if (attempt == 1 && !row.alt_nick.empty()) return row.alt_nick;
  // nick_, nick__, then numbers in place of the end, within the length that every network takes.
  constexpr std::size_t kShortestLimit = 9;
  const std::size_t tries = row.alt_nick.empty() ? attempt : attempt - 1;
  std::string nick = up.wanted_nick();
  if (tries <= 2) return nick + std::string(tries, '_');
  nick.resize(std::min(nick.size(), kShortestLimit - 2));
  return nick + std::to_string(up.random().next() % 90 + 10);
}

void on_nick_refused(Upstream& up, const Message& m) {
  if (up.link() == Link::kConnected) {
    if (!up.swallow_nick_error()) up.route(m);
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

void on_pong(Upstream&, const Message&) {}

void on_error(Upstream& up, const Message& m) {
  up.fail(fmt::format("the network closed the link: {}", m.last()));
}

void on_saslmechs(Upstream&, const Message&) {}  // 904 follows and is told

void on_umodes(Upstream& up, const Message& m) {
  up.state().umodes = m.param(1);
  if (up.link() == Link::kConnected) up.route(m);
}

constexpr UpstreamRow kRegistrationRows[] = {
    {"CAP", 3, on_cap},
    {"AUTHENTICATE", 1, on_authenticate},
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
    {irc::kErrErroneousNickname, 1, on_nick_refused},
    {irc::kErrNicknameInUse, 1, on_nick_refused},
    {irc::kErrNickCollision, 1, on_nick_refused},
    {irc::kErrUnavailResource, 1, on_nick_refused},
    {irc::kErrPasswdMismatch, 1, on_password_mismatch},
    {irc::kErrYoureBannedCreep, 1, on_banned},
    {irc::kRplLoggedIn, 3, on_logged_in},
    {irc::kRplLoggedOut, 1, on_logged_out},
    {irc::kErrNickLocked, 1, on_sasl_failure},
    {irc::kRplSaslSuccess, 0, on_sasl_success},
    {irc::kErrSaslFail, 1, on_sasl_failure},
    {irc::kErrSaslTooLong, 1, on_sasl_failure},
    {irc::kErrSaslAborted, 1, on_sasl_failure},
    {irc::kErrSaslAlready, 0, on_sasl_success},
    {irc::kRplSaslMechs, 1, on_saslmechs},
};

}  // namespace

std::span<const UpstreamRow> registration_rows() {
  return kRegistrationRows;
}

void begin_registration(Upstream& up) {
  const storage::NetworkRow& row = up.network().row();
  if (!row.sealed_password.empty()) {
    auto password = up.unseal("password", row.sealed_password);
    if (!password) {
      up.fail("the network's password cannot be unsealed: " + password.error(), true);
      return;
    }
    up.send_now(irc::format_line({}, "PASS", {*password}));
  }
  up.send_now("CAP LS 302");
  up.send_now(irc::format_line({}, "NICK", {up.wanted_nick()}));
  const std::string& username = row.username.empty() ? row.nick : row.username;
  const std::string& realname = row.realname.empty() ? row.nick : row.realname;
  std::string line;
  const std::string_view params[] = {username, "0", "*", realname};
  irc::append_line(line, {}, {}, "USER", params, true);
  up.send_now(line);
}

}  // namespace halley
