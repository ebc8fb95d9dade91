// How a client gets in: its password, its network, and what it is shown first.
#include <fmt/format.h>

#include "bouncer/accounts/user_settings.h"
#include "bouncer/commands/read_markers.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/all_networks.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/numerics.h"

namespace halley {

namespace {
// Members of a channel are told to these only when they ask.
// Source: https://ircv3.net/specs/extensions/no-implicit-names, under its three names
constexpr irc::CapSet kNamesOnRequest = irc::CapSet::of(
    irc::Cap::kNoImplicitNames, irc::Cap::kDraftNoImplicitNames, irc::Cap::kSojuNoImplicitNames);

constexpr std::size_t kMaxMyInfo = 250;  // of what a network says of itself in 004

const std::string kOwnTokens =
    fmt::format("CHATHISTORY={} MSGREFTYPES=msgid,timestamp draft/ACCOUNTREQUIRED", kMostHistory);
}  // namespace

void Downstream::verify(const LoginName& name, std::string_view secret,
                        std::function<void(std::expected<Granted, Refused>)> done) {
  state_.handshake.checking = true;
  const std::weak_ptr<int> alive = alive_;
  parts_.login.authenticate(name, secret, state_.peer.address, true,
                            [this, alive, done = std::move(done)](std::expected<Granted, Refused> result) {
                              if (alive.expired()) return;
                              state_.handshake.checking = false;
                              if (stream_ && !state_.ending) done(std::move(result));
                              // Lines that came while the password was verified.
                              if (!alive.expired()) room();
                            });
}

User* Downstream::granted_user() const {
  return state_.handshake.granted ? parts_.live_user(state_.handshake.grant.user) : nullptr;
}

void Downstream::forget_grant(const User& who, std::string_view reason) {
  if (state_.welcomed || !state_.handshake.granted || state_.handshake.grant.user != who.id()) return;
  state_.handshake.granted = false;
  end(reason);
}

void Downstream::password_changed(const User& who) {
  const Handshake& reg = state_.handshake;
  if (!reg.granted || reg.grant.user != who.id() || !reg.grant.by_password) return;
  if (!state_.welcomed) state_.handshake.granted = false;
  end("The password has been changed: log in with the new one");
}

void Downstream::refuse_login(const Refused& refused) {
  reply(irc::kErrPasswdMismatch, {refused.message});
  end(refused.message);
}

void Downstream::try_register() {
  const Handshake& reg = state_.handshake;
  if (state_.welcomed || reg.checking || reg.negotiating || reg.in_sasl != Handshake::Sasl::kNone ||
      reg.nick.empty() || !reg.has_user)
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
                  "user/network@device:password, or log in by SASL",
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
std::expected<View, Refused> Downstream::wanted_view(const User& user) const {
  const Handshake& reg = state_.handshake;
  if (user.network(reg.bound_network)) return View::one(reg.bound_network);
  if (reg.grant.network == kAllNetworks) return View::none();
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

bool Downstream::wants_all() const {
  return view().empty() && state_.handshake.grant.network == kAllNetworks;
}

void Downstream::begin_as_part(const Downstream& whole, NetworkId network, irc::CapSet caps) {
  state_.handshake.nick = whole.nick();
  state_.handshake.grant = whole.state_.handshake.grant;
  state_.handshake.absent = whole.state_.handshake.absent;
  state_.handshake.bound_network = network;
  state_.handshake.granted = true;
  set_caps(caps);
  welcome();
}

// A part of one that is bound to all networks comes with that.
ClientSource Downstream::source() const {
  if (state_.handshake.grant.network == kAllNetworks && !view().empty()) return {};
  const net::Peer& peer = state_.peer;
  const std::string_view transport = peer.agent != nullptr ? "websocket" : peer.tls ? "irc TLS" : "irc";
  return {.address = peer.address,
          .transport = std::string(transport),
          .software = peer.agent != nullptr ? *peer.agent : std::string()};
}

void Downstream::welcome() {
  User& who = *granted_user();
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
  state_.handshake.pass = {};  // nobody needs it any more
  state_.burst_head = who.head();
  state_.welcomed = true;
  const Network* network = bound_network();
  if (!network) {
    greet_unbound();
    if (state_.caps.has(irc::Cap::kBouncerNetworksNotify)) list_networks(who);
    return;
  }
  greet(*network);
  metadata_.sync();
  announce_caps();
  if (watches_networks()) list_networks(who);
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
  const std::string& info = network.state().my_info;
  const bool told = !info.empty() && info.size() <= kMaxMyInfo;
  send(fmt::format(":{} {} {} {}", server, irc::kRplMyInfo, nick(), told ? info : server + " halley o o"));
  const auto sink = [this](std::string_view line) { send(line); };
  tell_isupport(network);
  follow_address();
  if (state_.caps.has(irc::Cap::kPersistence)) tell_persistence();
  tell_account(network);
  if (!network.state().umodes.empty()) reply(irc::kRplUmodeIs, {network.state().umodes});
  reply(irc::kErrNoMotd, {"MOTD of the network: /motd"});
  if (network.link() == Link::kConnected) {
    if (network.state().away) reply(irc::kRplNowAway, {"You have been marked as being away"});
    for (const auto& channel : network.state().channels()) {
      if (is_hidden(network, channel->name, device())) continue;
      burst.join(*channel, sink);
      // Else they follow when they are known.
      if (channel->names_known) tell_channel(network, *channel, true, Occasion::kWelcome);
    }
  } else {
    notice(fmt::format("Not connected to {} at the moment ({}{}{})", network.name(),
                       link_name(network.link()), network.trouble().empty() ? "" : ": ", network.trouble()));
  }
}

// --- What this device is not shown (core/detached.h) ---

void Downstream::channel_complete(const Network& network, const Channel& channel) {
  if (!is_hidden(network, channel.name, device())) Client::channel_complete(network, channel);
}

void Downstream::channel_hidden(const Network& network, const Channel& channel) {
  if (!state_.welcomed || is_hidden(network, channel.name, device())) return;
  forget_telling(network, channel.name);
  send(irc::format_line(Burst(network, {}).own_mask(), "PART", {channel.name, "Detached"}));
}

void Downstream::channel_shown(const Network& network, const Channel& channel, EventId since) {
  if (!state_.welcomed || is_hidden(network, channel.name, device())) return;
  Burst(network, names_style()).join(channel, [this](std::string_view line) { send(line); });
  if (channel.names_known) tell_channel(network, channel, true);
  if (!pages_by_itself()) tell_missed(network, channel.name, since);
}

void Downstream::query_shown(const Network& network, const std::string& name, EventId since) {
  if (state_.welcomed && !pages_by_itself()) tell_missed(network, name, since);
}

bool Downstream::pages_by_itself() const {
  return state_.caps.has(irc::Cap::kChathistory) || state_.caps.has(irc::Cap::kZncPlayback);
}

// What was said there while nobody was to see it: the newest, as a client that was away gets it. The page is
// read at once, and ends where the client is: what comes behind follows.
void Downstream::tell_missed(const Network& network, const std::string& name, EventId since) {
  storage::HistoryQuery query;
  query.what = storage::HistoryQuery::What::kBetween;
  query.buffer = network.buffers().find(name);
  // Backwards from there, of more than fit the newest. What a client that is behind has still to be sent from
  // the log is not hidden there any more.
  const EventId end = live() ? user()->head() : cursor();
  if (end <= since) return;
  query.a = {.by = storage::Bound::By::kId, .id = end + 1, .msgid = {}};
  query.b = {.by = storage::Bound::By::kId, .id = since, .msgid = {}};
  query.kinds = kMessageKinds;
  query.limit = std::min<std::size_t>(parts_.config.history.backlog_lines, kMostHistory);
  if (query.limit == 0) return;
  const Answering none(*this, 0);  // nobody has asked for it
  asked_store();
  user()->past().history(std::move(query), [this, name, alive = alive()](auto page) {
    if (alive.expired()) return;
    const std::string_view refused =
        page ? tell_page("chathistory", name, std::move(*page), [this] { store_answered(0); }) : page.error();
    if (refused.empty()) return;
    store_answered(0);
    notice(fmt::format("What was said in {} meanwhile cannot be shown: {}", name, refused));
  });
}

// What stands between a JOIN and the members: how far the channel was read, and its topic.
void Downstream::tell_topic(const Network& network, const Channel& channel) {
  tell_marker(network, channel.name);
  Client::tell_topic(network, channel);
}

bool Downstream::takes_names_unasked() const {
  return (state_.caps & kNamesOnRequest).empty();
}

void Downstream::tell_marker(const Network& network, std::string_view target) {
  if (!state_.caps.has(irc::Cap::kReadMarker) && !state_.caps.has(irc::Cap::kSojuRead)) return;
  const std::string line = markread_line(network, target);
  const auto message = irc::parse(line);
  if (message && !pass_translated(*message)) send(line);
}

// A client with draft/extended-isupport gets RPL_ISUPPORT in batches only.
// Source: https://ircv3.net/specs/extensions/extended-isupport
bool Downstream::batches_isupport() const {
  return state_.caps.has(irc::Cap::kExtendedIsupport) && state_.caps.has(irc::Cap::kBatch);
}

// Where files are uploaded to (soju.im/FILEHOST), after a space; empty: nowhere, or only in plain text, which
// a client that came by TLS would not do.
std::string Downstream::filehost() const {
  const std::string& url = parts_.config.http.public_url;
  const User* who = state_.welcomed ? user() : nullptr;
  if (url.empty() || who == nullptr || upload_quota(who->row()) == 0) return {};
  if (state_.peer.tls && !url.starts_with("https:")) return {};
  return fmt::format(" soju.im/FILEHOST={}{}upload", url, url.ends_with('/') ? "" : "/");
}

// What Halley itself supports. The key of pushes is told to who can subscribe to them.
std::string Downstream::own_tokens() const {
  const bool pushes = state_.caps.has(irc::Cap::kWebpush) || state_.caps.has(irc::Cap::kSojuWebpush);
  return fmt::format("{}{}{}", kOwnTokens, pushes ? " VAPID=" + parts_.pusher.public_key() : "", filehost());
}

template <typename Lines>
void Downstream::send_isupport(Lines&& lines) {
  if (!batches_isupport()) return lines(std::string());
  in_batch(*this, {.type = "draft/isupport"},
           [&](const std::string& reference) { lines("@batch=" + reference + " "); });
}

void Downstream::tell_isupport(const Network& network) {
  send_isupport([&](const std::string& tag) {
    Burst(network, {})
        .isupport([&](std::string_view line) { send(tag + std::string(line)); },
                  fmt::format("BOUNCER_NETID={} {}", network.id(), own_tokens()));
  });
}

void Downstream::tell_own_isupport() {
  const std::string& me = !state_.nick.empty() ? state_.nick : state_.handshake.nick;
  send_isupport([&](const std::string& tag) {
    send(fmt::format("{}:{} {} {} {} CASEMAPPING=ascii NETWORK=Halley :are supported by this server", tag,
                     server_name(), irc::kRplIsupport, me.empty() ? "*" : me, own_tokens()));
    if (all_)
      send(fmt::format("{}:{} {} {}{} :are supported by this server", tag, server_name(), irc::kRplIsupport,
                       me, all_->isupport()));
  });
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
  if (wants_all()) all_ = std::make_unique<AllNetworks>(*this, parts_);
  tell_own_isupport();
  if (state_.caps.has(irc::Cap::kPersistence)) tell_persistence();
  reply(irc::kErrNoMotd, {"No MOTD"});
  if (state_.caps.has(irc::Cap::kBouncerNetworks)) return;
  if (user()->networks().empty()) {
    notice(
        "You have no network yet. Add one: /msg *halley network add NAME ircs://irc.example.org --nick NICK");
    return;
  }
  if (all_) return;
  std::string names;
  for (const auto& network : user()->networks()) (names += names.empty() ? "" : ", ") += network->name();
  notice(fmt::format(
      "Your networks: {0}. To use one, log in as {1}/NETWORK, to use all on this connection as {1}/*; "
      "/msg *halley help says what else there is.",
      names, user()->name()));
}

void Downstream::call_itself(const std::string& nick) {
  send(irc::format_line(fmt::format("{0}!{0}@{1}", state_.nick, server_name()), "NICK", {nick}));
  state_.nick = nick;
}

// The one that it is bound to, or will be once it ends its login. Null: none, or not known yet.
const Network* Downstream::wanted_network() const {
  if (state_.welcomed) return bound_network();
  const User* who = granted_user();
  if (!who) return nullptr;
  const auto wanted = wanted_view(*who);
  return wanted ? who->network(wanted->bound()) : nullptr;
}

bool Downstream::knows_offer() const {
  const Network* network = wanted_network();
  return state_.welcomed || (network && network->link() == Link::kConnected);
}

irc::CapSet Downstream::make_offer() {
  const Network* network = wanted_network();
  if (!state_.welcomed && network && network->link() == Link::kConnected)
    state_.offered = available_caps(*network);
  return state_.offered;
}

// What the network gives is offered as soon as it is known, and withdrawn when the network takes it away.
// While the link is down nothing changes: most networks come back with what they had. A request from before
// the login (request_caps) stays one where the network lacks it: nothing of it was offered, none is
// withdrawn.
void Downstream::announce_caps() {
  const Network* network = bound_network();
  if (!network || network->link() != Link::kConnected) return;
  const irc::CapSet now = available_caps(*network);
  const irc::CapSet gone = state_.offered - now, come = now - state_.offered - state_.caps;
  state_.offered = now;
  // Others cannot be told, and trust what they were told before.
  if (state_.handshake.cap_version < 302 && !state_.caps.has(irc::Cap::kCapNotify)) return;
  const auto tell = [this](std::string_view sub, irc::CapSet changed) {
    if (changed.empty()) return;
    std::string list;
    changed.for_each([&](irc::Cap cap) { (list += list.empty() ? "" : " ") += irc::name(cap); });
    send(irc::format_line(server_name(), "CAP", {state_.nick, sub, list}));
  };
  tell("DEL", gone);
  tell("NEW", come);
  set_caps(state_.caps - gone);
}

NamesStyle Downstream::names_style() const {
  return {.multi_prefix = state_.caps.has(irc::Cap::kMultiPrefix),
          .userhost = state_.caps.has(irc::Cap::kUserhostInNames),
          .extended_join = state_.caps.has(irc::Cap::kExtendedJoin)};
}

}  // namespace halley
