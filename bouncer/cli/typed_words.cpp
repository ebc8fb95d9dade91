#include "bouncer/cli/typed_words.h"

#include <algorithm>

#include "bouncer/cli/command_table.h"
#include "bouncer/config/nearest.h"

namespace halley::cli {
namespace {

constexpr std::string_view kHidden = "****";

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool stands_by_itself(std::string_view text, std::size_t at, std::size_t size) {
  const std::size_t end = at + size;
  return (at == 0 || !is_of_word(text[at - 1]) || !is_of_word(text[at])) &&
         (end == text.size() || !is_of_word(text[end]) || !is_of_word(text[end - 1]));
}

// Of the command table: the words of commands, and names of options.
bool is_known(std::string_view word) {
  return std::ranges::any_of(commands(), [word](const Command& command) {
    const std::size_t space = std::min(command.words.find(' '), command.words.size());
    return command.words.substr(0, space) == word ||
           command.words.substr(std::min(space + 1, command.words.size())) == word ||
           std::ranges::any_of(command.options, [word](const auto& option) { return option.name == word; });
  });
}

// What was typed where a command's words stand, and is one of them but for a slip: no secret, but what people
// have to see to know what they typed.
bool is_mistyped(const std::vector<std::string>& args, std::string_view word) {
  constexpr std::size_t kSlips = 2;
  const Command* command = args.size() > 1 ? find_command(args[0] + " " + args[1]) : nullptr;
  if (command != nullptr || find_command(args[0]) != nullptr) return false;
  if (word != args[0] && (args.size() < 2 || word != args[1])) return false;
  return std::ranges::any_of(commands(), [word](const Command& one) {
    const std::size_t space = std::min(one.words.find(' '), one.words.size());
    return edit_distance(word, one.words.substr(0, space)) <= kSlips ||
           (space < one.words.size() && edit_distance(word, one.words.substr(space + 1)) <= kSlips);
  });
}

void hide(std::string& text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    if (stands_by_itself(text, at, word.size())) {
      text.replace(at, word.size(), kHidden);
      at += kHidden.size();
    } else {
      ++at;
    }
  }
}

}  // namespace

bool may_hold_secret(const std::vector<std::string>& args) {
  const Command* command = args.size() > 1 ? find_command(args[0] + " " + args[1]) : nullptr;
  if (command == nullptr && !args.empty()) command = find_command(args[0]);
  if (command == nullptr) return true;
  return std::ranges::any_of(command->options, [](const OptionSpec& option) {
    return option.kind == OptionSpec::Kind::kSecret || option.kind == OptionSpec::Kind::kSecretText;
  });
}

std::string without_typed(std::string text, const std::vector<std::string>& args,
                          const std::vector<std::string_view>& open) {
  std::vector<std::string_view> typed;
  for (const std::string_view word : args) {
    typed.push_back(word);
    // Both sides of what may have been meant as name=value.
    const std::size_t eq = word.find('=');
    if (eq == std::string_view::npos) continue;
    typed.push_back(word.substr(0, eq));
    typed.push_back(word.substr(eq + 1));
  }
  // The longest first: what is left of one may be another.
  std::ranges::stable_sort(typed, std::ranges::greater{}, &std::string_view::size);
  for (std::string_view word : typed) {
    const std::size_t dashes = std::min(word.find_first_not_of('-'), word.size());
    word.remove_prefix(dashes);
    if (word.empty() || is_known(word) || is_mistyped(args, word) ||
        std::ranges::find(open, word) != open.end())
      continue;
    hide(text, word);
  }
  return text;
}

}  // namespace halley::cli
