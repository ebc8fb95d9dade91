#include "bouncer/transfer/log_words.h"

#include <algorithm>
#include <array>

namespace halley::transfer {
namespace {

constexpr std::string_view kRanks = "@+%&~!. ";

bool strip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Up to the next blank, which is taken too.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::string_view without_rank(std::string_view nick) {
  const std::size_t begin = std::min(nick.find_first_not_of(kRanks), nick.size());
  return nick.substr(begin);
}

bool is_channel(std::string_view word) {
  return !word.empty() && std::string_view("#&+!").contains(word[0]);
}

// Between brackets of either kind, or quotes, which need not be there.
std::string_view inside(std::string_view text) {
  constexpr std::array<std::string_view, 4> kPairs{"()", "[]", "''", "\"\""};
  for (const std::string_view pair : kPairs) {
    if (text.size() >= 2 && text.front() == pair[0] && text.back() == pair[1])
      return text.substr(1, text.size() - 2);
  }
  return text;
}

Words said(ForeignLine& line, std::string_view nick, std::string_view text) {
  line.nick = without_rank(nick);
  line.text = text;
  return line.nick.empty() ? Words::kUnknown : Words::kUnderstood;
}

Words act(ForeignLine& line, std::string_view text) {
  line.action = true;
  const std::string_view nick = take_word(text);
  return said(line, nick, text);
}

// Who did it: "nick", "nick!user@host", and behind that perhaps "(user@host)" or "[user@host]".
void take_who(std::string_view& text, ForeignLine& line) {
  line.nick = take_word(text);
  if (const std::size_t bang = line.nick.find('!'); bang != std::string_view::npos && bang > 0) {
    line.userhost = line.nick.substr(bang + 1);
    line.nick = line.nick.substr(0, bang);
  }
  line.nick = without_rank(line.nick);
  if (!text.starts_with('(') && !text.starts_with('[')) return;
  std::string_view rest = text;
  const std::string_view group = take_word(rest);
  if (group.find('@') == std::string_view::npos || inside(group).size() + 2 != group.size()) return;
  line.userhost = inside(group);
  text = rest;
}

// "[+o ann] by bob", behind "mode/#c " or "Mode #c ".
bool mode_by(std::string_view text, ForeignLine& line) {
  const std::size_t by = text.rfind("] by ");
  if (!text.starts_with('[') || by == std::string_view::npos) return false;
  line.kind = EventKind::kMode;
  line.text = text.substr(1, by - 1);
  line.nick = text.substr(by + 5);
  line.nick = line.nick.substr(0, line.nick.find(' '));
  return true;
}

bool went(EventKind kind, std::string_view rest, ForeignLine& line) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  std::string_view behind = rest;
  const bool channel = is_channel(take_word(behind));
  const std::string_view reason = channel ? behind : rest;
  // "has left the building" is what somebody says of themselves.
  const bool bracketed = inside(reason).size() < reason.size();
  if (!reason.empty() && !bracketed) return false;
  if (!channel && reason.empty() && line.userhost.empty()) return false;
  line.kind = kind;
  if (kind != EventKind::kJoin) line.text = inside(reason);
  return true;
}

bool topic_is(std::string_view text, ForeignLine& line) {
  line.kind = EventKind::kTopic;
  line.text = inside(text);
  return true;
}

// "was kicked by bob (reason)", "was kicked from #c by bob [reason]": the victim stands first.
bool kicked(std::string_view rest, ForeignLine& line) {
  std::string_view from = rest;
  if (strip(from, "from ")) {
    (void)take_word(from);
    rest = from;
  }
  if (!strip(rest, "by ")) return false;
  line.kind = EventKind::kKick;
  line.whom = line.nick;
  line.userhost = {};
  line.nick = take_word(rest);
  line.text = inside(rest);
  return true;
}

// "has kicked ann from #c (reason)", "has kicked ann (reason)".
bool has_kicked(std::string_view rest, ForeignLine& line) {
  line.kind = EventKind::kKick;
  line.whom = take_word(rest);
  if (strip(rest, "from ")) (void)take_word(rest);
  line.text = inside(rest);
  return true;
}

// What people do, in the words of all these programs; the marks before it are taken off.
bool read_deed(std::string_view text, ForeignLine& line) {
  std::string_view rest = text;
  if (strip(rest, "Joins: ") || strip(rest, "Parts: ") || strip(rest, "Quits: ")) {
    take_who(rest, line);
    line.kind = text[0] == 'J' ? EventKind::kJoin : text[0] == 'P' ? EventKind::kPart : EventKind::kQuit;
    if (line.kind != EventKind::kJoin) line.text = inside(rest);
    return true;
  }
  for (const std::string_view mode : {"mode/", "ServerMode/", "Mode "}) {
    if (strip(rest, mode)) {
      (void)take_word(rest);
      return mode_by(rest, line);
    }
  }
  take_who(rest, line);
  if (strip(rest, "has joined")) return went(EventKind::kJoin, rest, line);
  if (strip(rest, "has left")) return went(EventKind::kPart, rest, line);
  if (strip(rest, "has quit") || strip(rest, "Quit")) return went(EventKind::kQuit, rest, line);
  if (strip(rest, "is now known as ")) {
    line.kind = EventKind::kNick;
    line.text = take_word(rest);
    return true;
  }
  if (strip(rest, "sets mode: ")) {
    line.kind = EventKind::kMode;
    line.text = rest.ends_with(' ') ? rest.substr(0, rest.size() - 1) : rest;
    return true;
  }
  if (strip(rest, "changes topic to ") || strip(rest, "has changed the topic to: "))
    return topic_is(rest, line);
  if (strip(rest, "changed the topic of ") || strip(rest, "has changed topic for ")) {
    (void)take_word(rest);
    if (const std::size_t to = rest.rfind("\" to \""); to != std::string_view::npos)
      return topic_is(rest.substr(to + 5), line);
    return (strip(rest, "to: ") || strip(rest, "to ")) && topic_is(rest, line);
  }
  if (strip(rest, "was kicked ")) return kicked(rest, line);
  if (strip(rest, "has kicked ")) return has_kicked(rest, line);
  return false;
}

Words deed(std::string_view text, ForeignLine& line) {
  const std::int64_t time = line.time_ms;
  if (read_deed(text, line) && !line.nick.empty()) return Words::kUnderstood;
  line = {.time_ms = time};
  return Words::kOfTheProgram;
}

// "* ann waves", or "* ann (a@h) has joined #c".
Words star(std::string_view text, ForeignLine& line) {
  const std::int64_t time = line.time_ms;
  for (const std::string_view own : {"Now talking ", "Topic is ", "Set by ", "Disconnected", "Topic for "}) {
    if (text.starts_with(own)) return Words::kOfTheProgram;
  }
  if (read_deed(text, line) && !line.nick.empty()) return Words::kUnderstood;
  line = {.time_ms = time};
  return act(line, text);
}

// "-ann- text", "-ann:#c- text", "-ann(a@h)- text"; `blank` stands behind.
Words notice(std::string_view text, ForeignLine& line, char blank) {
  const std::string end{'-', blank};
  const std::size_t close = text.find(end, 1);
  if (close == std::string_view::npos) return Words::kUnknown;
  line.kind = EventKind::kNotice;
  const std::string_view who = text.substr(1, close - 1);
  return said(line, who.substr(0, who.find_first_of(":(")), text.substr(close + 2));
}

// WeeChat's columns: who or a mark, a tab, and the words. HexChat has a tab behind its marks, too.
Words columns(std::string_view head, std::string_view rest, ForeignLine& line) {
  if (head == "-->" || head == "<--") return deed(rest, line);
  if (head == " *") return act(line, rest);
  if (head == "*") return star(rest, line);
  if (head == "--") {
    std::string_view text = rest;
    if (!strip(text, "Notice(")) return deed(rest, line);
    line.kind = EventKind::kNotice;
    const std::size_t close = text.find(')'), colon = text.find(": ");
    if (close == std::string_view::npos || colon == std::string_view::npos) return Words::kOfTheProgram;
    return said(line, text.substr(0, close), text.substr(colon + 2));
  }
  if (head.empty() || head == "=!=" || head == "---") return Words::kOfTheProgram;
  if (head.find(' ') != std::string_view::npos && head[0] != ' ') return Words::kUnknown;
  return said(line, head, rest);
}

// bip: "< ann!a@h: text", and what the user said as "> kit: text"; "* " before the words of a /me.
Words arrow(std::string_view text, ForeignLine& line) {
  line.own = text[0] == '>';
  text.remove_prefix(2);
  if (strip(text, "* ")) line.action = true;
  std::string_view who = take_word(text);
  if (!line.action) {
    if (!who.ends_with(':')) return Words::kUnknown;
    who.remove_suffix(1);
  }
  const std::size_t bang = std::min(who.find('!'), who.size());
  if (bang < who.size()) line.userhost = who.substr(bang + 1);
  return said(line, who.substr(0, bang), text);
}

}  // namespace

Words read_words(std::string_view text, ForeignLine& line) {
  std::string_view rest = text;
  if (strip(rest, "-!- ") || strip(rest, "*** ")) return deed(rest, line);
  if (text.starts_with('<')) {
    const std::size_t close = text.find('>');
    const bool nick =
        close != std::string_view::npos && close + 1 < text.size() && close > 1 && text.find(' ', 2) > close;
    if (nick && (text[close + 1] == ' ' || text[close + 1] == '\t'))
      return said(line, text.substr(1, close - 1), text.substr(close + 2));
  }
  if (text.starts_with("< ") || text.starts_with("> ")) return arrow(text, line);
  const std::size_t tab = text.find('\t');
  if (text.starts_with('-') && !text.starts_with("--")) {
    const Words found = notice(text, line, ' ');
    return found == Words::kUnknown ? notice(text, line, '\t') : found;
  }
  if (strip(rest, "* ")) return star(rest, line);
  if (strip(rest, " * ")) return act(line, rest);
  if (tab != std::string_view::npos) return columns(text.substr(0, tab), text.substr(tab + 1), line);
  for (const std::string_view own : {"Connected to IRC", "Disconnected from IRC", "Broadcast: "}) {
    if (text.starts_with(own)) return Words::kOfTheProgram;
  }
  return Words::kUnknown;
}

}  // namespace halley::transfer
