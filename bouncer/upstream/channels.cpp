// Channels and who is in them: JOIN, PART, QUIT, NICK, MODE, TOPIC, KICK and the numerics that tell their
// state.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/accounts/network_settings.h"
#include "bouncer/core/line_tracer.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/irc/text.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Message;

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Of a topic so many bytes are kept beside the log, which has all of it.
constexpr std::size_t kMaxTopic = 4096;

void keep_topic(std::string& kept, std::string_view text) {
  kept = irc::clip_utf8(text, kMaxTopic);
}

constexpr std::size_t kMostPlaces = 255;  // of one event

// Where an event of one person is shown: the channels they share with us, and a query with them.
std::vector<BufferId> buffers_of(Upstream& up, std::string_view nick) {
  std::vector<BufferId> buffers;
  up.state().each_channel_of(nick, [&](const Channel& channel) {
    const BufferId buffer = up.network().buffers().find(channel.name);
    if (buffer != 0 && buffers.size() < kMostPlaces) buffers.push_back(buffer);
  });
  const BufferId query = up.network().buffers().find(nick);
  if (query != 0 && buffers.size() < kMostPlaces) buffers.push_back(query);
  if (buffers.empty()) buffers.push_back(up.network().buffers().make(""));
  return buffers;
}

struct Logged {
  EventKind kind{};
  bool searchable = false;
  std::uint8_t flags = 0;
};

void log_in_channel(Upstream& up, const Message& m, std::string_view channel, const Logged& as) {
  const BufferId buffer = buffer_for(up, channel, false);
  up.log(as.kind, m, {&buffer, 1}, as.searchable, as.flags);
}

void on_join(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  const irc::Prefix who = irc::parse_prefix(m.source);
  if (state.is_me(who.nick)) {
    if (m.param(0).size() > irc::kMaxChannel) {
      (void)up.send(irc::format_line({}, "PART", {m.param(0)}));
      up.tell(fmt::format("Left {}... again: a channel's name has at most {} bytes.",
                          irc::clip_utf8(m.param(0), 60), irc::kMaxChannel));
      return;
    }
    if (state.channels().size() >= up.network().channel_limit() && !state.find_channel(m.param(0))) {
      (void)up.send(irc::format_line({}, "PART", {m.param(0)}));
      up.tell(fmt::format("Left {} again: the limit of channels per network is reached.", m.param(0)));
      return;
    }
    state.set_address(who.user, who.host);
    state.leave(m.param(0));  // a stale picture of the channel must not survive
    state.join(m.param(0));
    up.wanted_channels().joined(m.param(0));
    up.gaps().joined(m.param(0));
    (void)up.ask(kNobody, irc::format_line({}, "MODE", {m.param(0)}));
  }
  Channel* channel = state.find_channel(m.param(0));
  if (!channel) return;
  state.add_member(*channel, who);
  if (m.param_count >= 2) state.set_account(who.nick, m.param(1));
  log_in_channel(up, m, channel->name, {.kind = EventKind::kJoin});
  if (!state.is_me(who.nick)) return;
  up.user().network_changed(up.network());
  up.network().outbox().channel_changed(m.param(0));  // what waited to be said there
}

void on_part(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  const irc::Prefix who = irc::parse_prefix(m.source);
  Channel* channel = state.find_channel(m.param(0));
  if (!channel) return;
  const std::string name = channel->name;
  log_in_channel(up, m, name, {.kind = EventKind::kPart});
  if (state.is_me(who.nick)) {
    up.wanted_channels().parted(name);
    state.leave(name);
    (void)attach_channel(up.network(), name);  // if it is joined again it is to be seen
    up.user().network_changed(up.network());
  } else {
    state.remove_member(*channel, who.nick);
  }
}

void on_kick(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  Channel* channel = state.find_channel(m.param(0));
  if (!channel) return;
  const std::string name = channel->name;
  const bool me = state.is_me(m.param(1));
  if (me) (void)attach_channel(up.network(), name);  // to be put out is to be seen
  log_in_channel(up, m, name,
                 {.kind = EventKind::kKick, .flags = me ? event_flag::kHighlight : std::uint8_t{0}});
  if (me) {
    state.leave(name);
    up.user().network_changed(up.network());
  } else {
    state.remove_member(*channel, m.param(1));
  }
}

void on_quit(Upstream& up, const Message& m) {
  const irc::Prefix who = irc::parse_prefix(m.source);
  up.log(EventKind::kQuit, m, buffers_of(up, who.nick), false);
  const std::string nick(who.nick);
  up.state().quit(nick);
  up.nicks().is_free(nick);
}

// The buffer keeps its log, its marks and its place. Where the new name has one already each keeps its own,
// as anyone may take a nick, and what two people have said cannot be told apart again: the NICK stands in
// both.
void rename_buffer(Network& network, std::string_view from, std::string_view to) {
  const BufferId buffer = network.buffers().find(from);
  network.buffers().rename(from, to);
  talk_goes_on(network, buffer, network.buffers().find(to));
}

void renamed(Upstream& up, const Message& m) {
  const std::string from(irc::parse_prefix(m.source).nick), to(m.param(0));
  const bool me = up.state().is_me(from);
  std::vector<BufferId> buffers = buffers_of(up, from);
  const BufferId other = me ? 0 : up.network().buffers().find(to);
  const bool goes_on_elsewhere = other != 0 && up.network().buffers().find(from) != 0;
  if (goes_on_elsewhere && buffers.size() < kMostPlaces && std::ranges::find(buffers, other) == buffers.end())
    buffers.push_back(other);
  up.log(EventKind::kNick, m, buffers, false, me ? event_flag::kSelf : 0);
  up.state().rename(from, to);
  if (me) {
    up.nicks().renamed(to);
    up.user().network_changed(up.network());
  } else {
    // The talk goes on with the one it was with, not with whoever takes the old nick.
    if (!up.state().isupport().is_channel(to)) {
      rename_buffer(up.network(), from, to);
      up.partner_renamed(from, to);
    }
    up.nicks().is_free(from);
  }
}

// A network that labels its answers may answer our own NICK from the new name already (InspIRCd does).
void on_nick(Upstream& up, const Message& m) {
  if (m.param(0).empty()) return;
  const NetworkState& state = up.state();
  const irc::Prefix who = irc::parse_prefix(m.source);
  const bool as_renamed = up.answers_label() && irc::equal(state.casemapping(), who.nick, m.param(0));
  if (!as_renamed || state.is_me(who.nick)) return renamed(up, m);
  const std::string source = state.nick + std::string(m.source.substr(who.nick.size()));
  irc::Message ours = m;
  ours.source = source;
  renamed(up, ours);
}

// Does "-i+rw" add the mode?
bool added(std::string_view modes, char wanted) {
  bool add = true;
  for (const char c : modes) {
    if (c == '+' || c == '-') add = c == '+';
    if (c == wanted && add) return true;
  }
  return false;
}

void follow_key(Upstream& up, const Channel& channel, std::span<const irc::ModeChange> changes) {
  for (const irc::ModeChange& change : changes) {
    if (change.letter != 'k' || change.group != 'B') continue;
    if (change.add && change.arg.empty()) continue;  // hidden from us
    up.wanted_channels().key_is(channel.name, change.add ? change.arg : std::string_view{});
  }
}

void on_mode(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  Channel* channel = state.find_channel(m.param(0));
  if (!channel) {
    const BufferId buffer = up.network().buffers().make("");
    up.log(EventKind::kMode, m, {&buffer, 1}, false);
    if (!state.is_me(m.param(0))) return;
    state.change_umodes(m.param(1));
    if (added(m.param(1), 'r')) up.wanted_channels().identified();
    return;
  }
  const auto changes = irc::parse_modes(state.isupport(), m.parameters().subspan(1));
  state.apply_modes(*channel, changes);
  follow_key(up, *channel, changes);
  log_in_channel(up, m, channel->name, {.kind = EventKind::kMode});
}

void on_topic(Upstream& up, const Message& m) {
  Channel* channel = up.state().find_channel(m.param(0));
  if (!channel) return;
  keep_topic(channel->topic, m.param(1));
  keep_topic(channel->topic_who, m.source);
  channel->topic_time = up.clock().wall_us() / 1'000'000;
  log_in_channel(up, m, channel->name, {.kind = EventKind::kTopic, .searchable = true});
}

// Numerics that bring a channel's state: kept, and shown to whoever asked. The first ones after our own JOIN
// were asked by nobody: they complete what every client sees of the channel.
void on_channel_modes(Upstream& up, const Message& m) {
  if (Channel* channel = up.state().find_channel(m.param(1))) {
    channel->modes.clear();
    const auto changes = irc::parse_modes(up.state().isupport(), m.parameters().subspan(2));
    for (const irc::ModeChange& change : changes) channel->modes.apply(change);
    follow_key(up, *channel, changes);
  }
  up.route(m);
}

void on_creation_time(Upstream& up, const Message& m) {
  if (Channel* channel = up.state().find_channel(m.param(1))) channel->created = number(m.param(2));
  up.route(m);
}

// Source: https://ircv3.net/specs/extensions/channel-rename
void on_rename(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  const Channel* known = state.find_channel(m.param(0));
  if (!known || !irc::is_valid_channel(m.param(1), state.isupport().chantypes())) return;
  const std::string from = known->name;
  const Channel* renamed = state.rename_channel(from, m.param(1));
  if (!renamed) return;
  rename_buffer(up.network(), from, renamed->name);
  up.wanted_channels().renamed(from, renamed->name);
  std::string line;
  irc::append_line(
      line,
      {.tags = m.tags, .source = m.source, .command = "RENAME", .params = m.parameters(), .colon = true});
  up.user().channel_renamed(up.network(), *renamed, from, line);
  up.user().network_changed(up.network());
}

void on_no_topic(Upstream& up, const Message& m) {
  if (Channel* channel = up.state().find_channel(m.param(1))) {
    channel->topic.clear();
    if (!channel->names_known) return;
  }
  up.route(m);
}

void on_topic_is(Upstream& up, const Message& m) {
  if (Channel* channel = up.state().find_channel(m.param(1))) {
    keep_topic(channel->topic, m.param(2));
    if (!channel->names_known) return;  // told with the names, once
  }
  up.route(m);
}

void on_topic_who(Upstream& up, const Message& m) {
  if (Channel* channel = up.state().find_channel(m.param(1))) {
    keep_topic(channel->topic_who, m.param(2));
    channel->topic_time = number(m.param(3));
    if (!channel->names_known) return;
  }
  up.route(m);
}

void on_names(Upstream& up, const Message& m) {
  Channel* channel = up.state().find_channel(m.param(2));
  if (channel) {
    if (m.param(1) == "@" || m.param(1) == "*" || m.param(1) == "=") channel->symbol = m.param(1)[0];
    std::string_view rest = m.param(3);
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      if (const std::string_view entry = rest.substr(0, space); !entry.empty())
        up.state().name_reply_entry(*channel, entry);
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    }
    if (!channel->names_known) return;
  }
  up.route(m);
}

void on_end_of_names(Upstream& up, const Message& m) {
  Channel* channel = up.state().find_channel(m.param(1));
  if (channel && !channel->names_known) {
    up.state().end_of_names(*channel);
    up.user().channel_complete(up.network(), *channel);
    return;
  }
  up.route(m);
}

void on_account(Upstream& up, const Message& m) {
  up.state().set_account(irc::parse_prefix(m.source).nick, m.param(0));
  up.pass_presence(m);
}

// True: who we are to others is something else than before.
bool set_own_address(NetworkState& state, std::string_view user, std::string_view host) {
  const std::string old_user = state.user, old_host = state.host;
  state.set_address(user, host);
  return state.user != old_user || state.host != old_host;
}

void tell_own_address(Upstream& up) {
  if (up.link() == Link::kConnected) up.user().network_changed(up.network());
}

void on_chghost(Upstream& up, const Message& m) {
  const irc::Prefix who = irc::parse_prefix(m.source);
  up.state().learn({who.nick, m.param(0), m.param(1)});
  const bool changed = up.state().is_me(who.nick) && set_own_address(up.state(), m.param(0), m.param(1));
  up.pass_presence(m);
  if (changed) tell_own_address(up);
}

// Who we are to others: "host" or "user@host".
void on_host_hidden(Upstream& up, const Message& m) {
  const std::string_view shown = m.param(1);
  const std::size_t at = shown.find('@');
  NetworkState& state = up.state();
  const std::string user(at == std::string_view::npos ? std::string_view(state.user) : shown.substr(0, at));
  const bool changed =
      set_own_address(state, user, at == std::string_view::npos ? shown : shown.substr(at + 1));
  if (up.link() == Link::kConnected) up.route(m);
  if (changed) tell_own_address(up);
}

// "nick*=+user@host".
void on_userhost(Upstream& up, const Message& m) {
  const std::string_view answer = m.last().substr(0, m.last().find(' '));
  const std::size_t equals = answer.find('=');
  bool changed = false;
  if (equals != std::string_view::npos && equals + 2 < answer.size()) {
    std::string_view nick = answer.substr(0, equals);
    if (nick.ends_with('*')) nick.remove_suffix(1);
    const std::string_view address = answer.substr(equals + 2);  // behind '+' or '-'
    const std::size_t at = address.find('@');
    if (up.state().is_me(nick) && at != std::string_view::npos && at + 1 < address.size())
      changed = set_own_address(up.state(), address.substr(0, at), address.substr(at + 1));
  }
  up.route(m);
  if (changed) tell_own_address(up);
}

constexpr UpstreamRow kChannelRows[] = {
    {"JOIN", 1, on_join},
    {"PART", 1, on_part},
    {"KICK", 2, on_kick},
    {"QUIT", 0, on_quit},
    {"NICK", 1, on_nick},
    {"MODE", 2, on_mode},
    {"TOPIC", 2, on_topic},
    {"RENAME", 2, on_rename},
    {"ACCOUNT", 1, on_account},
    {"CHGHOST", 2, on_chghost},
    {irc::kRplHostHidden, 2, on_host_hidden},
    {irc::kRplUserhost, 2, on_userhost},
    {irc::kRplChannelModeIs, 3, on_channel_modes},
    {irc::kRplCreationTime, 3, on_creation_time},
    {irc::kRplNoTopic, 2, on_no_topic},
    {irc::kRplTopic, 3, on_topic_is},
    {irc::kRplTopicWhoTime, 4, on_topic_who},
    {irc::kRplNamReply, 4, on_names},
    {irc::kRplEndOfNames, 2, on_end_of_names},
};

}  // namespace

std::span<const UpstreamRow> channel_rows() {
  return kChannelRows;
}

namespace {

// What the user wants said once connected.
void say_on_connect(Upstream& up) {
  const std::string sealed = sealed_connect_lines(up.network().row());
  if (sealed.empty()) return;
  const auto lines = up.unseal(seal_purpose::kOnConnect, sealed);
  if (!lines) {
    up.tell("The lines to send on connect cannot be unsealed; give them again with network set: " +
            lines.error());
    return;
  }
  if (LineTracer* tracer = up.user().tracer()) tracer->hide(up.network(), *lines);
  std::string_view rest = *lines;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (const std::string_view line = rest.substr(0, end); !line.empty()) {
      up.network().saying(line);
      (void)up.send(line);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

void join_channels(Upstream& up) {
  say_on_connect(up);
  up.wanted_channels().join_all();
}

void leave_channels(Upstream& up, std::string_view reason) {
  const NetworkState& state = up.state();
  const std::string me = fmt::format("{}!{}@{}", state.nick, state.user.empty() ? "user" : state.user,
                                     state.host.empty() ? "halley" : state.host);
  for (const auto& channel : state.channels()) {
    up.user().pass(up.network(), irc::format_line(me, "PART", {channel->name, reason}));
  }
}

}  // namespace halley
