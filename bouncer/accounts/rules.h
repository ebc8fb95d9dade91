// What a user wants to be called by, and what they do not want to hear: rules, kept as one of their settings
// (user_settings.h), a line each: "highlight word comet", "ignore mask *!*@spam.example".
//
// A rule looks at what somebody says (word: as a word of its own; regex: a regular expression in RE2's
// syntax, whose time is linear in the text; both without case) or at who says it (mask: nick!user@host, with
// * and ?).
//
// Values; constant once made; any thread. Bounds: kMost... below. Errors: a sentence for a person.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/api/rows.h"

namespace re2 {
class RE2;
}

namespace halley {

inline constexpr std::string_view kRulesSetting = "rule";

struct Rule {
  enum class Kind : std::uint8_t { kHighlight, kIgnore };
  enum class Match : std::uint8_t { kWord, kRegex, kMask };
  Kind kind = Kind::kHighlight;
  Match match = Match::kWord;
  std::string pattern;

  std::string_view kind_name() const;
  std::string_view match_name() const;
  std::string text() const;  // as it is kept
  std::string id() const;    // eight hex digits, made of its text

  // A mask is completed: "bob" is bob!*@*.
  static std::expected<Rule, std::string> parse(std::string_view text);
};

// Lines of rules; each is there once.
std::expected<std::vector<Rule>, std::string> parse_rules(std::string_view lines);
// Those that are kept of the user; what cannot be read is left out.
std::vector<Rule> rules_of(const storage::UserRow& user);
// As SettingValues have them.
std::string rule_lines(std::span<const Rule> rules);
// Of user_settings.h: the normal form, or what is wrong.
std::expected<std::string, std::string> check_rules(std::string_view lines);

// Rules made ready.
class Rules {
 public:
  static constexpr std::size_t kMostRules = 100;
  static constexpr std::size_t kMostPattern = 200;  // bytes
  static constexpr std::size_t kMostProgram =
      1000;  // steps that all of a kind may cost a byte of text at worst
  static constexpr std::int64_t kMostMemory = std::int64_t{256} << 10;  // of one of the four, as it is used

  Rules();  // none
  Rules(Rules&&) noexcept;
  Rules& operator=(Rules&&) noexcept;
  ~Rules();
  static std::expected<Rules, std::string> make(std::span<const Rule> rules);

  // Of something that `source` (nick!user@host) says; an empty text: of something else that they do.
  bool highlights(std::string_view source, std::string_view text) const;
  bool ignores(std::string_view source, std::string_view text) const;
  // That a byte of text may cost at worst, of both kinds.
  std::size_t steps() const { return steps_; }

 private:
  // What rules of one kind look for; null: nothing.
  struct Side {
    std::unique_ptr<re2::RE2> said, by;
    bool matches(std::string_view source, std::string_view text) const;
  };
  static std::expected<Side, std::string> make_side(std::span<const Rule> rules, Rule::Kind kind);

  Side highlight_, ignore_;
  std::size_t steps_ = 0;
};

}  // namespace halley
