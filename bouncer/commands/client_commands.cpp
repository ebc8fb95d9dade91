#include "bouncer/commands/client_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "bouncer/commands/channel_commands.h"
#include "bouncer/commands/forwarding.h"
#include "bouncer/commands/log_answers.h"
#include "bouncer/commands/read_markers.h"
#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/irc/service_words.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using irc::Message;

constexpr std::size_t kMostTargets = 10;
constexpr std::size_t kMostTextLines = Uplink::kLinesAtOnce;

// A message of several lines (irc/multiline.h).
bool is_several_lines(const ClientCommand& c) {
  return irc::find_tag(c.message.tags, irc::kMultilineTag).has_value();
}

// It goes to the network as a whole: services are said their secrets one by one, and what waits does not know
// yet what the network will take.
bool goes_whole(const ClientCommand& c, std::string_view target, std::string_view text) {
  return is_several_lines(c) && !irc::same_command(target, kServiceName) && !irc::is_service(target) &&
         c.network.link() == Link::kConnected && !c.network.outbox().waits_for(target) &&
         c.network.outbox().goes_whole(target, text);
}

// In order for the network, by way of the outbox. CTCP questions and answers (all but ACTION) are between
// programs: they are sent, and not kept.
std::string say(const ClientCommand& c, std::string_view target, std::string_view text,
                const std::string& tags, bool whole = false) {
  if (irc::is_service(target)) c.network.saying(fmt::format("PRIVMSG {} :{}", target, text));
  const bool notice = irc::same_command(c.message.command, "NOTICE");
  const auto ctcp = whole ? std::nullopt : irc::parse_ctcp(text);
  if (!ctcp || irc::same_command(ctcp->command, "ACTION")) {
    const auto taken = c.network.outbox().say({.from = c.from.speaker(),
                                               .answer = c.from.answered().answer,
                                               .notice = notice,
                                               .multiline = whole,
                                               .target = target,
                                               .text = text,
                                               .tags = tags,
                                               .command = c.number});
    return taken ? std::string() : taken.error();
  }
  if (c.network.link() != Link::kConnected) return not_connected(c.network);
  const std::string_view params[] = {target, text};
  std::string out;
  irc::append_line(out,
                   {.tags = tags, .command = notice ? "NOTICE" : "PRIVMSG", .params = params, .colon = true});
  return c.network.uplink().ask(c.from.answered(), out) ? std::string() : network_full(c.network);
}

// Each line of the answer as messages from the service to `nick`.
template <typename Pass>
void tell_answer(const User& user, const std::string& nick, std::string_view text, Pass&& pass) {
  const std::string who = fmt::format("{0}!{0}@{1}", kServiceName, user.hostname());
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    for (const std::string_view part :
         irc::split_text(text.substr(0, end), irc::text_room(who.size(), "PRIVMSG", nick))) {
      std::string line;
      const std::string_view params[] = {nick, part};
      irc::append_line(line, {.source = who, .command = "PRIVMSG", .params = params, .colon = true});
      pass(line);
    }
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
}

// The client may be gone when the answer comes: it is looked for again by its id. REQUIRES: it listens.
void ask_service(const ClientCommand& c, std::string_view words) {
  User& user = c.network.user();
  const auto reply = [&user, from = c.from.speaker(), nick = c.network.nick(),
                      network = c.network.id()](const std::string& text) {
    Client* client = user.client(from);
    if (!client) return;
    const Answering none(*client, 0);  // they are words of *halley's, said back
    tell_answer(user, nick, text, [&](std::string_view line) {
      const Network* of = user.network(network);  // removed meanwhile: it is said all the same
      of ? client->pass(*of, line) : client->pass_own(line);
    });
  };
  if (!ask_log(c.network, words, reply)) user.ask_service(words, c.from.proven_by(), reply);
}

// The lines in which it is said there.
std::vector<std::string_view> parts_for(const ClientCommand& c, std::string_view target,
                                        std::string_view text) {
  if (goes_whole(c, target, text)) return {text};
  const std::size_t room = irc::text_room(Burst(c.network, {}).own_mask().size(), "PRIVMSG", target);
  return is_several_lines(c) ? irc::single_lines(text, room) : irc::split_text(text, room);
}

// Lines that one command makes.
std::size_t lines_of(const ClientCommand& c, std::span<const std::string_view> targets,
                     std::string_view text) {
  if (!is_several_lines(c) && irc::parse_ctcp(text)) return targets.size();
  std::size_t lines = 0;
  // Also one that goes as a whole may come to be sent line by line.
  const std::size_t mask = Burst(c.network, {}).own_mask().size();
  for (const std::string_view target : targets) {
    const std::size_t room = irc::text_room(mask, "PRIVMSG", target);
    lines += is_several_lines(c) ? irc::single_lines(text, room).size() : irc::split_text(text, room).size();
  }
  return lines;
}

// Empty: several lines may be said so.
std::string refuse_lines(std::string_view text) {
  if (!irc::fits(irc::multiline_size(text), irc::kSaidMultiline))
    return fmt::format("that is more than {} lines or {} bytes in one message: nothing was sent",
                       irc::kMostMultilineLines, irc::kMostMultilineBytes);
  bool ctcp = false, blank = true;
  irc::for_each_line(text, [&](std::string_view line, bool) {
    ctcp = ctcp || line.starts_with('\x01');
    blank = blank && line.empty();
  });
  if (ctcp) return "CTCP is not said in several lines: nothing was sent";
  return blank ? "there is no text to send" : std::string();
}

std::string refuse_message(const ClientCommand& c, std::span<const std::string_view> targets,
                           std::string_view text) {
  if (targets.size() > kMostTargets)
    return fmt::format("at most {} targets in one message: nothing was sent", kMostTargets);
  for (const std::string_view target : targets) {
    if (!irc::is_valid_target(target))
      return fmt::format("'{}' is no nick or channel: nothing was sent", irc::clip_utf8(target, 80));
  }
  if (text.empty()) return "there is no text to send";
  if (std::string why = is_several_lines(c) ? refuse_lines(text) : ""; !why.empty()) return why;
  if (lines_of(c, targets, text) > kMostTextLines)
    return fmt::format("that is more than {} lines at once: nothing was sent; send it in pieces",
                       kMostTextLines);
  return {};
}

// All of it, or nothing: what is refused half-way would be said twice.
std::string refuse_for_room(const ClientCommand& c, std::span<const std::string_view> targets,
                            std::size_t tags) {
  const std::string_view text = c.message.param(1);
  if (!is_several_lines(c) && irc::parse_ctcp(text)) return {};
  std::size_t lines = 0;
  for (const std::string_view target : targets)
    if (!irc::same_command(target, kServiceName)) lines += parts_for(c, target, text).size();
  return lines == 0 ? "" : c.network.outbox().full(lines, targets.size() * (text.size() + tags));
}

// Once for all that comes to wait there: it is no refusal, so a program hears nothing of it (GET /api/outbox
// shows it).
void tell_waiting(const ClientCommand& c, std::string_view target) {
  const Network& network = c.network;
  if (!c.from.listens() || !network.outbox().waits_for(target)) return;
  const std::string text =
      network.link() == Link::kConnected
          ? fmt::format("What you say to {} waits until Halley is in there (/msg *halley outbox)", target)
          : fmt::format("Not connected to {} now: what you say to {} waits until it is (/msg *halley outbox)",
                        network.name(), target);
  std::string line;
  const std::string_view params[] = {network.nick(), text};
  irc::append_line(
      line, {.source = network.user().hostname(), .command = "NOTICE", .params = params, .colon = true});
  c.from.pass(network, line);
}

// Of several lines that are said one by one the tags are the first one's: it answers, the others follow.
std::string say_parts(const ClientCommand& c, std::string_view target, const std::string& tags) {
  const std::string_view text = c.message.param(1);
  const bool whole = goes_whole(c, target, text);
  bool first = true;
  for (const std::string_view part : parts_for(c, target, text)) {
    const bool tagged = std::exchange(first, false) || !is_several_lines(c);
    if (std::string error = say(c, target, part, tagged ? tags : std::string(), whole); !error.empty())
      return error;
  }
  return {};
}

std::string on_message(const ClientCommand& c) {
  const std::vector<std::string_view> targets = split_commas(c.message.param(0));
  const std::string_view text = c.message.param(1);
  if (std::string refusal = refuse_message(c, targets, text); !refusal.empty()) return refusal;
  const std::string tags = client_tags(c);
  if (std::string refusal = refuse_for_room(c, targets, tags.size()); !refusal.empty()) return refusal;
  for (const std::string_view target : targets) {
    show_query(c, target);
    if (irc::same_command(target, kServiceName)) {
      if (!c.from.listens())
        return "nothing was done: the answer needs an event stream of the same client name";
      for (const std::string_view line :
           is_several_lines(c) ? irc::single_lines(text, irc::kMaxBody) : std::vector<std::string_view>{text})
        ask_service(c, line);
      continue;
    }
    if (c.network.link() == Link::kDisabled) return not_connected(c.network);
    if (c.network.link() == Link::kConnected && !c.network.uplink().has_room())
      return network_full(c.network);
    const bool waited = c.network.outbox().waits_for(target);
    // CTCP must stay whole; the network cuts what is too long.
    if (!is_several_lines(c) && irc::parse_ctcp(text)) {
      if (std::string error = say(c, target, text, tags); !error.empty()) return error;
      if (!waited) tell_waiting(c, target);
      continue;
    }
    if (std::string error = say_parts(c, target, tags); !error.empty()) return error;
    if (!waited) tell_waiting(c, target);
  }
  return {};
}

std::string on_tagmsg(const ClientCommand& c) {
  // Typing notes and reactions: of use only to networks that take tags, and never worth an error.
  if (c.network.link() != Link::kConnected || !c.network.state().caps.has(irc::Cap::kMessageTags)) return {};
  return forward(c);
}

std::string on_nick(const ClientCommand& c) {
  const std::string_view nick = c.message.param(0);
  if (!irc::is_valid_nick(nick)) return fmt::format("'{}' cannot be a nick", nick);
  c.network.uplink().ask_nick(nick);
  if (c.network.link() == Link::kConnected) return forward(c);
  return fmt::format("not connected to {} now: {} will be asked for as soon as it is", c.network.name(),
                     nick);
}

std::string on_away(const ClientCommand& c) {
  c.network.uplink().ask_away(c.message.param(0));
  if (c.network.link() == Link::kConnected) return forward(c);
  return fmt::format("not connected to {} now: it is told as soon as it is", c.network.name());
}

// Each client has a list of its own, and the network one of them all.
std::string on_monitor(const ClientCommand& c) {
  if (!c.from.listens()) return "MONITOR needs a client that stays";
  const Network& network = c.network;
  if (network.link() == Link::kConnected && !network.state().isupport().has("MONITOR")) return forward(c);
  c.network.uplink().monitor(c.from.speaker(), c.message);
  return {};
}

// What is known here is answered here: the network is not asked what it has already told.
template <typename Answer>
std::string answer_or_forward(const ClientCommand& c, Answer&& answer) {
  const Channel* channel = c.network.state().find_channel(c.message.param(0));
  if (!c.from.listens() || !channel || !channel->names_known) return forward(c);
  answer(Burst(c.network, {}), *channel, [&](std::string_view line) { c.from.pass(c.network, line); });
  return {};
}

std::string on_mode(const ClientCommand& c) {
  if (c.message.param_count > 1) return forward(c);
  return answer_or_forward(
      c, [](const Burst& burst, const Channel& channel, const auto& sink) { burst.modes(channel, sink); });
}

std::string on_names(const ClientCommand& c) {
  const Channel* channel = c.network.state().find_channel(c.message.param(0));
  if (!c.from.listens() || !channel || !channel->names_known) return forward(c);
  c.from.channel_names(c.network, *channel);
  return {};
}

std::string on_topic(const ClientCommand& c) {
  if (c.message.param_count > 1) return forward(c);
  return answer_or_forward(c, [](const Burst& burst, const Channel& channel, const auto& sink) {
    if (channel.topic.empty()) {
      sink(fmt::format(":{} {} {} {} :No topic is set", burst.server(), irc::kRplNoTopic, burst.nick(),
                       channel.name));
    } else {
      burst.topic(channel, sink);
    }
  });
}

std::string on_markread(const ClientCommand& c) {
  const auto refused = mark_read(c);
  return refused ? "MARKREAD: " + refused->text : std::string();
}

std::string on_own_link(const ClientCommand& c) {
  return fmt::format(
      "{} is between Halley and the network: use `/msg *halley network disconnect {}` and the like",
      c.message.command, c.network.name());
}

constexpr ClientRow kCommandRows[] = {
    {"PRIVMSG", 2, on_message},  {"NOTICE", 2, on_message},
    {"TAGMSG", 1, on_tagmsg},    {"JOIN", 1, join_channels},
    {"PART", 1, part_channels},  {"NICK", 1, on_nick},
    {"AWAY", 0, on_away},        {"MONITOR", 1, on_monitor},
    {"MODE", 1, on_mode},        {"NAMES", 0, on_names},
    {"TOPIC", 1, on_topic},      {"QUIT", 0, on_own_link},
    {"PASS", 0, on_own_link},    {"USER", 0, on_own_link},
    {"CAP", 0, on_own_link},     {"AUTHENTICATE", 0, on_own_link},
    {"PONG", 0, on_own_link},    {"MARKREAD", 0, on_markread},
    {"HIDE", 1, hide_buffers},   {"DETACH", 1, detach_channels},
    {"ATTACH", 1, show_buffers},
};

}  // namespace

bool run_unbound_command(Client& from, const irc::Message& message, std::string_view nick) {
  if (!irc::same_command(message.command, "PRIVMSG") || !irc::same_command(message.param(0), kServiceName))
    return false;
  User& user = *from.user();
  user.ask_service(message.param(1), from.proven_by(),
                   [&user, id = from.id(), nick = std::string(nick)](const std::string& text) {
                     Client* client = user.client(id);
                     if (!client) return;
                     const Answering none(*client, 0);
                     tell_answer(user, nick, text, [&](std::string_view line) { client->pass_own(line); });
                   });
  return true;
}

std::string run_client_command(const Asker& from, Network& network, const irc::Message& message,
                               const CommandNumber& number) {
  if (message.tags.size() > irc::kMaxClientTags) {
    return fmt::format("that is more than {} bytes of tags: nothing was sent", irc::kMaxClientTags);
  }
  const ClientCommand command{.from = from, .network = network, .message = message, .number = number};
  for (const ClientRow& row : kCommandRows) {
    if (!irc::same_command(row.command, message.command)) continue;
    if (message.param_count < row.min_params) {
      return fmt::format("{} needs {} parameter{}: nothing was sent", row.command, row.min_params,
                         row.min_params == 1 ? "" : "s");
    }
    return row.run(command);
  }
  return forward(command);
}

std::string run_client_command(const Asker& from, Network& network, std::string_view line,
                               const CommandNumber& number) {
  const auto message = irc::parse(line);
  if (!message) return std::string(irc::describe(message.error()));
  return run_client_command(from, network, *message, number);
}

}  // namespace halley
