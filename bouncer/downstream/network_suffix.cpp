#include "bouncer/downstream/network_suffix.h"

#include <algorithm>
#include <array>

#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/fit.h"
#include "bouncer/irc/modes.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using irc::Message;

// What stands in the parameters of a line, one letter each:
//   n  a name                 m  nick!user@host, or a nick or server alone
//   l  names behind commas    w  names between spaces, with symbols before them
//   u  "nick*=+host" between spaces                c  channels between spaces, likewise
//   M  from here on a MODE
//   .  anything else
// Of numerics the first is the client itself. What has no row: channels among the parameters that are not the
// last.
struct NameRow {
  std::string_view command, kinds;
};
constexpr NameRow kNameRows[] = {
    {"PRIVMSG", "n"}, {"NOTICE", "n"}, {"TAGMSG", "n"},   {"JOIN", "l"},     {"PART", "l"},
    {"KICK", "nn"},   {"MODE", "nM"},  {"TOPIC", "n"},    {"NICK", "n"},     {"INVITE", "nn"},
    {"RENAME", "nn"}, {"REDACT", "n"}, {"MARKREAD", "n"}, {"READ", "n"},     {"CHATHISTORY", ".n"},
    {"QUIT", ""},     {"301", ".n"},   {"302", ".u"},     {"303", ".w"},     {"307", ".n"},
    {"310", ".n"},    {"311", ".n"},   {"312", ".n"},     {"313", ".n"},     {"314", ".n"},
    {"315", ".n"},    {"316", ".n"},   {"317", ".n"},     {"318", ".l"},     {"319", ".nc"},
    {"320", ".n"},    {"330", ".n"},   {"333", ".nm"},    {"335", ".n"},     {"338", ".n"},
    {"341", ".nn"},   {"346", ".n.m"}, {"348", ".n.m"},   {"352", ".n...n"}, {"353", "..nw"},
    {"366", ".n"},    {"367", ".n.m"}, {"369", ".n"},     {"378", ".n"},     {"379", ".n"},
    {"401", ".n"},    {"403", ".n"},   {"404", ".n"},     {"406", ".n"},     {"407", ".n"},
    {"432", ".n"},    {"433", ".n"},   {"436", ".n"},     {"437", ".n"},     {"438", ".nn"},
    {"441", ".nn"},   {"443", ".nn"},  {"531", ".n"},     {"671", ".n"},     {"710", ".nm"},
    {"711", ".n"},    {"716", ".n"},   {"717", ".n"},     {"718", ".nm"},    {"728", ".n..m"},
    {"730", ".l"},    {"731", ".l"},   {"732", ".l"},     {"734", "..l"},    {"900", ".m"},
    {"901", ".m"}};

// Parameters whose names may go on in another line.
struct ListRow {
  std::string_view command;
  char separator;
};
constexpr ListRow kListRows[] = {{"303", ' '}, {"319", ' '}, {"353", ' '},
                                 {"730", ','}, {"731", ','}, {"732", ','}};

bool is_numeric(std::string_view command) {
  return command.size() == 3 && std::ranges::all_of(command, [](char c) { return c >= '0' && c <= '9'; });
}

// How many symbols of members stand before a name: "@+bob", "@#chan" (STATUSMSG).
std::size_t symbols_before(const NamedNetwork& network, std::string_view name) {
  const std::string_view symbols = network.isupport.prefix_symbols();
  return std::min(name.find_first_not_of(symbols), name.size());
}

bool is_channel(const NamedNetwork& network, std::string_view name) {
  if (network.isupport.is_channel(name)) return true;
  return network.isupport.is_channel(name.substr(symbols_before(network, name)));
}

bool is_me(const NamedNetwork& network, std::string_view nick) {
  return irc::equal(network.isupport.casemapping(), nick, network.nick);
}

// nick!user@host, or less of it.
std::string suffixed_mask(const NamedNetwork& network, std::string_view mask) {
  const std::size_t end = std::min(mask.find_first_of("!@"), mask.size());
  // A server alone: no nick has a dot.
  if (end == mask.size() && mask.find('.') != std::string_view::npos) return std::string(mask);
  return suffixed_name(network, mask.substr(0, end)).append(mask.substr(end));
}

template <typename Change>
std::string changed_list(std::string_view list, char separator, Change&& change) {
  std::string changed;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(separator), list.size());
    if (end > 0) changed += change(list.substr(0, end));
    if (end < list.size()) changed += separator;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return changed;
}

// "@+bob", "bob!b@host" of RPL_NAMREPLY.
std::string suffixed_member(const NamedNetwork& network, std::string_view name) {
  const std::size_t symbols = symbols_before(network, name);
  return std::string(name.substr(0, symbols)).append(suffixed_mask(network, name.substr(symbols)));
}

std::string suffixed_userhost(const NamedNetwork& network, std::string_view entry) {
  const std::size_t end = std::min(entry.find_first_of("*="), entry.size());
  return suffixed_name(network, entry.substr(0, end)).append(entry.substr(end));
}

std::string changed_parameter(const NamedNetwork& network, char kind, std::string_view value) {
  switch (kind) {
    case 'n':
      return suffixed_name(network, value);
    case 'm':
      return suffixed_mask(network, value);
    case 'l':
      return changed_list(value, ',', [&](std::string_view name) { return suffixed_mask(network, name); });
    case 'w':
      return changed_list(value, ' ', [&](std::string_view name) { return suffixed_member(network, name); });
    case 'c':
      return changed_list(value, ' ', [&](std::string_view name) { return suffixed_name(network, name); });
    case 'u':
      return changed_list(value, ' ', [&](std::string_view one) { return suffixed_userhost(network, one); });
    default:
      return std::string(value);
  }
}

using Params = std::array<std::string, irc::kMaxParams>;

// Of the changes those of members bear nicks.
void change_modes(const NamedNetwork& network, const Message& m, std::size_t from, Params& params) {
  if (m.param_count <= from || !is_channel(network, m.param(0))) return;
  for (const irc::ModeChange& change : irc::parse_modes(network.isupport, m.parameters().subspan(from))) {
    if (change.group != 'P' || change.arg.empty()) continue;
    for (std::size_t i = from + 1; i < m.param_count; ++i) {
      if (m.params[i].data() == change.arg.data()) params[i] = suffixed_name(network, change.arg);
    }
  }
}

void change_whox(const NamedNetwork& network, const Message& m, std::string_view fields, Params& params) {
  std::size_t at = 1;
  for (const char field : kWhoxFields) {
    if (fields.find(field) == std::string_view::npos) continue;
    if (at >= m.param_count) return;
    if (field == 'c' || field == 'n') params[at] = suffixed_name(network, m.params[at]);
    ++at;
  }
}

void change_by_row(const NamedNetwork& network, const Message& m, std::string_view kinds, Params& params) {
  for (std::size_t i = 0; i < std::min(kinds.size(), m.param_count); ++i) {
    if (kinds[i] == 'M') return change_modes(network, m, i, params);
    if (kinds[i] != '.') params[i] = changed_parameter(network, kinds[i], m.params[i]);
  }
}

void change_params(const NamedNetwork& network, const Message& m, std::string_view batches,
                   std::string_view whox, Params& params) {
  const bool numeric = is_numeric(m.command);
  if (numeric && m.param(0) != "*" && m.param_count > 0) params[0] = network.shown;
  if (m.command == "354") return change_whox(network, m, whox, params);
  if (m.command == "BATCH") {
    if (m.param(0).size() > 1)
      params[0] = std::string(m.param(0).substr(0, 1)).append(batches).append(m.param(0).substr(1));
    // Of a netsplit the parameters are servers.
    if (m.param_count == 3) params[2] = suffixed_name(network, m.param(2));
    return;
  }
  const auto* row = std::ranges::find(kNameRows, m.command, &NameRow::command);
  if (row != std::end(kNameRows)) return change_by_row(network, m, row->kinds, params);
  for (std::size_t i = numeric ? 1 : 0; i + 1 < m.param_count; ++i) {
    if (is_channel(network, m.params[i])) params[i] = suffixed_name(network, m.params[i]);
  }
}

std::string changed_source(const NamedNetwork& network, const Message& m) {
  const bool server = m.source.find('!') == std::string_view::npos &&
                      (is_numeric(m.command) || m.source == network.server || m.source == network.host);
  return m.source.empty() || server ? std::string(m.source) : suffixed_mask(network, m.source);
}

// Those of its own: which batch it is in, and what replies, reactions and the like are about is by msgid.
std::string changed_tags(std::string_view tags, std::string_view batches) {
  std::string changed;
  irc::for_each_tag(tags, [&](std::string_view key, std::string_view value) {
    if (!changed.empty()) changed += ';';
    changed += key;
    if (value.empty()) return;
    changed += '=';
    if (key == "batch") changed += batches;
    changed += value;
  });
  return changed;
}

// What the second line and those behind it have of the first one's tags: it is not the message itself.
std::string following_tags(std::string_view tags) {
  std::string kept;
  irc::for_each_tag(tags, [&](std::string_view key, std::string_view value) {
    if (key != "batch" && key != "time" && key != "account") return;
    if (!kept.empty()) kept += ';';
    kept.append(key).append("=").append(value);
  });
  return kept;
}

// The last parameter in as many pieces as it takes; one: it fits, or cannot be divided.
std::vector<std::string> pieces_of(const Message& m, const irc::LineParts& parts, std::size_t body) {
  const std::string_view last = parts.params.back();
  const std::size_t room =
      irc::kClientFits > body - last.size() ? irc::kClientFits - (body - last.size()) : 0;
  const auto* list = std::ranges::find(kListRows, m.command, &ListRow::command);
  std::vector<std::string> pieces;
  if (list != std::end(kListRows)) {
    std::string_view rest = last;
    while (rest.size() > room) {
      const std::size_t end = rest.substr(0, room + 1).rfind(list->separator);
      if (end == std::string_view::npos || end == 0) break;
      pieces.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    if (!rest.empty()) pieces.emplace_back(rest);
    return pieces;
  }
  const bool said = irc::same_command(m.command, "PRIVMSG") || irc::same_command(m.command, "NOTICE");
  if (!said || room < irc::kLeastRoom || irc::parse_ctcp(last)) return {std::string(last)};
  for (const std::string_view part : irc::split_text(last, room)) pieces.emplace_back(part);
  return pieces;
}

}  // namespace

std::string suffixed_name(const NamedNetwork& network, std::string_view name) {
  if (name.empty() || name.starts_with('*') || name.starts_with('$')) return std::string(name);
  if (!is_channel(network, name)) {
    if (is_me(network, name)) return std::string(network.shown);
    if (name.find('.') != std::string_view::npos) return std::string(name);
  }
  return std::string(name).append(1, kNetworkSign).append(network.name);
}

std::vector<std::string> suffixed_lines(const NamedNetwork& network, const Message& m,
                                        std::string_view batches, std::string_view whox) {
  Params params;
  for (std::size_t i = 0; i < m.param_count; ++i) params[i] = m.params[i];
  change_params(network, m, batches, whox, params);
  std::array<std::string_view, irc::kMaxParams> views;
  std::ranges::copy(params, views.begin());
  const std::string source = changed_source(network, m);
  const bool colon = m.param_count > 0 && (m.last().empty() || m.last().data()[-1] == ':');
  irc::LineParts parts{.source = source,
                       .command = m.command,
                       .params = std::span(views).first(m.param_count),
                       .colon = colon};
  std::string body;
  irc::append_line(body, parts);
  const std::string tags = changed_tags(m.tags, batches);
  std::vector<std::string> lines;
  if (body.size() <= irc::kClientFits || m.param_count == 0) {
    lines.push_back(tags.empty() ? std::move(body) : "@" + tags + " " + body);
    return lines;
  }
  const std::string further = following_tags(tags);
  for (const std::string& piece : pieces_of(m, parts, body.size())) {
    views[m.param_count - 1] = piece;
    parts.tags = lines.empty() ? std::string_view(tags) : std::string_view(further);
    parts.colon = true;
    irc::append_line(lines.emplace_back(), parts);
  }
  return lines;
}

std::optional<SuffixedName> split_suffix(std::string_view text) {
  const std::size_t sign = text.rfind(kNetworkSign);
  if (sign == std::string_view::npos) return std::nullopt;
  return SuffixedName{.name = text.substr(0, sign), .network = text.substr(sign + 1)};
}

}  // namespace halley
