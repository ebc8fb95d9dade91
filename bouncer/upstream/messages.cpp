// What people and the network say: PRIVMSG, NOTICE, INVITE and what passes through without a row.
#include "bouncer/accounts/network_settings.h"
#include "bouncer/core/detached.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/service_words.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using irc::Message;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '[' || c == ']' || static_cast<unsigned char>(c) >= 0x80;
}

// Does `text` name `nick` as a word of its own?
bool names(irc::CaseMapping mapping, std::string_view text, std::string_view nick) {
  auto at = irc::find(mapping, text, nick);
  for (; at != std::string_view::npos; at = irc::find(mapping, text, nick, at + 1)) {
    const std::size_t end = at + nick.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

// Who says something.
struct Speaker {
  irc::Prefix who;
  bool me;

  bool server() const { return who.user.empty() && who.host.empty(); }
};

Speaker speaker_of(Upstream& up, const Message& m) {
  const irc::Prefix who = irc::parse_prefix(m.source);
  return {who, up.state().is_me(who.nick)};
}

// Where something that is said is shown.
struct Place {
  std::string_view buffer;
  bool channel;  // the buffer is one
  bool query;    // somebody speaks to the user alone
};

Place place_of(Upstream& up, const Message& m, const Speaker& speaker) {
  const NetworkState& state = up.state();
  const std::string_view target = state.isupport().without_status(m.param(0));
  if (state.isupport().is_channel(target)) return {target, true, false};
  if (speaker.me) return {target, false, true};
  const std::string_view nick = speaker.who.nick;
  const bool notice = m.command.size() == 6;  // NOTICE; PRIVMSG has seven letters
  const bool query = !speaker.server() && !(notice && up.network().buffers().find(nick) == 0);
  return {query ? nick : std::string_view{}, false, query};
}

// What is said to services is kept without its passwords, and so are their answers.
std::optional<std::string> without_secrets(Upstream& up, const Message& m, const Speaker& speaker) {
  if (speaker.me) return irc::without_password(m.param(0), m.param(1));
  if (!speaker.server() && !irc::is_service_nick(speaker.who.nick)) return std::nullopt;
  return up.network().without_secrets(m.param(1));
}

// A message of several lines, as its batch has brought it: no CTCP, whatever it begins with.
bool is_multiline(const Message& m) {
  return irc::find_tag(m.tags, irc::kMultilineTag).has_value();
}

// Does something said in a channel call the user?
bool calls(Upstream& up, const Message& m) {
  bool named = false;
  const auto look = [&](std::string_view line, bool) {
    named = named || names(up.state().casemapping(), line, up.state().nick);
  };
  is_multiline(m) ? irc::for_each_line(m.param(1), look) : look(m.param(1), false);
  return named || up.user().rules().highlights(m.source, m.param(1));
}

// What is said in a detached channel may show it again.
void reattach(Upstream& up, std::string_view channel, std::uint8_t flags) {
  if (!is_detached(up.network(), channel)) return;
  const ReattachOn when = reattach_on(up.network().row(), up.user().row());
  const bool highlight = (flags & event_flag::kHighlight) != 0;
  if (when == ReattachOn::kMessage || (when == ReattachOn::kHighlight && highlight))
    (void)attach_channel(up.network(), channel);
}

// Does the user not want to hear it? `text` empty: something else than what is said.
bool ignored(Upstream& up, const Message& m, const Speaker& speaker, std::string_view text) {
  return !speaker.me && up.user().rules().ignores(m.source, text);
}

EventId log_said(Upstream& up, const Message& m, const Speaker& speaker, bool past) {
  const Place place = place_of(up, m, speaker);
  const bool notice = m.command.size() == 6;
  std::uint8_t flags = speaker.me ? event_flag::kSelf : 0;
  if (past) {
    flags |= event_flag::kPast;
  } else if (!speaker.me && (place.channel ? calls(up, m) : place.query && !notice)) {
    flags |= event_flag::kHighlight;
  }
  const auto clean = without_secrets(up, m, speaker);
  const BufferId buffer = buffer_for(up, place.buffer, speaker.me);
  // A network that keeps history may give once more what was taken back.
  const auto msgid = irc::find_tag(m.tags, "msgid");
  const bool checked = past || !speaker.me;
  if (checked && msgid && up.user().redactions().has(up.network().id(), buffer, *msgid)) return 0;
  if (!speaker.me && !past && place.channel) reattach(up, place.buffer, flags);
  const EventKind kind = notice ? EventKind::kNotice : EventKind::kPrivmsg;
  if (!clean) return up.log(kind, m, {&buffer, 1}, true, flags);
  irc::Message kept = m;
  kept.params[1] = *clean;
  return up.log(kind, kept, {&buffer, 1}, true, flags);
}

// What the user has said comes back: it is in the log from now on.
void log_own(Upstream& up, const Message& m, const Speaker& me) {
  const Outbox::Confirmed confirmed = up.confirm(m);
  if (confirmed.what == Outbox::Confirmed::What::kAgain) return;
  const EventId event = log_said(up, m, me, false);
  if (confirmed.what == Outbox::Confirmed::What::kSaid) up.settle(confirmed.number, event);
}

void hear_message(Upstream& up, const Message& m) {
  if (up.replays().take(m)) return;
  const Speaker speaker = speaker_of(up, m);
  if (ignored(up, m, speaker, m.param(1))) return;
  const auto ctcp = is_multiline(m) ? std::nullopt : irc::parse_ctcp(m.param(1));
  // CTCP questions and answers (all but ACTION) are between programs: not a conversation, and not kept.
  if (!ctcp || irc::same_command(ctcp->command, "ACTION")) {
    if (speaker.me) {
      log_own(up, m, speaker);
    } else {
      log_said(up, m, speaker, false);
    }
  } else if (speaker.me) {
    // Our own question or answer: who asked it knows.
  } else if (m.command.size() == 6) {
    ctcp_answer(up, m, *ctcp);
  } else {
    ctcp_question(up, m, *ctcp);
  }
}

// The lines of a batch, which have come to its end.
void hear_whole(Upstream& up, const std::string& line) {
  const auto message = irc::parse(line);
  if (!message) return;
  up.match_whole(*message);
  hear_message(up, *message);
}

void on_message(Upstream& up, const Message& m) {
  std::string whole;
  if (!up.multilines().take(m, up.state().casemapping(), whole)) return hear_message(up, m);
  if (!whole.empty()) hear_whole(up, whole);
}

void on_batch(Upstream& up, const Message& m) {
  // Lines inside of others are handled one by one; the frame itself names references that clients do not
  // have.
  up.replays().batch(m);
  if (const std::string whole = up.multilines().batch(m); !whole.empty()) hear_whole(up, whole);
}

void on_invite(Upstream& up, const Message& m) {
  if (ignored(up, m, speaker_of(up, m), {})) return;
  const BufferId buffer = up.network().buffers().make("");
  const bool me = up.state().is_me(m.param(0));
  up.log(EventKind::kInvite, m, {&buffer, 1}, false, me ? event_flag::kHighlight : 0);
  if (me) up.wanted_channels().invited(m.param(1));
}

void on_pass(Upstream& up, const Message& m) {
  up.pass(m);
}

void on_presence(Upstream& up, const Message& m) {
  up.pass_presence(m);
}

// Reactions and their removal are part of what was said; notes of typing and the like are not.
bool is_reaction(const Message& m) {
  bool reaction = false;
  irc::for_each_tag(m.tags, [&](std::string_view key, std::string_view) {
    reaction =
        reaction || key == "+draft/react" || key == "+react" || key == "+draft/unreact" || key == "+unreact";
  });
  return reaction;
}

std::uint8_t own_flag(const Speaker& speaker) {
  return speaker.me ? event_flag::kSelf : std::uint8_t{0};
}

void on_tagmsg(Upstream& up, const Message& m) {
  const Speaker speaker = speaker_of(up, m);
  if (ignored(up, m, speaker, {})) return;
  const BufferId buffer =
      is_reaction(m) ? up.network().buffers().find(place_of(up, m, speaker).buffer) : BufferId{0};
  if (buffer == 0) {
    speaker.me ? up.pass_to_others(m) : up.pass(m);
  } else {
    up.log(EventKind::kTagmsg, m, {&buffer, 1}, false, own_flag(speaker));
  }
}

void on_redact(Upstream& up, const Message& m) {
  const Speaker speaker = speaker_of(up, m);
  const BufferId buffer = up.network().buffers().find(place_of(up, m, speaker).buffer);
  if (buffer == 0) return;  // nothing was ever shown there
  up.log(EventKind::kRedact, m, {&buffer, 1}, false, own_flag(speaker));
  up.user().redactions().add(up.network().id(), buffer, m.param(1));
}

void on_answer(Upstream& up, const Message& m) {
  up.route(m);
}

void on_label_taken(Upstream& up, const Message&) {
  up.acknowledged();
}

constexpr UpstreamRow kMessageRows[] = {
    {"PRIVMSG", 2, on_message},  {"NOTICE", 2, on_message}, {"INVITE", 2, on_invite},
    {"TAGMSG", 1, on_tagmsg},    {"REDACT", 2, on_redact},  {"AWAY", 0, on_presence},
    {"SETNAME", 1, on_presence}, {"WALLOPS", 1, on_pass},   {"WARN", 2, on_answer},
    {"NOTE", 2, on_answer},      {"BATCH", 1, on_batch},    {"ACK", 0, on_label_taken},
};

}  // namespace

BufferId buffer_for(Upstream& up, std::string_view name, bool ours) {
  Buffers& buffers = up.network().buffers();
  if (const BufferId known = buffers.find(name); known != 0) return known;
  return buffers.make(
      name, ours || up.network().find_wanted(name) ? Buffers::MadeBy::kUser : Buffers::MadeBy::kOthers);
}

std::string_view buffer_of(Upstream& up, const irc::Message& message) {
  return place_of(up, message, speaker_of(up, message)).buffer;
}

EventId log_past(Upstream& up, const irc::Message& message) {
  const Speaker speaker = speaker_of(up, message);
  const auto ctcp = irc::parse_ctcp(message.param(1));
  if (ctcp && !is_multiline(message) && !irc::same_command(ctcp->command, "ACTION")) return 0;
  if (ignored(up, message, speaker, message.param(1))) return 0;
  return log_said(up, message, speaker, true);
}

std::span<const UpstreamRow> message_rows() {
  return kMessageRows;
}

}  // namespace halley
