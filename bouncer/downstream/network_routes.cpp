#include "bouncer/downstream/network_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "bouncer/accounts/accounts.h"
#include "bouncer/irc/modes.h"
#include "bouncer/irc/text.h"

namespace halley {

namespace {

using irc::Message;

// What stands in the parameters of a command, one letter each:
//   n  a name                          l  names behind commas, each for its own network
//   k  what belongs to them, in step   w  names between spaces, from here to the end
//   M  from here on a MODE
//   s  what SEARCH looks for
//   .  anything else
// What has no row is for the network that a name among its parameters has behind it.
struct RouteRow {
  std::string_view command, kinds;
  bool to_all = false;  // where it names no network
};
constexpr RouteRow kNetworkRoutes[] = {{.command = "PRIVMSG", .kinds = "l"},
                                       {.command = "NOTICE", .kinds = "l"},
                                       {.command = "TAGMSG", .kinds = "l"},
                                       {.command = "JOIN", .kinds = "lk", .to_all = true},
                                       {.command = "PART", .kinds = "l"},
                                       {.command = "KICK", .kinds = "ll"},
                                       {.command = "MODE", .kinds = "nM", .to_all = true},
                                       {.command = "TOPIC", .kinds = "n"},
                                       {.command = "NAMES", .kinds = "l"},
                                       {.command = "LIST", .kinds = "l"},
                                       {.command = "WHO", .kinds = "n"},
                                       {.command = "WHOIS", .kinds = "ll"},
                                       {.command = "WHOWAS", .kinds = "l"},
                                       {.command = "INVITE", .kinds = "nn"},
                                       {.command = "KNOCK", .kinds = "n"},
                                       {.command = "USERHOST", .kinds = "w"},
                                       {.command = "ISON", .kinds = "w"},
                                       {.command = "MONITOR", .kinds = ".l", .to_all = true},
                                       {.command = "CHATHISTORY", .kinds = ".n", .to_all = true},
                                       {.command = "MARKREAD", .kinds = "n"},
                                       {.command = "READ", .kinds = "n"},
                                       {.command = "REDACT", .kinds = "n"},
                                       {.command = "RENAME", .kinds = "nn"},
                                       {.command = "DETACH", .kinds = "l"},
                                       {.command = "ATTACH", .kinds = "l"},
                                       {.command = "HIDE", .kinds = "l"},
                                       {.command = "BATCH", .kinds = "..n"},
                                       {.command = "NICK", .kinds = "n", .to_all = true},
                                       {.command = "AWAY", .kinds = "", .to_all = true},
                                       {.command = "SETNAME", .kinds = "", .to_all = true},
                                       {.command = "SEARCH", .kinds = "s", .to_all = true},
                                       {.command = "ZNC", .kinds = "..l", .to_all = true}};

constexpr std::size_t kNone = ~std::size_t{0};

class NetworkRouter {
 public:
  NetworkRouter(std::span<const NamedNetwork> networks, const Message& message)
      : networks_(networks), m_(message), lines_(networks.size()) {
    const auto* row = std::ranges::find_if(
        kNetworkRoutes, [&](const RouteRow& one) { return irc::same_command(one.command, m_.command); });
    row_ = row == std::end(kNetworkRoutes) ? nullptr : row;
  }

  std::expected<std::vector<RoutedLine>, Unrouted> route() {
    find_word();
    if (row_ == nullptr) {
      copy_all();
    } else {
      for (std::size_t i = 0; i < m_.param_count; ++i) {
        if (i == word_at_) continue;
        if (take(i)) break;
      }
    }
    if (refused_) return std::unexpected(std::move(*refused_));
    if (order_.empty()) pick_without_names();
    if (refused_) return std::unexpected(std::move(*refused_));
    return write();
  }

 private:
  // What one network is told: of each parameter its own part.
  struct Line {
    bool used = false;
    std::array<std::string, irc::kMaxParams> params;
  };

  char kind(std::size_t i) const {
    if (row_->kinds.ends_with('w') || row_->kinds.ends_with('M'))
      return row_->kinds[std::min(i, row_->kinds.size() - 1)];
    return i < row_->kinds.size() ? row_->kinds[i] : '.';
  }

  std::size_t find(std::string_view network) const {
    for (std::size_t i = 0; i < networks_.size(); ++i) {
      if (same_name(networks_[i].name, network)) return i;
    }
    return kNone;
  }

  // "/libera" as a parameter of its own. Not of a text, nor where a name belongs.
  void find_word() {
    for (std::size_t i = 0; i < m_.param_count; ++i) {
      if (!m_.params[i].starts_with(kNetworkSign)) continue;
      const std::size_t network = find(m_.params[i].substr(1));
      if (network == kNone || (row_ != nullptr && is_text(i))) continue;
      word_at_ = i;
      use(network);
      return;
    }
  }
  bool is_text(std::size_t i) const {
    constexpr std::string_view kTexts[] = {"PRIVMSG", "NOTICE", "TOPIC", "PART", "KICK", "AWAY", "SETNAME"};
    return i + 1 == m_.param_count && i >= (row_->kinds.empty() ? 0 : 1) &&
           std::ranges::find(kTexts, row_->command) != std::end(kTexts);
  }

  void use(std::size_t network) {
    if (std::exchange(lines_[network].used, true)) return;
    order_.push_back(network);
  }

  // Where a name belongs, and what it is called there. Refused, and kNone: nowhere.
  std::size_t place(std::string_view text, std::string& name) {
    if (const auto split = split_suffix(text)) {
      const std::size_t network = find(split->network);
      if (network != kNone) {
        name = split->name;
        return network;
      }
    }
    // Of a list each name says it for itself.
    const std::size_t only = order_.size() == 1 && !first_of_list_ ? order_.front()
                             : networks_.size() == 1               ? 0
                                                                   : other_name();
    const bool me = !networks_.empty() && irc::equal(irc::CaseMapping::kAscii, text, networks_.front().shown);
    const std::size_t network = only == kNone && me ? 0 : only;
    if (network == kNone) {
      refuse(text);
      return kNone;
    }
    name = me ? std::string(networks_[network].nick) : std::string(text);
    return network;
  }

  // INVITE bob #chan/libera: where one name says it, it holds for the other.
  std::size_t other_name() const {
    if (row_ == nullptr || row_->kinds != "nn") return kNone;
    for (const std::string_view text : m_.parameters().first(std::min<std::size_t>(m_.param_count, 2))) {
      const auto split = split_suffix(text);
      if (const std::size_t network = split ? find(split->network) : kNone; network != kNone) return network;
    }
    return kNone;
  }

  void refuse(std::string_view name) {
    if (refused_) return;
    std::string examples;
    const std::string_view example = name.empty() ? std::string_view("") : irc::clip_utf8(name, 64);
    for (const NamedNetwork& network : networks_.first(std::min<std::size_t>(networks_.size(), 3)))
      examples += fmt::format("{}{}{}{}", examples.empty() ? "" : ", ", example, kNetworkSign, network.name);
    refused_ = Unrouted{
        .name = std::string(example),
        .channel = !name.empty() && std::string_view("#&+!").find(name[0]) != std::string_view::npos,
        .text = networks_.empty() ? std::string("You have no network yet: /msg *halley help network add")
                                  : fmt::format("Say on which network: {}", examples)};
  }

  // True: the parameters behind it are taken, too.
  bool take(std::size_t i) {
    switch (kind(i)) {
      case 'n':
        take_name(i);
        return false;
      case 'l':
        take_list(i);
        return false;
      case 'w':
        take_words(i);
        return true;
      case 'M':
        take_modes(i);
        return true;
      case 's':
        take_search(i);
        return false;
      case 'k':
        return false;  // with the list before it
      default:
        copy(i, m_.params[i]);
        return false;
    }
  }

  void copy(std::size_t i, std::string_view value) {
    for (Line& line : lines_) line.params[i] = value;
  }

  // True: it names no network in a command that is then for all.
  bool for_all(std::size_t i) {
    if (!row_->to_all || !order_.empty()) return false;
    const std::string_view value = m_.params[i];
    if (const auto split = split_suffix(value); split && find(split->network) != kNone) return false;
    const bool me = !networks_.empty() && value == networks_.front().shown;
    if (!me && row_->command != "NICK" && value != "0" && value != "*" &&
        !(row_->command == "CHATHISTORY" && irc::same_command(m_.param(0), "TARGETS")))
      return false;
    for (std::size_t at = 0; at < lines_.size(); ++at) {
      lines_[at].params[i] = me && row_->command != "NICK" ? networks_[at].nick : value;
    }
    everywhere_ = true;
    return true;
  }

  void take_name(std::size_t i) {
    // Some clients ask about several channels at once, also where only one is foreseen.
    if (m_.params[i].find(',') != std::string_view::npos) return take_list(i);
    if (for_all(i)) return;
    std::string name;
    const std::size_t network = place(m_.params[i], name);
    if (network == kNone) return;
    if (!order_.empty() && !lines_[network].used) {
      if (!refused_)
        refused_ = Unrouted{.name = std::string(irc::clip_utf8(m_.params[i], 64)),
                            .channel = false,
                            .text = "Those are names of two networks in one command"};
      return;
    }
    use(network);
    lines_[network].params[i] = name;
  }

  template <typename Visit>
  static void each_of(std::string_view list, char separator, Visit&& visit) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(separator, at), list.size());
      visit(list.substr(at, end - at));
      at = end + 1;
    }
  }

  void take_list(std::size_t i) {
    if (m_.params[i].find(',') == std::string_view::npos && for_all(i)) return;
    const bool with_keys = i + 1 < m_.param_count && i + 1 < row_->kinds.size() && kind(i + 1) == 'k';
    std::vector<std::string_view> keys;
    if (with_keys) each_of(m_.params[i + 1], ',', [&](std::string_view key) { keys.push_back(key); });
    std::size_t at = 0;
    std::vector<std::size_t> names(lines_.size());                  // of this list, on each network
    const bool bound = i > 0 && kind(0) == 'l' && !order_.empty();  // to where the first list is
    first_of_list_ = !bound && word_at_ == kNone;
    each_of(m_.params[i], ',', [&](std::string_view text) {
      const std::size_t index = at++;
      if (text.empty()) return;
      std::string name;
      const std::size_t network = place(text, name);
      if (network == kNone) return;
      if (bound && !lines_[network].used) return refuse(text);
      use(network);
      const char* comma = names[network]++ == 0 ? "" : ",";
      lines_[network].params[i].append(comma).append(name);
      if (index < keys.size()) lines_[network].params[i + 1].append(comma).append(keys[index]);
    });
    first_of_list_ = false;
  }

  void take_words(std::size_t i) {
    for (; i < m_.param_count; ++i) {
      if (i == word_at_) continue;
      each_of(m_.params[i], ' ', [&](std::string_view text) {
        if (text.empty()) return;
        std::string name;
        const std::size_t network = place_word(text, name);
        if (network == kNone) return;
        use(network);
        std::string& list = lines_[network].params[0];
        (list += list.empty() ? "" : " ") += name;
      });
    }
  }
  // Each for itself: others' networks say nothing of it.
  std::size_t place_word(std::string_view text, std::string& name) {
    const auto split = split_suffix(text);
    const std::size_t network = split ? find(split->network) : kNone;
    if (network == kNone) return place(text, name);
    name = split->name;
    return network;
  }

  // Arguments that are nicks bear the suffix, masks and keys none.
  void take_modes(std::size_t from) {
    for (std::size_t i = from; i < m_.param_count; ++i) {
      if (i != word_at_) copy(i, m_.params[i]);
    }
    if (order_.size() != 1) return;
    const NamedNetwork& network = networks_[order_.front()];
    for (const irc::ModeChange& change : irc::parse_modes(network.isupport, m_.parameters().subspan(from))) {
      if (change.group != 'P' || change.arg.empty()) continue;
      for (std::size_t i = from + 1; i < m_.param_count; ++i) {
        if (m_.params[i].data() != change.arg.data()) continue;
        std::string& name = lines_[order_.front()].params[i];
        if (place(change.arg, name) != order_.front()) refuse(change.arg);
      }
    }
  }

  // SEARCH in=#chan/libera;text=...
  void take_search(std::size_t i) {
    std::size_t network = kNone;
    std::string kept;
    irc::for_each_tag(m_.params[i], [&](std::string_view key, std::string_view value) {
      std::string name(value);
      if (key == "in") network = place(irc::unescape_tag_value(value), name);
      if (!kept.empty()) kept += ';';
      kept.append(key).append("=");
      key == "in" ? irc::append_escaped_tag_value(kept, name) : void(kept += name);
    });
    if (network != kNone) use(network);
    copy(i, kept);
  }

  // A command without a row: the first name with a network behind it says where it goes, and all that have
  // that one lose it.
  void copy_all() {
    for (std::size_t i = 0; i < m_.param_count && order_.empty(); ++i) {
      if (i + 1 == m_.param_count && m_.params[i].find(' ') != std::string_view::npos) continue;
      const auto split = split_suffix(m_.params[i]);
      if (!split || split->name.empty()) continue;
      if (const std::size_t network = find(split->network); network != kNone) use(network);
    }
    for (std::size_t i = 0; i < m_.param_count; ++i) {
      copy(i, m_.params[i]);
      if (order_.empty() || i == word_at_) continue;
      const auto split = split_suffix(m_.params[i]);
      if (split && m_.params[i].find(' ') == std::string_view::npos && find(split->network) == order_.front())
        copy(i, split->name);
    }
  }

  void pick_without_names() {
    if (everywhere_ || (row_ != nullptr && row_->to_all) || networks_.size() == 1) {
      for (std::size_t i = 0; i < networks_.size(); ++i) use(i);
      if (order_.empty()) refuse({});
    } else {
      refuse({});
      refused_->text = fmt::format("{}: {}", irc::clip_utf8(m_.command, 32), refused_->text);
    }
  }

  std::vector<RoutedLine> write() const {
    std::vector<RoutedLine> out;
    const bool words = row_ != nullptr && row_->kinds == "w";
    const std::size_t count = words ? std::min<std::size_t>(m_.param_count, 1) : m_.param_count;
    const bool colon = m_.param_count > 0 && (m_.last().empty() || m_.last().data()[-1] == ':');
    for (const std::size_t network : order_) {
      std::array<std::string_view, irc::kMaxParams> params;
      std::size_t kept = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const std::string& value = lines_[network].params[i];
        // Keys that all belong elsewhere.
        if (i == word_at_ || (value.empty() && !m_.params[i].empty())) continue;
        params[kept++] = value;
      }
      RoutedLine& routed = out.emplace_back(RoutedLine{.network = network, .line = {}});
      irc::append_line(routed.line, {.tags = m_.tags,
                                     .command = m_.command,
                                     .params = std::span(params).first(kept),
                                     .colon = colon && word_at_ != m_.param_count - 1});
    }
    return out;
  }

  std::span<const NamedNetwork> networks_;
  const Message& m_;
  const RouteRow* row_ = nullptr;  // null: it has none
  std::vector<Line> lines_;        // one for each network
  std::vector<std::size_t> order_;
  std::size_t word_at_ = kNone;  // the parameter "/libera"
  bool everywhere_ = false, first_of_list_ = false;
  std::optional<Unrouted> refused_;
};

}  // namespace

std::expected<std::vector<RoutedLine>, Unrouted> route_line(std::span<const NamedNetwork> networks,
                                                            const Message& message) {
  return NetworkRouter(networks, message).route();
}

WhoQuestion who_question(const Message& who) {
  const std::string_view asked = who.param(1);
  const std::size_t percent = asked.find('%');
  WhoQuestion question{.mask = who.param(0), .fields = {}, .token = {}};
  if (percent == std::string_view::npos) return question;
  const std::size_t comma = std::min(asked.find(',', percent), asked.size());
  question.fields = asked.substr(percent + 1, comma - percent - 1);
  question.token = asked.substr(std::min(comma + 1, asked.size()));
  return question;
}

bool answers_whox(const Message& answer, std::string_view fields, std::string_view token) {
  const auto count = std::ranges::count_if(
      kWhoxFields, [&](char field) { return fields.find(field) != std::string_view::npos; });
  if (count == 0 || static_cast<std::size_t>(count) + 1 != answer.param_count) return false;
  return fields.find('t') == std::string_view::npos || answer.param(1) == token;
}

}  // namespace halley
