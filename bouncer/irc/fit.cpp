#include "bouncer/irc/fit.h"

#include <algorithm>
#include <optional>

#include "bouncer/irc/text.h"

namespace halley::irc {

namespace {

constexpr std::size_t kLeastText = 4;  // bytes: a character
constexpr char kCtcp = '\x01';

enum class Last { kText, kWords, kAttributes, kName };

// Commands whose last parameter is a text, also when it is one word without a colon; from so many parameters
// on.
struct TextCommand {
  std::string_view command;
  std::size_t params;
};
constexpr TextCommand kTexts[] = {{"PRIVMSG", 2}, {"NOTICE", 2}, {"TOPIC", 2}, {"QUIT", 1},    {"PART", 2},
                                  {"KICK", 3},    {"AWAY", 1},   {"ERROR", 1}, {"WALLOPS", 1}, {"SETNAME", 1},
                                  {"FAIL", 3},    {"WARN", 3},   {"NOTE", 3},  {"PONG", 1}};
// Lists of words: half a word would be another one.
constexpr std::string_view kLists[] = {"CAP", "005", "302", "303", "319", "353", "730", "731", "732"};

Last last_of(const Message& m, bool colon) {
  const auto is = [&](std::string_view command) { return same_command(command, m.command); };
  if (std::ranges::any_of(kLists, is)) return Last::kWords;
  if (is("BOUNCER")) return Last::kAttributes;
  const bool text = std::ranges::any_of(
      kTexts, [&](const TextCommand& row) { return is(row.command) && m.param_count >= row.params; });
  return text || colon ? Last::kText : Last::kName;
}

// At the last separator within the room. Nothing of it fits: empty.
std::string_view cut_at(std::string_view list, std::size_t room, char separator) {
  if (list.size() <= room) return list;
  const std::size_t end = list.substr(0, room + 1).rfind(separator);
  return end == std::string_view::npos ? std::string_view{} : list.substr(0, end);
}

// nullopt: nothing of it can be told.
std::optional<std::string> cut(std::string_view last, Last kind, std::size_t room) {
  std::string_view part;
  switch (kind) {
    case Last::kName:
      return std::nullopt;
    case Last::kWords:
      part = cut_at(last, room, last.find(',') < last.find(' ') ? ',' : ' ');
      break;
    case Last::kAttributes:
      part = cut_at(last, room, ';');
      break;
    case Last::kText: {
      if (room < kLeastText) return std::nullopt;
      const bool ctcp = last.front() == kCtcp && last.back() == kCtcp;
      std::string text(clip_utf8(last, ctcp ? room - 1 : room));
      if (ctcp) text += kCtcp;
      return text;
    }
  }
  return part.empty() ? std::nullopt : std::optional<std::string>(part);
}

std::size_t size_without_last(const Message& m, std::string_view source, bool colon) {
  std::size_t size = (source.empty() ? 0 : source.size() + 2) + m.command.size();
  for (std::size_t i = 0; i + 1 < m.param_count; ++i) size += 1 + m.params[i].size();
  return size + (m.param_count > 0 ? 1U : 0U) + (colon ? 1U : 0U);
}

}  // namespace

bool fit_line(std::string& out, std::size_t at) {
  if (out.size() - at <= kClientFits) return true;
  const std::string line = out.substr(at);
  out.resize(at);
  auto m = parse(line);
  if (!m) return false;
  std::string_view last = m->last(), source = m->source;
  const bool colon = m->param_count > 0 && (last.empty() || last.data()[-1] == ':');
  if (size_without_last(*m, source, colon) + std::min(last.size(), kLeastRoom) > kClientFits)
    source = clip_utf8(parse_prefix(source).nick, kMaxNick);
  const std::size_t fixed = size_without_last(*m, source, colon);
  if (fixed > kClientFits) return false;
  std::optional<std::string> shorter;
  if (fixed + last.size() > kClientFits) {
    shorter = cut(last, last_of(*m, colon), kClientFits - fixed);
    if (!shorter) return false;
    m->params[m->param_count - 1] = *shorter;
  }
  append_line(out, {.source = source, .command = m->command, .params = m->parameters(), .colon = colon});
  return true;
}

}  // namespace halley::irc
