// What people and the network say: PRIVMSG, NOTICE, INVITE and what passes through without a row.
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/numerics.h"
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

void on_message(Upstream& up, const Message& m) {
  NetworkState& state = up.state();
  const bool notice = m.command.size() == 6;  // NOTICE; PRIVMSG has seven letters
  const irc::Prefix who = irc::parse_prefix(m.source);
  const std::string_view text = m.param(1);
  std::string_view target = m.param(0);
  const bool mine = state.is_me(who.nick);
  const bool from_server = who.user.empty() && who.host.empty();
  const std::size_t status = target.find_first_not_of(state.isupport().statusmsg());
  if (status != std::string_view::npos && state.isupport().is_channel(target.substr(status)))
    target.remove_prefix(status);
  std::uint8_t flags = mine ? event_flag::kSelf : 0;
  if (!state.isupport().is_channel(target)) {
    const auto ctcp = irc::parse_ctcp(text);
    const bool query = !from_server && !(notice && up.network().buffers().find(who.nick) == 0);
    // CTCP questions and answers (all but ACTION) are between programs: not a conversation.
    const bool chatter = ctcp && !irc::same_command(ctcp->command, "ACTION");
    target = query && !chatter ? (mine ? target : who.nick) : std::string_view{};
    if (query && !mine && !notice && !chatter) flags |= event_flag::kHighlight;
  } else if (!mine && names(state.casemapping(), text, state.nick)) {
    flags |= event_flag::kHighlight;
  }
  // Whoever speaks to us under ever new nicks is heard in the network's own buffer.
  Buffers& buffers = up.network().buffers();
  if (buffers.crowded() && buffers.find(target) == 0 && !state.isupport().is_channel(target)) target = {};
  const BufferId buffer = buffers.make(target);
  up.log(notice ? Kind::kNotice : Kind::kPrivmsg, m, {&buffer, 1}, true, flags);
}

void on_invite(Upstream& up, const Message& m) {
  const BufferId buffer = up.network().buffers().make("");
  const bool me = up.state().is_me(m.param(0));
  up.log(Kind::kInvite, m, {&buffer, 1}, false, me ? event_flag::kHighlight : 0);
}

void on_pass(Upstream& up, const Message& m) {
  up.pass(m);
}

void on_answer(Upstream& up, const Message& m) {
  up.route(m);
}

void on_away(Upstream& up, const Message& m) {
  up.pass(m);
}

void on_ignore(Upstream&, const Message&) {}

constexpr UpstreamRow kMessageRows[] = {
    {"PRIVMSG", 2, on_message},
    {"NOTICE", 2, on_message},
    {"INVITE", 2, on_invite},
    {"TAGMSG", 1, on_pass},
    {"AWAY", 0, on_away},
    {"SETNAME", 1, on_pass},
    {"WALLOPS", 1, on_pass},
    {"FAIL", 2, on_answer},
    {"WARN", 2, on_answer},
    {"NOTE", 2, on_answer},
    // Lines inside a batch are handled one by one; the frame itself names references that clients do not
    // have.
    {"BATCH", 1, on_ignore},
    {"ACK", 0, on_ignore},
};

}  // namespace

std::span<const UpstreamRow> message_rows() {
  return kMessageRows;
}

}  // namespace halley
