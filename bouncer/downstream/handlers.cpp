#include "bouncer/downstream/handlers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "bouncer/commands/client_commands.h"
#include "bouncer/commands/read_markers.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/all_networks.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using irc::Cap;
using irc::CapSet;
using irc::Message;

// Bytes of a list of capabilities: they fit into a line with any nick before them.
constexpr std::size_t kFitsList = 300;

// Of names as many to a line as fit; at least one line, which may be empty. `sasl` is in the first: some
// clients look no further.
std::vector<std::string> cap_lists(CapSet caps, bool values, std::string_view sasl) {
  std::vector<std::string> lists(1);
  caps.for_each([&](Cap cap) {
    std::string name(irc::name(cap));
    if (values && cap == Cap::kSasl) (name += '=') += sasl;
    if (values && cap == Cap::kMultiline)
      name += fmt::format("=max-bytes={},max-lines={}", irc::kMostMultilineBytes, irc::kMostMultilineLines);
    if (values && cap == Cap::kMetadata) (name += '=') += Metadata::kCapValue;
    if (lists.back().size() + name.size() > kFitsList) lists.emplace_back();
    if (!lists.back().empty()) lists.back() += ' ';
    lists.back() += name;
  });
  return lists;
}

// `more`: another line of the same list follows.
void cap_reply(Downstream& client, std::string_view sub, std::string_view list, bool more = false) {
  const std::string& nick = client.registered() ? client.nick() : client.handshake().nick;
  std::string line;
  std::vector<std::string_view> params{nick.empty() ? std::string_view("*") : std::string_view(nick), sub};
  if (more) params.emplace_back("*");
  params.push_back(list);
  irc::append_line(line, {.source = client.server_name(), .command = "CAP", .params = params, .colon = true});
  client.send(line);
}

// The answer to REQ, in as many lines as it takes. A word that is too long to name anything is cut.
void answer_request(Downstream& client, std::string_view sub, std::string_view list) {
  do {
    std::size_t end = list.size() <= kFitsList ? list.size() : list.rfind(' ', kFitsList);
    if (end == std::string_view::npos) end = std::min(list.find(' '), list.size());
    cap_reply(client, sub, list.substr(0, std::min(end, kFitsList)));
    list.remove_prefix(std::min(end + 1, list.size()));
  } while (!list.empty());
}

// Clients that did not ask for version 302 know no lists of several lines: of LS they get the first, and may
// ask for what it does not name.
void cap_list_reply(Downstream& client, std::string_view sub, CapSet caps) {
  const bool long_lists = client.handshake().cap_version >= 302;
  std::vector<std::string> lists = cap_lists(caps, long_lists && sub == "LS", sasl_mechanisms(client));
  if (!long_lists && sub == "LS") lists.resize(1);
  for (const std::string& list : lists) cap_reply(client, sub, list, long_lists && &list != &lists.back());
}

// From where on a client wants the log to be told: the position that it was told last. Nothing: it is none.
std::optional<EventId> read_position(std::string_view text) {
  EventId id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

void request_caps(Downstream& client, std::string_view list) {
  CapSet wanted = client.caps();
  // Who asks for what is a network's to give before it is known which network that is has it requested: what
  // comes of it will be passed on. Once it is known, what it lacks is not promised.
  const CapSet offered = client.knows_offer()
                             ? client.make_offer()
                             : irc::caps_for(irc::cap_use::kOffered | irc::cap_use::kPassedOn);
  bool known = true;
  std::optional<EventId> position;
  irc::for_each_cap(list, [&](std::string_view name, std::string_view value, bool minus) {
    const auto cap = irc::find_cap(name);
    const bool placed = cap == Cap::kConsumer && !minus && !value.empty();
    if (placed) position = read_position(value);
    if (!cap || (!minus && !offered.has(*cap)) || (placed && !position)) {
      known = false;
    } else if (minus) {
      wanted.remove(*cap);
    } else {
      wanted.add(*cap);
    }
  });
  if (known) {
    client.set_caps(wanted);
    if (position) client.handshake().position = *position;
    if (!wanted.has(Cap::kConsumer)) client.handshake().position = 0;
  }
  answer_request(client, known ? "ACK" : "NAK", list);
  client.follow_address();
}

void on_cap(Downstream& client, const Message& m) {
  Downstream::Handshake& reg = client.handshake();
  const std::string_view sub = m.param(0);
  if (irc::same_command(sub, "LS")) {
    reg.negotiating = !client.registered();
    if (m.param(1) >= "302" && m.param(1).size() == 3) reg.cap_version = 302;
    if (reg.cap_version >= 302) client.set_caps(client.caps() | CapSet::of(Cap::kCapNotify));
    cap_list_reply(client, "LS", client.make_offer() | irc::caps_for(irc::cap_use::kTold));
  } else if (irc::same_command(sub, "REQ")) {
    reg.negotiating = !client.registered();
    request_caps(client, m.last());
  } else if (irc::same_command(sub, "LIST")) {
    cap_list_reply(client, "LIST", client.caps());
  } else if (irc::same_command(sub, "END")) {
    reg.negotiating = false;
    client.try_register();
  } else {
    client.reply(irc::kErrInvalidCapCmd, {sub, "Invalid CAP command: use LS, LIST, REQ or END"});
  }
}

void on_pass(Downstream& client, const Message& m) {
  client.handshake().pass = m.param(0);
}

void on_nick(Downstream& client, const Message& m) {
  client.handshake().nick = irc::clip_utf8(m.param(0), irc::kMaxNick);
  client.try_register();
}

void on_user(Downstream& client, const Message& m) {
  client.handshake().username = m.param(0);
  client.handshake().has_user = true;
  client.try_register();
}

void on_already(Downstream& client, const Message&) {
  client.reply(irc::kErrAlreadyRegistered, {"You are logged in already"});
}

void on_ping(Downstream& client, const Message& m) {
  // It is an answer to what was said before, too: what that has led to stands before it.
  if (AllNetworks* all = client.all_networks()) all->write_out();
  // The token comes first; a second parameter names a server (RFC 2812 section 3.7.2).
  client.send(irc::format_line(client.server_name(), "PONG", {client.server_name(), m.param(0)}));
}

void on_pong(Downstream&, const Message&) {}

// Also before the login is over, as draft/extended-isupport has it.
void on_isupport(Downstream& client, const Message&) {
  const Network* network = client.registered() ? client.bound_network() : nullptr;
  network ? client.tell_isupport(*network) : client.tell_own_isupport();
}

void on_markread(Downstream& client, Network& network, const Message& m) {
  if (const auto refused = mark_read({.from = client, .network = network, .message = m})) {
    if (refused->context.empty())
      client.fail(m.command, refused->code, {}, refused->text);
    else
      client.fail(m.command, refused->code, {refused->context}, refused->text);
  }
}

// Before the login: whether somebody sits before the client.
// Source: https://ircv3.net/specs/extensions/pre-away
void on_pre_away(Downstream& client, const Message& m) {
  if (client.caps().has(Cap::kPreAway)) {
    client.handshake().absent = !m.param(0).empty();
  } else {
    client.reply(irc::kErrNotRegistered, {"Log in first: PASS, NICK and USER, or SASL"});
  }
}

void on_away(Downstream& client, Network& network, const Message& m) {
  if (client.caps().has(Cap::kPreAway)) {
    client.handshake().absent = m.param(0) == "*";
    client.user()->presence_changed();
    if (m.param(0) == "*") {
      client.reply(irc::kRplNowAway, {"You have been marked as being away"});
      return;
    }
  }
  if (const std::string error = run_client_command(client, network, m); !error.empty()) client.notice(error);
}

void on_metadata(Downstream& client, const Message& m) {
  client.metadata().handle(m);
}

void on_quit(Downstream& client, const Message&) {
  client.end("Goodbye: Halley stays for you");
}

using When = DownstreamRow::When;
constexpr DownstreamRow kDownstreamRows[] = {
    {.command = "CAP", .min_params = 1, .when = When::kAlways, .run = on_cap},
    {.command = "AUTHENTICATE", .min_params = 1, .when = When::kBefore, .run = handle_authenticate},
    {.command = "PASS", .min_params = 1, .when = When::kBefore, .run = on_pass},
    {.command = "NICK", .min_params = 1, .when = When::kBefore, .run = on_nick},
    {.command = "USER", .min_params = 1, .when = When::kBefore, .run = on_user},
    {.command = "AWAY", .min_params = 0, .when = When::kBefore, .run = on_pre_away},
    {.command = "PASS", .min_params = 0, .when = When::kAfter, .run = on_already},
    {.command = "USER", .min_params = 0, .when = When::kAfter, .run = on_already},
    {.command = "PING", .min_params = 1, .when = When::kAlways, .run = on_ping},
    {.command = "PONG", .min_params = 0, .when = When::kAlways, .run = on_pong},
    {.command = "QUIT", .min_params = 0, .when = When::kAlways, .run = on_quit},
    {.command = "BOUNCER", .min_params = 1, .when = When::kAlways, .run = handle_bouncer},
    {.command = "ISUPPORT", .min_params = 0, .when = When::kAlways, .run = on_isupport},
    {.command = "METADATA", .min_params = 0, .when = When::kAlways, .run = on_metadata},
    {.command = "WEBPUSH", .min_params = 0, .when = When::kAfter, .run = handle_webpush},
    {.command = "PERSISTENCE", .min_params = 0, .when = When::kAfter, .run = handle_persistence},
    {.command = "CLIENTCERT", .min_params = 1, .when = When::kAfter, .run = handle_clientcert},
};

constexpr BoundRow kBoundRows[] = {
    {"CHATHISTORY", 1, handle_chathistory}, {"SEARCH", 1, handle_search}, {"ZNC", 1, handle_znc},
    {"MARKREAD", 0, on_markread},           {"READ", 0, on_markread},     {"AWAY", 0, on_away},
    {"BATCH", 1, handle_client_batch},
};

bool applies(const DownstreamRow& row, bool registered) {
  return row.when == DownstreamRow::When::kAlways || (row.when == DownstreamRow::When::kAfter) == registered;
}

}  // namespace

irc::CapSet general_caps() {
  return irc::caps_for(irc::cap_use::kOffered);
}

irc::CapSet available_caps(const Network& network) {
  return general_caps() | (irc::caps_for(irc::cap_use::kPassedOn) & network.state().caps);
}

namespace {

// The row's function may be run: there are as many parameters as it needs.
bool complete(Downstream& client, std::string_view command, std::uint8_t min_params, const Message& message) {
  if (message.param_count >= min_params) return true;
  client.reply(irc::kErrNeedMoreParams, {command, "Not enough parameters"});
  return false;
}

// What a server answers with a numeric: a message without target or text, a command without its parameters.
bool refused_by_numeric(Downstream& client, const Message& m) {
  if (m.tags.size() > irc::kMaxClientTags - 2) {  // without '@' and the space
    client.reply(irc::kErrInputTooLong, {"Input line was too long: at most 4094 bytes of tags"});
    return true;
  }
  if (!irc::same_command(m.command, "PRIVMSG") && !irc::same_command(m.command, "NOTICE")) return false;
  if (m.param(0).empty()) {
    client.reply(irc::kErrNoRecipient, {fmt::format("No recipient given ({})", m.command)});
    return true;
  }
  if (!m.param(1).empty()) return false;
  client.reply(irc::kErrNoTextToSend, {"No text to send"});
  return true;
}

void handle_bound_line(Downstream& client, Network& network, const Message& message) {
  for (const BoundRow& row : kBoundRows) {
    if (!irc::same_command(row.command, message.command)) continue;
    if (complete(client, row.command, row.min_params, message)) row.run(client, network, message);
    return;
  }
  if (take_batched(client, message)) return;
  if (said_to_playback(client, network, message) || refused_by_numeric(client, message)) return;
  const std::string error = run_client_command(client, network, message);
  if (!error.empty()) client.notice(error);
}

}  // namespace

void handle_downstream_line(Downstream& client, const Message& message) {
  for (const DownstreamRow& row : kDownstreamRows) {
    if (!irc::same_command(row.command, message.command) || !applies(row, client.registered())) continue;
    if (complete(client, row.command, row.min_params, message)) row.run(client, message);
    return;
  }
  if (!client.registered()) {
    client.reply(irc::kErrNotRegistered, {"Log in first: PASS, NICK and USER, or SASL"});
    return;
  }
  if (AllNetworks* all = client.all_networks()) {
    if (!refused_by_numeric(client, message)) all->handle(message);
    return;
  }
  Network* network = client.bound_network();
  if (!network) {
    if (run_unbound_command(client, message, client.nick())) return;
    client.notice(
        fmt::format("{}: this connection is bound to no network: log in as USER/NETWORK, or send "
                    "BOUNCER BIND before you log in",
                    message.command));
    return;
  }
  handle_bound_line(client, *network, message);
}

}  // namespace halley
