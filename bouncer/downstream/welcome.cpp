// How a client gets in: its password, its network, and what it is shown first.
#include <fmt/format.h>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/numerics.h"

namespace halley {

void Downstream::verify(const LoginName& name, std::string_view secret,
                        std::function<void(std::expected<Granted, Refused>)> done) {
  state_.handshake.checking = true;
  const std::weak_ptr<int> alive = alive_;
  parts_.login.authenticate(name, secret, peer_.address, true,
                            [this, alive, done = std::move(done)](std::expected<Granted, Refused> result) {
                              if (alive.expired()) return;
                              state_.handshake.checking = false;
                              if (stream_ && !state_.ending) done(std::move(result));
                              // Lines that came while the password was verified.
                              if (!alive.expired()) room();
                            });
}

void Downstream::forget_grant(const User& who, std::string_view reason) {
  if (state_.welcomed || !state_.handshake.granted || state_.handshake.grant.user != &who) return;
  state_.handshake.granted = false;
  end(reason);
}

void Downstream::password_changed(const User& who) {
  const Handshake& reg = state_.handshake;
  if (!reg.granted || reg.grant.user != &who || !reg.grant.by_password) return;
  if (!state_.welcomed) state_.handshake.granted = false;
  end("The password has been changed: log in with the new one");
}

void Downstream::refuse_login(const Refused& refused) {
  reply(irc::kErrPasswdMismatch, {refused.message});
  end(refused.message);
}

void Downstream::try_register() {
  const Handshake& reg = state_.handshake;
  if (state_.welcomed || reg.checking || reg.negotiating || reg.in_sasl || reg.nick.empty() || !reg.has_user)
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
                  "Password required: send PASS user/network:TOKEN with a device's token, or "
                  "user/network@device:password, or log in by SASL PLAIN",
                  0});
    return;
  }
  verify(name, secret, [this](std::expected<Granted, Refused> result) {
    if (!result) {
      refuse_login(result.error());
      return;
    }
    state_.handshake.granted = true;
    state_.handshake.grant = std::move(*result);
    try_register();
  });
}

// The network that BOUNCER BIND or the login named, else the only one that there is.
std::expected<View, Refused> Downstream::wanted_view(User& user) const {
  const Handshake& reg = state_.handshake;
  if (user.network(reg.bound_network)) return View::one(reg.bound_network);
  if (!reg.grant.network.empty()) {
    if (const Network* named = user.find_network(reg.grant.network)) return View::one(named->id());
    return std::unexpected(Refused{
        .why = Refused::Why::kUnknownNetwork,
        .message =
            fmt::format("{} has no network called '{}': /msg *halley network list, as {} alone, names them",
                        user.name(), reg.grant.network, user.name()),
        .retry_after_s = 0});
  }
  // A client that binds connections by itself stays unbound on the one that it asks by.
  const bool binds = state_.caps.has(irc::Cap::kBouncerNetworks);
  if (user.networks().size() == 1 && !binds) return View::one(user.networks()[0]->id());
  return View::none();
}

void Downstream::welcome() {
  User& who = *state_.handshake.grant.user;
  if (who.clients().size() >= parts_.config.limits.clients_per_user) {
    refuse_login({.why = Refused::Why::kTooMany,
                  .message = fmt::format("{} clients of {} are attached already: close one first",
                                         who.clients().size(), who.name()),
                  .retry_after_s = 0});
    return;
  }
  const auto wanted = wanted_view(who);
  if (!wanted) {
    refuse_login(wanted.error());
    return;
  }
  attach(who, *wanted);
  state_.burst_head = who.head();
  state_.welcomed = true;
  const Network* network = bound_network();
  if (!network) {
    greet_unbound();
    return;
  }
  greet(*network);
  announce_caps();
  begin_replay(network->id());
}

// What a server says first, and the present state of the network.
void Downstream::greet(const Network& network) {
  const Burst burst(network, names_style());
  state_.nick = burst.nick();
  const std::string& server = server_name();
  reply(irc::kRplWelcome, {fmt::format("Welcome back to {} through Halley, {}", network.name(), nick())});
  reply(irc::kRplYourHost, {fmt::format("Your host is {}", server)});
  reply(irc::kRplCreated, {"Halley keeps your log while you are away"});
  send(fmt::format(":{} {} {} {}", server, irc::kRplMyInfo, nick(),
                   network.state().my_info.empty() ? server + " halley o o" : network.state().my_info));
  const auto sink = [this](std::string_view line) { send(line); };
  burst.isupport(sink, fmt::format("BOUNCER_NETID={} CHATHISTORY={} MSGREFTYPES=msgid,timestamp",
                                   network.id(), kMostHistory));
  tell_account(network);
  if (!network.state().umodes.empty()) reply(irc::kRplUmodeIs, {network.state().umodes});
  reply(irc::kErrNoMotd, {"MOTD of the network: /motd"});
  if (network.link() == Link::kConnected) {
    if (network.state().away) reply(irc::kRplNowAway, {"You have been marked as being away"});
    for (const auto& channel : network.state().channels()) {
      if (channel->names_known) {
        burst.channel(*channel, sink);
      } else {
        burst.join(*channel, sink);  // topic and names follow when they are known
      }
    }
  } else {
    notice(fmt::format("Not connected to {} at the moment ({}{}{})", network.name(),
                       link_name(network.link()), network.trouble().empty() ? "" : ": ", network.trouble()));
  }
}

// The account on the network, as it told us ourselves.
void Downstream::tell_account(const Network& network) {
  const std::string& account = network.state().account;
  if (account.empty()) return;
  reply(irc::kRplLoggedIn,
        {Burst(network, {}).own_mask(), account, fmt::format("You are now logged in as {}", account)});
}

// Bound to no network: the client may list, add and bind networks, and talk to Halley.
void Downstream::greet_unbound() {
  state_.nick = state_.handshake.nick;
  reply(irc::kRplWelcome, {fmt::format("Welcome back to Halley, {}", nick())});
  reply(irc::kRplYourHost, {fmt::format("Your host is {}", server_name())});
  reply(irc::kRplCreated, {"Halley keeps your log while you are away"});
  send(fmt::format(":{} {} {} {} halley o o", server_name(), irc::kRplMyInfo, nick(), server_name()));
  send(fmt::format(":{} {} {} CASEMAPPING=ascii NETWORK=Halley :are supported by this server", server_name(),
                   irc::kRplIsupport, nick()));
  reply(irc::kErrNoMotd, {"No MOTD"});
  if (state_.caps.has(irc::Cap::kBouncerNetworks)) return;
  if (user()->networks().empty()) {
    notice(
        "You have no network yet. Add one: /msg *halley network add NAME ircs://irc.example.org --nick NICK");
    return;
  }
  std::string names;
  for (const auto& network : user()->networks()) (names += names.empty() ? "" : ", ") += network->name();
  notice(fmt::format(
      "Your networks: {}. To use one, log in as {}/NETWORK; /msg *halley help says what else there is.",
      names, user()->name()));
}

// What the network lacks and Halley cannot supply is withdrawn, and offered again when the network gains it.
void Downstream::announce_caps() {
  if (state_.handshake.cap_version < 302 && !state_.caps.has(irc::Cap::kCapNotify)) return;
  const Network* network = bound_network();
  const irc::CapSet now = network ? available_caps(*network) : offered_caps();
  const auto tell = [this](std::string_view sub, irc::CapSet changed) {
    if (changed.empty()) return;
    std::string list;
    changed.for_each([&](irc::Cap cap) { (list += list.empty() ? "" : " ") += irc::name(cap); });
    send(irc::format_line(server_name(), "CAP", {state_.nick, sub, list}));
  };
  tell("DEL", state_.offered - now);
  tell("NEW", now - state_.offered);
  state_.offered = now;
  set_caps(state_.caps & now);
}

NamesStyle Downstream::names_style() const {
  return {.multi_prefix = state_.caps.has(irc::Cap::kMultiPrefix),
          .userhost = state_.caps.has(irc::Cap::kUserhostInNames),
          .extended_join = state_.caps.has(irc::Cap::kExtendedJoin)};
}

}  // namespace halley
