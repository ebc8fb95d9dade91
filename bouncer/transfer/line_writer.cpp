#include "bouncer/transfer/line_writer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/service_words.h"
#include "bouncer/irc/text.h"

namespace halley::transfer {
namespace {

constexpr std::string_view kAction{
    "\x01"
    "ACTION "};

// By the table of well-formed sequences (Unicode 3.9, D92).
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i++]);
    if (byte < 0x80) continue;
    const std::size_t more = byte >= 0xc2 && byte < 0xe0   ? 1
                             : (byte & 0xf0) == 0xe0       ? 2
                             : byte >= 0xf0 && byte < 0xf5 ? 3
                                                           : 0;
    if (more == 0 || i + more > text.size()) return false;
    const auto next = static_cast<unsigned char>(text[i]);
    if ((byte == 0xe0 && next < 0xa0) || (byte == 0xed && next > 0x9f) || (byte == 0xf0 && next < 0x90) ||
        (byte == 0xf4 && next > 0x8f))
      return false;
    for (std::size_t k = 0; k < more; ++k) {
      if ((static_cast<unsigned char>(text[i++]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

bool same_nick(std::string_view a, std::string_view b) {
  return irc::equal(irc::CaseMapping::kRfc1459, a, b);
}

struct KindName {
  std::string_view command;
  EventKind kind;
};
constexpr std::array kKindNames{
    KindName{"PRIVMSG", EventKind::kPrivmsg}, KindName{"NOTICE", EventKind::kNotice},
    KindName{"JOIN", EventKind::kJoin},       KindName{"PART", EventKind::kPart},
    KindName{"QUIT", EventKind::kQuit},       KindName{"NICK", EventKind::kNick},
    KindName{"MODE", EventKind::kMode},       KindName{"TOPIC", EventKind::kTopic},
    KindName{"KICK", EventKind::kKick}};

std::string_view command_of(EventKind kind) {
  return std::ranges::find(kKindNames, kind, &KindName::kind)->command;
}

bool is_said(EventKind kind) {
  return kind == EventKind::kPrivmsg || kind == EventKind::kNotice;
}

}  // namespace

std::string_view as_utf8(std::string_view text, std::string& scratch) {
  if (is_utf8(text)) return text;
  scratch.clear();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      scratch += c;
    } else {
      scratch += static_cast<char>(0xc0 | (byte >> 6));
      scratch += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return scratch;
}

storage::Event LineWriter::event_of(const ForeignLine& line, const LogPlace& place,
                                    std::size_t searchable) const {
  storage::Event event;
  event.time_ms = line.time_ms;
  event.kind = static_cast<std::uint8_t>(line.kind);
  const bool own = line.own || same_nick(line.nick, place.own_nick);
  event.flags = event_flag::kPast;
  if (own) event.flags |= event_flag::kSelf;
  if (!own && is_said(line.kind) && !place.channel() && !place.buffer.empty())
    event.flags |= event_flag::kHighlight;
  if (searchable > 0) event.text_at = static_cast<std::uint16_t>(line_.size() - searchable);
  event.line = line_;
  return event;
}

// As what is said through Halley itself. Whoever speaks in a talk with a service, under an old nick perhaps.
std::string_view LineWriter::without_password(std::string_view text, const LogPlace& place) {
  auto clean = irc::without_password(place.buffer, text);
  if (!clean) return text;
  text_ = std::move(*clean);
  return text_;
}

std::optional<storage::Event> LineWriter::write(const ForeignLine& line, const LogPlace& place) {
  const std::string_view nick = line.nick.substr(0, irc::kMaxNick);
  if (nick.empty() || nick.find_first_of(" !@\x01\r\n:") != std::string_view::npos) return std::nullopt;
  const bool own = line.own || same_nick(nick, place.own_nick);
  source_.assign(nick);
  if (line.userhost.find('@') != std::string_view::npos &&
      line.userhost.find_first_of(" !\r\n") == std::string_view::npos)
    source_.append("!").append(line.userhost.substr(0, irc::kMaxUser + 1 + irc::kMaxHost));
  std::string_view text = irc::clip_utf8(as_utf8(line.text, utf8_), kMaxSaid);
  const std::string_view talk = own && !place.channel() ? std::string_view(place.buffer) : place.own_nick;
  const std::string_view target = place.channel() ? std::string_view(place.buffer) : talk;
  if (line.action) {
    text_.assign(kAction).append(text).append("\x01");
    text = text_;
  } else if (is_said(line.kind)) {
    text = without_password(text, place);
  }
  std::array<std::string_view, irc::kMaxParams> params{};
  std::size_t count = 0;
  if (line.kind != EventKind::kQuit && line.kind != EventKind::kNick) params[count++] = target;
  if (line.kind == EventKind::kKick) params[count++] = line.whom;
  const bool bare = line.kind == EventKind::kJoin ||
                    (text.empty() && !is_said(line.kind) && line.kind != EventKind::kTopic);
  std::string_view modes = line.kind == EventKind::kMode ? text : std::string_view{};
  while (!modes.empty() && count + 1 < params.size()) {
    const std::size_t end = std::min(modes.find(' '), modes.size());
    if (end > 0) params[count++] = modes.substr(0, end);
    modes.remove_prefix(std::min(end + 1, modes.size()));
  }
  if (!bare && line.kind != EventKind::kMode) params[count++] = text;
  line_.clear();
  const bool colon = !bare && line.kind != EventKind::kMode && line.kind != EventKind::kNick;
  irc::append_line(line_, {.source = source_,
                           .command = command_of(line.kind),
                           .params = std::span(params).first(count),
                           .colon = colon});
  return event_of(line, place, is_said(line.kind) || line.kind == EventKind::kTopic ? text.size() : 0);
}

std::optional<storage::Event> LineWriter::write_raw(std::string_view raw, std::int64_t time_ms,
                                                    const LogPlace& place) {
  const std::string_view all = as_utf8(raw, utf8_);
  const auto message = irc::parse(all);
  if (!message || message->source.empty()) return std::nullopt;
  const auto named = std::ranges::find_if(
      kKindNames, [&](const KindName& name) { return irc::same_command(name.command, message->command); });
  if (named == kKindNames.end()) return std::nullopt;
  const auto ctcp = irc::parse_ctcp(message->param(1));
  if (is_said(named->kind) && ctcp && !irc::same_command(ctcp->command, "ACTION")) return std::nullopt;
  line_.clear();
  const bool searchable = is_said(named->kind) || named->kind == EventKind::kTopic;
  std::vector<std::string_view> params(message->parameters().begin(), message->parameters().end());
  if (searchable && !params.empty()) {
    params.back() = irc::clip_utf8(params.back(), kMaxSaid);
    if (is_said(named->kind) && !ctcp) params.back() = without_password(params.back(), place);
  }
  irc::append_line(line_, {.source = message->source,
                           .command = named->command,
                           .params = params,
                           .colon = searchable || named->kind == EventKind::kQuit});
  const ForeignLine line{
      .time_ms = time_ms, .kind = named->kind, .nick = irc::parse_prefix(message->source).nick};
  storage::Event event = event_of(line, place, searchable && !params.empty() ? params.back().size() : 0);
  if (const auto msgid = irc::find_tag(message->tags, "msgid"))
    msgid_ = *msgid;
  else
    msgid_.clear();
  event.msgid = msgid_;
  return event;
}

}  // namespace halley::transfer
