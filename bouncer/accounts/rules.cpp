#include "bouncer/accounts/rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/setting.h"
#include "bouncer/irc/bytes.h"
#include "bouncer/irc/casemapping.h"
#include "bouncer/irc/ctcp.h"
#include "bouncer/irc/message.h"
#include "storage/api/plain_text.h"

namespace halley {
namespace {

using MadeRule = std::expected<std::unique_ptr<re2::RE2>, std::string>;

constexpr std::array<std::string_view, 2> kKindNames{"highlight", "ignore"};
constexpr std::array<std::string_view, 3> kMatchNames{"word", "regex", "mask"};
constexpr std::size_t kIdDigits = 8;
// What stands around a word: no letter, digit, _, -, [ or ], as with the user's own nick; beyond ASCII only
// what is punctuation.
constexpr std::string_view kEdge =
    R"([\x00-,./:-@\\^\x60{-\x7f\x{a0}-\x{bf}\x{2000}-\x{206f}\x{3000}-\x{303f}\x{ff00}-\x{ff0f}])";

template <std::size_t size>
std::optional<std::uint8_t> index_of(const std::array<std::string_view, size>& names, std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - names.begin());
}

std::string_view take_rule_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
  return word;
}

re2::RE2::Options options_for(bool text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(Rules::kMostMemory);
  // Sources are bytes, folded as the protocol does.
  options.set_case_sensitive(!text);
  options.set_dot_nl(true);
  options.set_encoding(text ? re2::RE2::Options::EncodingUTF8 : re2::RE2::Options::EncodingLatin1);
  return options;
}

MadeRule compile_rule(const std::string& pattern, bool text) {
  auto made = std::make_unique<re2::RE2>(pattern, options_for(text));
  if (!made->ok()) return std::unexpected(made->error());
  return made;
}

std::string literal(std::string_view text) {
  return re2::RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

bool finds(const re2::RE2* what, std::string_view in) {
  return what != nullptr && re2::RE2::PartialMatch(re2::StringPiece(in.data(), in.size()), *what);
}

// Both: rules of all networks together; that {} and [] are the same to one of them hurts nobody.
std::string folded_source(std::string_view source) {
  return irc::fold(irc::CaseMapping::kRfc1459, source);
}

std::string mask_pattern(std::string_view mask) {
  std::string out = "^";
  for (const char c : folded_source(mask)) {
    if (c == '*') {
      out += ".*";
    } else if (c == '?') {
      out += '.';
    } else {
      out += literal({&c, 1});
    }
  }
  return out + '$';
}

// "bob" is bob!*@*, "@host" *!*@host.
std::string whole_mask(std::string_view mask) {
  const bool bang = mask.contains('!'), at = mask.contains('@');
  if (bang && at) return std::string(mask);
  if (at) return fmt::format("*!{}", mask);
  return fmt::format("{}{}", mask, bang ? "@*" : "!*@*");
}

// A quotation that is left open would take in the rules behind it.
bool quotes(std::string_view regex) {
  for (std::size_t i = 0; i + 1 < regex.size(); ++i) {
    if (regex[i] != '\\') continue;
    if (regex[++i] == 'Q') return true;
  }
  return false;
}

// Empty: it is one.
std::string objection_to_regex(std::string_view regex) {
  if (quotes(regex)) return "a regular expression cannot have \\Q here";
  const auto made = compile_rule(std::string(regex), true);
  if (!made) return fmt::format("\"{}\" is no regular expression: {}", regex, made.error());
  if (finds(made->get(), {})) return fmt::format("\"{}\" is found in everything, also in nothing", regex);
  return {};
}

std::string objection_to(const Rule& rule) {
  if (rule.pattern.empty() || irc::has_forbidden_byte(rule.pattern))
    return "a rule needs a pattern, of one line: KIND MATCH PATTERN, as in: highlight word comet";
  if (rule.pattern.size() > Rules::kMostPattern)
    return fmt::format("a rule's pattern has at most {} bytes", Rules::kMostPattern);
  if (rule.match == Rule::Match::kRegex) return objection_to_regex(rule.pattern);
  if (rule.match == Rule::Match::kWord)
    return compile_rule(literal(rule.pattern), true) ? "" : "a word is text in UTF-8";
  if (rule.pattern.contains(' ')) return "a mask is nick!user@host, without spaces";
  if (rule.pattern.find_first_not_of("*?!@") == std::string::npos)
    return fmt::format("the mask {} is everybody", rule.pattern);
  return {};
}

// Without the spaces around it; `lines` begins behind it then.
std::string_view take_rule_line(std::string_view& lines) {
  const std::size_t end = std::min(lines.find('\n'), lines.size());
  std::string_view line = lines.substr(0, end);
  lines.remove_prefix(std::min(end + 1, lines.size()));
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

void append_alternative(std::string& out, std::string_view pattern) {
  if (!out.empty()) out += '|';
  out += fmt::format("(?:{})", pattern);
}

}  // namespace

std::string_view Rule::kind_name() const {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::string_view Rule::match_name() const {
  return kMatchNames[static_cast<std::size_t>(match)];
}

std::string Rule::text() const {
  return fmt::format("{} {} {}", kind_name(), match_name(), pattern);
}

std::string Rule::id() const {
  return sha256_hex(text()).substr(0, kIdDigits);
}

std::expected<Rule, std::string> Rule::parse(std::string_view text) {
  const std::size_t end = text.find_last_not_of(' ');
  text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const auto kind_of = index_of(kKindNames, take_rule_word(text));
  if (!kind_of) return std::unexpected("a rule begins with highlight or ignore");
  const auto match_of = index_of(kMatchNames, take_rule_word(text));
  if (!match_of) return std::unexpected("what a rule looks for is a word, a regex or a mask");
  Rule rule{static_cast<Kind>(*kind_of), static_cast<Match>(*match_of), std::string(text)};
  if (rule.match == Match::kMask && !text.empty()) rule.pattern = whole_mask(text);
  if (std::string why = objection_to(rule); !why.empty()) return std::unexpected(std::move(why));
  return rule;
}

std::expected<std::vector<Rule>, std::string> parse_rules(std::string_view lines) {
  std::vector<Rule> rules;
  while (!lines.empty()) {
    const std::string_view line = take_rule_line(lines);
    if (line.empty()) continue;
    auto rule = Rule::parse(line);
    if (!rule) return std::unexpected(std::move(rule.error()));
    const auto same = [&](const Rule& other) { return other.text() == rule->text(); };
    if (std::ranges::any_of(rules, same)) continue;
    if (rules.size() >= Rules::kMostRules)
      return std::unexpected(fmt::format("{} rules are the most: remove one first", Rules::kMostRules));
    rules.push_back(std::move(*rule));
  }
  return rules;
}

std::vector<Rule> rules_of(const storage::UserRow& user) {
  std::vector<Rule> rules;
  const std::string kept = kept_value(user.settings, kRulesSetting);
  for (std::string_view lines = kept; !lines.empty() && rules.size() < Rules::kMostRules;) {
    if (auto rule = Rule::parse(take_rule_line(lines))) rules.push_back(std::move(*rule));
  }
  return rules;
}

std::string rule_lines(std::span<const Rule> rules) {
  std::string out;
  for (const Rule& rule : rules) (out += out.empty() ? "" : "\n") += rule.text();
  return out;
}

std::expected<std::string, std::string> check_rules(std::string_view lines) {
  const auto rules = parse_rules(lines);
  if (!rules) return std::unexpected(rules.error());
  if (auto made = Rules::make(*rules); !made) return std::unexpected(std::move(made.error()));
  return rule_lines(*rules);
}

Rules::Rules() = default;
Rules::Rules(Rules&&) noexcept = default;
Rules& Rules::operator=(Rules&&) noexcept = default;
Rules::~Rules() = default;

std::expected<Rules, std::string> Rules::make(std::span<const Rule> rules) {
  auto highlight = make_side(rules, Rule::Kind::kHighlight);
  if (!highlight) return std::unexpected(std::move(highlight.error()));
  auto ignore = make_side(rules, Rule::Kind::kIgnore);
  if (!ignore) return std::unexpected(std::move(ignore.error()));
  Rules made;
  made.highlight_ = std::move(*highlight);
  made.ignore_ = std::move(*ignore);
  for (const Side* side : {&made.highlight_, &made.ignore_}) {
    for (const auto& one : {std::cref(side->said), std::cref(side->by)})
      made.steps_ += one.get() ? static_cast<std::size_t>(one.get()->ProgramSize()) : 0;
  }
  return made;
}

// All of a kind are one expression: a text is gone through once, however many they are.
std::expected<Rules::Side, std::string> Rules::make_side(std::span<const Rule> rules, Rule::Kind kind) {
  std::string words, said, by;
  for (const Rule& rule : rules) {
    if (rule.kind != kind) continue;
    if (rule.match == Rule::Match::kWord) append_alternative(words, literal(rule.pattern));
    if (rule.match == Rule::Match::kRegex) append_alternative(said, rule.pattern);
    if (rule.match == Rule::Match::kMask) append_alternative(by, mask_pattern(rule.pattern));
  }
  if (!words.empty()) append_alternative(said, fmt::format("(?:^|{0})(?:{1})(?:$|{0})", kEdge, words));
  Side side;
  for (auto& [pattern, place] : {std::pair{&said, &side.said}, std::pair{&by, &side.by}}) {
    if (pattern->empty()) continue;
    auto made = compile_rule(*pattern, place == &side.said);
    if (!made) return std::unexpected(fmt::format("the rules together are too much: {}", made.error()));
    if (static_cast<std::size_t>((*made)->ProgramSize()) > kMostProgram)
      return std::unexpected("the rules together are too long: remove one, or make one simpler");
    *place = std::move(*made);
  }
  return side;
}

bool Rules::Side::matches(std::string_view source, std::string_view text) const {
  if (by && finds(by.get(), folded_source(source))) return true;
  if (!said || text.empty()) return false;
  const auto ctcp = irc::parse_ctcp(text);
  std::string plain;
  storage::append_plain(ctcp && irc::same_command(ctcp->command, "ACTION") ? ctcp->params : text, plain);
  return finds(said.get(), plain);
}

bool Rules::highlights(std::string_view source, std::string_view text) const {
  return highlight_.matches(source, text);
}

bool Rules::ignores(std::string_view source, std::string_view text) const {
  return ignore_.matches(source, text);
}

}  // namespace halley
