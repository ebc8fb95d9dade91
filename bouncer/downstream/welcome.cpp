// How a client gets in: its password, its network, and what it is shown first.
#include <fmt/format.h>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

void Downstream::verify(const LoginName& name, std::string_view secret,
                        std::function<void(std::expected<Granted, Refused>)> done) {
  registration_.checking = true;
  const std::weak_ptr<int> alive = alive_;
  login_.authenticate(name, secret, peer_.address, true,
                      [this, alive, done = std::move(done)](std::expected<Granted, Refused> result) {
                        if (alive.expired()) return;
                        registration_.checking = false;
                        if (stream_ && !ending_) done(std::move(result));
                        // Lines that came while the password was verified.
                        if (!alive.expired()) room();
                      });
}

void Downstream::forget_grant(const User& who, std::string_view reason) {
  if (welcomed_ || !registration_.granted || registration_.grant.user != &who) return;
  registration_.granted = false;
  end(reason);
}

void Downstream::refuse_login(const Refused& refused) {
  reply(irc::kErrPasswdMismatch, {refused.message});
  end(refused.message);
}

void Downstream::try_register() {
  Registration& reg = registration_;
  if (welcomed_ || reg.checking || reg.negotiating || reg.in_sasl || reg.nick.empty() || !reg.has_user)
    return;
  if (reg.granted) {
    welcome();
    return;
  }
  // "name:password" in PASS, or the name in USER and the password alone in PASS.
  const std::size_t colon = reg.pass.find(':');
  const bool named = colon != std::string::npos && colon > 0 && reg.pass.find_first_of(" \t") > colon;
  const LoginName name =
      parse_login_name(named ? std::string_view(reg.pass).substr(0, colon) : std::string_view(reg.username));
  const std::string secret = named ? reg.pass.substr(colon + 1) : reg.pass;
  if (secret.empty()) {
    refuse_login({Refused::Why::kWrong,
                  "Password required: send PASS user/network@device:password, or log in by SASL PLAIN", 0});
    return;
  }
  verify(name, secret, [this](std::expected<Granted, Refused> result) {
    if (!result) {
      refuse_login(result.error());
      return;
    }
    registration_.granted = true;
    registration_.grant = std::move(*result);
    try_register();
  });
}

void Downstream::welcome() {
  User& who = *registration_.grant.user;
  if (who.clients().size() >= services_.config->limits.clients_per_user) {
    refuse_login({Refused::Why::kTooMany,
                  fmt::format("{} clients of {} are attached already: close one first", who.clients().size(),
                              who.name()),
                  0});
    return;
  }
  Network* network = who.network(static_cast<NetworkId>(registration_.bound_network));
  if (!network && !registration_.grant.network.empty()) {
    network = who.find_network(registration_.grant.network);
    if (!network) {
      refuse_login({Refused::Why::kUnknownNetwork,
                    fmt::format("{} has no network called '{}': see `halley network list {}`", who.name(),
                                registration_.grant.network, who.name()),
                    0});
      return;
    }
  }
  if (!network && who.networks().size() == 1) network = who.networks()[0].get();
  if (!network) {
    refuse_login({Refused::Why::kUnknownNetwork,
                  who.networks().empty()
                      ? fmt::format("{} has no network yet: add one with `halley network add {} NAME URL`",
                                    who.name(), who.name())
                      : fmt::format("say which network: log in as {}/NETWORK", who.name()),
                  0});
    return;
  }
  attach(who, network);
  burst_head_ = who.head();
  welcomed_ = true;
  const Burst burst(*network, names_style());
  nick_ = burst.nick();
  const std::string& server = server_name();
  reply(irc::kRplWelcome, {fmt::format("Welcome back to {} through Halley, {}", network->name(), nick_)});
  reply(irc::kRplYourHost, {fmt::format("Your host is {}", server)});
  reply(irc::kRplCreated, {"Halley keeps your log while you are away"});
  send(fmt::format(":{} {} {} {}", server, irc::kRplMyInfo, nick_,
                   network->state().my_info.empty() ? server + " halley o o" : network->state().my_info));
  const auto sink = [this](std::string_view line) { send(line); };
  burst.isupport(sink, fmt::format("BOUNCER_NETID={} CHATHISTORY={} MSGREFTYPES=msgid,timestamp",
                                   network->id(), kMostHistory));
  reply(irc::kErrNoMotd, {"MOTD of the network: /motd"});
  if (network->link() == Link::kConnected) {
    if (!network->state().umodes.empty()) reply(irc::kRplUmodeIs, {network->state().umodes});
    for (const auto& channel : network->state().channels()) {
      if (channel->names_known) burst.channel(*channel, sink);
    }
  } else {
    notice(fmt::format("Not connected to {} at the moment ({}{}{})", network->name(),
                       link_name(network->link()), network->trouble().empty() ? "" : ": ",
                       network->trouble()));
  }
  announce_caps();
  begin_replay();
}

// What the network lacks and Halley cannot supply is withdrawn, and offered again when the network gains it.
void Downstream::announce_caps() {
  if (registration_.cap_version < 302 && !caps_.has(irc::Cap::kCapNotify)) return;
  const irc::CapSet now = available_caps(*network());
  const auto tell = [this](std::string_view sub, irc::CapSet changed) {
    if (changed.empty()) return;
    std::string list;
    changed.for_each([&](irc::Cap cap) { (list += list.empty() ? "" : " ") += irc::name(cap); });
    send(irc::format_line(server_name(), "CAP", {nick_, sub, list}));
  };
  tell("DEL", offered_ - now);
  tell("NEW", now - offered_);
  offered_ = now;
  caps_ = caps_ & now;
  caps_changed();
}

NamesStyle Downstream::names_style() const {
  return {.multi_prefix = caps_.has(irc::Cap::kMultiPrefix),
          .userhost = caps_.has(irc::Cap::kUserhostInNames)};
}

}  // namespace halley
