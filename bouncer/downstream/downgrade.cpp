#include "bouncer/downstream/downgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/fit.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/multiline.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"
#include "storage/api/msgid.h"

namespace halley {

namespace {

using irc::Cap;

constexpr std::size_t kTimeBytes = 24;

// The tags of one line, as many as fit: those that stand first, the line's own behind ours.
class TagWriter {
 public:
  explicit TagWriter(std::string& out) : out_(out), begin_(out.size()) {}

  void add(std::string_view key, std::string_view value) {
    const std::size_t size = key.size() + (value.empty() ? 0 : 1 + value.size());
    if (out_.size() - begin_ + size + 2 > irc::kMaxServerTags) return;  // with what separates it
    out_ += out_.size() == begin_ ? '@' : ';';
    out_ += key;
    if (!value.empty()) (out_ += '=') += value;
  }
  void add_time(std::int64_t time_ms) {
    char time[kTimeBytes];
    irc::write_time(time, time_ms);
    add("time", {time, kTimeBytes});
  }
  void end() {
    if (out_.size() > begin_) out_ += ' ';
  }

 private:
  std::string& out_;
  const std::size_t begin_;
};

// Where a line stands: in a batch, and among those that its event is told in. What belongs to the message as
// such stands on the first of them.
struct LinePlace {
  EventPlace event = {};
  bool first = true;
  bool last = true;
};

// How far the client is with it. Source: pounce(1), which made the capability
void add_position(TagWriter& tags, EventId id) {
  tags.add("causal.agency/pos", fmt::format_int(id).c_str());
}

void append_tags(std::string& out, const Delivery& d, const LineStyle& style, const LinePlace& place) {
  const storage::Event& event = d.event;
  TagWriter tags(out);
  if (style.position && place.last) add_position(tags, event.id);
  if (place.first && !place.event.label.empty()) tags.add("label", place.event.label);
  if (!place.event.batch.empty()) tags.add("batch", place.event.batch);
  if (style.server_time) tags.add_time(event.time_ms);
  if (style.message_tags && place.first) {
    if (event.msgid.empty()) {
      tags.add("msgid", storage::msgid_of(event.id));
    } else {
      tags.add("msgid", event.msgid);
    }
    irc::for_each_tag(event.tags,
                      [&](std::string_view key, std::string_view value) { tags.add(key, value); });
  } else if ((style.account_tag || style.message_tags) && !event.tags.empty()) {
    if (const auto account = irc::find_tag(event.tags, "account")) tags.add("account", *account);
  }
  tags.end();
}

// CR LF behind the line that begins at `body`; with nothing of it when it cannot be told: out ends at
// `begin`.
void end_line(std::string& out, std::size_t begin, std::size_t body) {
  if (irc::fit_line(out, body)) {
    out += "\r\n";
  } else {
    out.resize(begin);
  }
}

// ":n!u@h JOIN #c account :real name" for a client without extended-join.
void append_plain_join(std::string& out, std::string_view line) {
  const auto message = irc::parse(line);
  if (!message) return;
  irc::append_line(
      out,
      {.source = message->source, .command = message->command, .params = message->parameters().first(1)});
}

// ":n!u@h JOIN #c" of a network without extended-join, for a client that has it: no account that is known,
// and the nick for a real name that is not.
void append_extended_join(std::string& out, const storage::Event& event) {
  const auto message = irc::parse(event.line);
  if (!message) return;
  const auto account = irc::find_tag(event.tags, "account");
  const std::string_view params[] = {message->param(0), account.value_or("*"),
                                     irc::parse_prefix(message->source).nick};
  irc::append_line(out,
                   {.source = message->source, .command = message->command, .params = params, .colon = true});
}

bool has_account(std::string_view join) {
  const auto message = irc::parse(join);
  return message && message->param_count >= 3;
}

// Said by the user to somebody else alone. To a channel, or to oneself: every client knows what that is.
bool is_own_query(const storage::Event& event) {
  if ((event.flags & event_flag::kSelf) == 0 || event.text_at < 3) return false;
  const auto parsed = irc::parse(event.line);
  return parsed && !parsed->param(0).empty() &&
         std::string_view("#&+!@%~").find(parsed->param(0)[0]) == std::string_view::npos &&
         parsed->param(0) != irc::parse_prefix(parsed->source).nick;
}

// An old client would open a window for itself on ":me PRIVMSG other": it gets a notice of what was said
// instead.
void append_own_query(std::string& out, std::string_view line, std::string_view nick) {
  const auto message = irc::parse(line);
  if (!message) return;
  const std::string text = fmt::format("(you said) {}", message->param(1));
  const std::string_view params[] = {nick, text};
  irc::append_line(out, {.source = message->param(0), .command = "NOTICE", .params = params, .colon = true});
}

// "[2026-11-22 15:04:05] " before the text (inside a CTCP ACTION, behind its word).
void append_dated(std::string& out, const storage::Event& event) {
  std::string iso;
  irc::append_time(iso, event.time_ms);
  iso[10] = ' ';
  iso.resize(19);
  const std::string_view head = event.line.substr(0, event.text_at), text = event.line.substr(event.text_at);
  constexpr std::string_view kAction =
      "\x01"
      "ACTION ";
  const std::size_t skip = text.starts_with(kAction) ? kAction.size() : 0;
  out.append(head)
      .append(text.substr(0, skip))
      .append("[")
      .append(iso)
      .append("] ")
      .append(text.substr(skip));
}

}  // namespace

LineStyle LineStyle::of(irc::CapSet caps) {
  return {.message_tags = caps.has(Cap::kMessageTags),
          .server_time = caps.has(Cap::kServerTime),
          .account_tag = caps.has(Cap::kAccountTag),
          .extended_join = caps.has(Cap::kExtendedJoin),
          .multiline = caps.has(Cap::kMultiline) && caps.has(Cap::kBatch),
          .self_message = caps.has(Cap::kEchoMessage) || caps.has(Cap::kSelfMessage),
          .position = caps.has(Cap::kConsumer)};
}

std::uint64_t LineStyle::bits() const {
  return (message_tags ? 1U : 0U) | (server_time ? 2U : 0U) | (account_tag ? 4U : 0U) |
         (extended_join ? 8U : 0U) | (self_message ? 16U : 0U) | (multiline ? 32U : 0U) |
         (position ? 64U : 0U);
}

bool takes(irc::CapSet caps, const EventKindRow& row, bool called) {
  return row.shown && (!row.needs || caps.has(*row.needs) || (called && row.calls_anyway));
}

namespace {

bool is_spoken(const storage::Event& event) {
  const auto kind = static_cast<EventKind>(event.kind);
  return kind == EventKind::kPrivmsg || kind == EventKind::kNotice;
}

// An event as one line.
void append_one(std::string& out, const Delivery& delivery, const LineStyle& style, std::string_view nick,
                const LinePlace& place) {
  const storage::Event& event = delivery.event;
  const auto kind = static_cast<EventKind>(event.kind);
  const std::size_t begin = out.size();
  append_tags(out, delivery, style, place);
  const std::size_t body = out.size();
  const bool message = is_spoken(event);
  if (kind == EventKind::kJoin && !style.extended_join) {
    append_plain_join(out, event.line);
  } else if (kind == EventKind::kJoin && !has_account(event.line)) {
    append_extended_join(out, event);
  } else if (message && !style.self_message && is_own_query(event)) {
    append_own_query(out, event.line, nick);
  } else if ((!delivery.live || (event.flags & event_flag::kPast) != 0) && !style.server_time &&
             event.text_at != 0) {
    append_dated(out, event);
  } else {
    out += event.line;
  }
  end_line(out, begin, body);
}

// As its batch. The reference is the event's, so that all who get it share the bytes.
// False: names are too long for that.
bool append_batch(std::string& out, const Delivery& delivery, const LineStyle& style,
                  const EventPlace& place) {
  const storage::Event& event = delivery.event;
  const auto message = irc::parse(event.line);
  if (!message) return false;
  std::string tags;
  append_tags(tags, delivery, style, {.event = place, .last = false});
  const std::string_view source = message->source, target = message->param(0);
  const auto lines = irc::multiline_batch({.source = source,
                                           .command = message->command,
                                           .target = target,
                                           .text = message->param(1),
                                           .reference = fmt::format("m{}", event.id),
                                           .room = irc::text_room(source.size(), message->command, target)});
  const std::size_t all = out.size();
  out += tags;
  for (const std::string& line : lines) {
    std::size_t begin = out.size();
    if (style.position && &line == &lines.back()) {
      TagWriter tags_of_end(out);
      add_position(tags_of_end, event.id);
      tags_of_end.end();
    }
    const std::size_t body = out.size();
    out += line;
    end_line(out, begin, line.starts_with('@') ? body + line.find(' ') + 1 : body);
    if (out.size() != begin) continue;
    out.resize(all);
    return false;
  }
  return true;
}

// Each line for itself, but blank ones.
void append_lines(std::string& out, const Delivery& delivery, const LineStyle& style, std::string_view nick,
                  const EventPlace& place) {
  const storage::Event& event = delivery.event;
  const auto message = irc::parse(event.line);
  if (!message) return;
  const std::size_t room = irc::text_room(message->source.size(), message->command, message->param(0));
  bool first = true;
  const auto parts = irc::single_lines(event.line.substr(event.text_at), room);
  for (const std::string_view part : parts) {
    const std::string line = std::string(event.line.substr(0, event.text_at)).append(part);
    storage::Event one = event;
    one.line = line;
    append_one(
        out,
        {.event = one,
         .prev = delivery.prev,
         .network = delivery.network,
         .live = delivery.live,
         .origin = delivery.origin},
        style, nick,
        {.event = place, .first = std::exchange(first, false), .last = part.data() == parts.back().data()});
  }
}

}  // namespace

void append_event(std::string& out, const Delivery& delivery, const LineStyle& style, std::string_view nick,
                  const EventPlace& place) {
  const storage::Event& event = delivery.event;
  if ((event.flags & event_flag::kMultiline) == 0 || !is_spoken(event) || event.text_at == 0)
    return append_one(out, delivery, style, nick, {.event = place});
  // Old clients are told what was said elsewhere as notices, and without a time of its own each line bears
  // it.
  const bool changed = (!style.self_message && is_own_query(event)) ||
                       (!style.server_time && (!delivery.live || (event.flags & event_flag::kPast) != 0));
  if (style.multiline && !changed && append_batch(out, delivery, style, place)) return;
  append_lines(out, delivery, style, nick, place);
}

bool understands(irc::CapSet caps, std::string_view command) {
  const std::optional<Cap> needed = irc::needed_cap(command);
  return !needed || caps.has(*needed);
}

namespace {

// Of some prefix symbols in a row a client without multi-prefix takes the highest alone.
void append_one_symbol(std::string& out, std::string_view name) {
  constexpr std::string_view kSymbols = "~&@%+!";
  const std::size_t end = std::min(name.find_first_not_of(kSymbols), name.size());
  out.append(name.substr(0, std::min<std::size_t>(1, end))).append(name.substr(end));
}

// RPL_WHOREPLY's flags ("H*@+") and the names of RPL_NAMREPLY, as they were before multi-prefix.
std::string without_multi_prefix(const irc::Message& m) {
  std::string changed;
  const bool names = m.command == "353";
  std::string_view rest = names ? m.param(3) : m.param(6);
  if (names) {
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      append_one_symbol(changed, rest.substr(0, space));
      if (space != std::string_view::npos) changed += ' ';
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    }
  } else {
    const std::size_t flags = std::min(rest.find_first_of("~&@%+!"), rest.size());
    changed = rest.substr(0, flags);
    append_one_symbol(changed, rest.substr(flags));
  }
  std::vector<std::string_view> params(m.parameters().begin(), m.parameters().end());
  params[names ? 3 : 6] = changed;
  std::string line;
  irc::append_line(
      line, {.tags = m.tags, .source = m.source, .command = m.command, .params = params, .colon = true});
  return line;
}

}  // namespace

void append_passed(std::string& out, std::string_view line, irc::CapSet caps, std::int64_t now_ms) {
  std::string plain;
  if (!caps.has(Cap::kMultiPrefix)) {
    const auto message = irc::parse(line);
    if (message && ((message->command == "353" && message->param_count > 3) ||
                    (message->command == "352" && message->param_count > 6))) {
      plain = without_multi_prefix(*message);
      line = plain;
    }
  }
  std::string_view tags;
  if (line.starts_with('@')) {
    const std::size_t space = std::min(line.find(' '), line.size());
    tags = line.substr(1, space - 1);
    line = line.substr(std::min(space + 1, line.size()));
  }
  const std::size_t begin = out.size();
  TagWriter written(out);
  if (caps.has(Cap::kServerTime)) {
    const auto time = irc::find_tag(tags, "time");
    if (time && irc::parse_time(*time)) {
      written.add("time", *time);
    } else {
      written.add_time(now_ms);
    }
  }
  if (caps.has(Cap::kMessageTags)) {
    irc::for_each_tag(tags, [&](std::string_view key, std::string_view value) {
      if (key != "time" && key != "batch" && key != "label") written.add(key, value);
    });
  }
  written.end();
  const std::size_t body = out.size();
  out += line;
  end_line(out, begin, body);
}

}  // namespace halley
