#include "bouncer/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/cli/command_help.h"
#include "bouncer/cli/command_table.h"
#include "bouncer/config/nearest.h"

namespace halley::cli {
namespace {

constexpr std::size_t kMostWords = 256;
using Opt = OptionSpec::Kind;

bool is_secret(const OptionSpec& option) {
  return option.kind == Opt::kSecret || option.kind == Opt::kSecretText;
}

// "nick=..." but not "ircs://host/?a=b".
bool is_setting(std::string_view word) {
  const std::size_t eq = word.find('=');
  if (eq == 0 || eq == std::string_view::npos) return false;
  return std::ranges::all_of(word.substr(0, eq),
                             [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
}

class Parser {
 public:
  Parser(const Command& command, const Caller& caller, Input* input)
      : command_(command), caller_(caller), input_(input), parsed_(command) {}

  std::expected<ParsedCommand, CommandResult> run(const std::vector<std::string>& words, std::size_t at) {
    bool only_arguments = false;
    for (; at < words.size(); ++at) {
      const std::string& word = words[at];
      bool good = true;
      if (only_arguments) {
        good = argument(word);
      } else if (word == "--") {
        only_arguments = true;
      } else if (word == "--help" || word == "-h") {
        return std::unexpected(CommandResult::done(help_text(command_.words, caller_)));
      } else if (word.starts_with("--")) {
        good = option(std::string_view(word).substr(2), words, at);
      } else if (is_setting(word)) {
        good = setting(word);
      } else {
        good = argument(word);
      }
      if (!good) return std::unexpected(CommandResult::usage(error_));
    }
    for (const auto& spec : command_.arguments) {
      if (spec.kind == ArgumentSpec::Kind::kOptional || skipped(spec) || parsed_.has(spec.name)) continue;
      return std::unexpected(CommandResult::usage(
          fmt::format("{} is missing; usage: {}", spec.name, usage_line(command_, caller_))));
    }
    return parsed_;
  }

 private:
  bool skipped(const ArgumentSpec& spec) const {
    return spec.kind == ArgumentSpec::Kind::kUser && caller_.in_band();
  }

  bool fail(std::string error) {
    error_ = std::move(error);
    return false;
  }

  bool argument(const std::string& word) {
    for (const auto& spec : command_.arguments) {
      if (skipped(spec) || parsed_.has(spec.name)) continue;
      if (spec.kind == ArgumentSpec::Kind::kFile && word.empty())
        return fail(fmt::format("{} is empty: it is to name a file or folder", spec.name));
      parsed_.add(spec.name, word);
      return true;
    }
    return fail(fmt::format("\"{}\" is one word too many; usage: {}", word, usage_line(command_, caller_)));
  }

  const OptionSpec* find(std::string_view name) const {
    if (!command_.traits.destroys.empty() && name == kYes.name) return &kYes;
    if (!command_.traits.destroys.empty() && name == kLook.name) return &kLook;
    const auto found = std::ranges::find(command_.options, name, &OptionSpec::name);
    return found == command_.options.end() ? nullptr : &*found;
  }

  bool unknown(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& spec : command_.options) names.push_back(spec.name);
    const std::string_view meant = nearest(name, names);
    const std::string hint = !meant.empty() ? fmt::format("did you mean {}?", meant)
                                            : fmt::format("usage: {}", usage_line(command_, caller_));
    return fail(fmt::format("{} has no option \"{}\"; {}", command_.words, name, hint));
  }

  bool put(const OptionSpec& spec, std::string value) {
    if (spec.kind != Opt::kRepeated && parsed_.has(spec.name)) {
      return fail(fmt::format("{} is given twice", spec.name));
    }
    parsed_.add(spec.name, std::move(value));
    return true;
  }

  bool option(std::string_view word, const std::vector<std::string>& words, std::size_t& at) {
    const std::size_t eq = word.find('=');
    const std::string_view name = word.substr(0, eq);
    if (name.ends_with("-stdin")) {
      const OptionSpec* spec = find(name.substr(0, name.size() - 6));
      if (spec != nullptr && is_secret(*spec) && eq == std::string_view::npos) return from_input(*spec);
    }
    const OptionSpec* spec = find(name);
    if (spec == nullptr) return unknown(name);
    if (is_secret(*spec)) {
      return fail(
          input_ != nullptr
              ? fmt::format("a secret never stands on the command line, where others see it: use --{}-stdin",
                            name)
              : fmt::format("write {}=VALUE here", name));
    }
    if (spec->kind == Opt::kFlag) {
      return eq == std::string_view::npos ? put(*spec, "yes")
                                          : fail(fmt::format("--{} takes no value", name));
    }
    if (eq != std::string_view::npos) return put(*spec, std::string(word.substr(eq + 1)));
    if (at + 1 >= words.size())
      return fail(fmt::format("--{} needs a value: --{} {}", name, name, spec->value));
    return put(*spec, words[++at]);
  }

  bool setting(std::string_view word) {
    const std::size_t eq = word.find('=');
    std::string name(word.substr(0, eq));
    std::ranges::replace(name, '_', '-');
    const OptionSpec* spec = find(name);
    if (spec == nullptr) return unknown(name);
    if (is_secret(*spec) && input_ != nullptr) {
      return fail(fmt::format(
          "a secret never stands on the command line, where others see it: use --{}-stdin", name));
    }
    std::string value(word.substr(eq + 1));
    if (spec->kind == Opt::kFlag) {
      if (value == "no") return true;
      if (value != "yes") return fail(fmt::format("{} is yes or no", name));
    }
    return put(*spec, std::move(value));
  }

  bool from_input(const OptionSpec& spec) {
    if (input_ == nullptr)
      return fail(fmt::format("there is no standard input of its own here: write {}=VALUE", spec.name));
    std::string value;
    if (spec.kind == Opt::kSecretText) {
      value = input_->rest();
    } else if (!input_->line(value)) {
      return fail(fmt::format("standard input has no line for --{}-stdin", spec.name));
    }
    if (value.empty()) return fail(fmt::format("standard input has nothing for --{}-stdin", spec.name));
    return put(spec, std::move(value));
  }

  const Command& command_;
  const Caller& caller_;
  Input* input_;
  ParsedCommand parsed_;
  std::string error_;
};

}  // namespace

std::expected<std::vector<std::string>, std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool blank = c == ' ' || c == '\t';
    if (quote == 0 && blank) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
      continue;
    }
    in_word = true;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'') {
      if (i + 1 == line.size()) return std::unexpected("the line ends with a backslash");
      word += line[++i];
    } else {
      word += c;
    }
    if (words.size() >= kMostWords) return std::unexpected(fmt::format("more than {} words", kMostWords));
  }
  if (quote != 0) return std::unexpected(fmt::format("a quote ({}) is not closed", quote));
  if (in_word) words.push_back(std::move(word));
  return words;
}

bool Input::line(std::string& out) {
  if (at_ >= text_.size()) return false;
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  out = text_.substr(at_, end - at_);
  if (out.ends_with('\r')) out.pop_back();
  at_ = end + 1;
  return true;
}

std::string Input::rest() {
  std::string out = at_ < text_.size() ? text_.substr(at_) : std::string();
  at_ = text_.size();
  return out;
}

std::expected<ParsedCommand, CommandResult> parse_command(const std::vector<std::string>& args,
                                                          const Caller& caller, Input* input) {
  if (args.empty() || args[0] == "--help" || args[0] == "-h") {
    return std::unexpected(CommandResult::done(help_text("", caller)));
  }
  const Command* command = args.size() > 1 ? find_command(args[0] + " " + args[1]) : nullptr;
  const std::size_t words = command != nullptr ? 2 : 1;
  if (command == nullptr) command = find_command(args[0]);
  if (command == nullptr) {
    if (args.size() > 1 && (args[1] == "--help" || args[1] == "-h")) {
      if (std::string text = help_text(args[0], caller); !text.empty()) {
        return std::unexpected(CommandResult::done(std::move(text)));
      }
    }
    return std::unexpected(CommandResult::usage(unknown_command(args, caller)));
  }
  if (!may_use(*command, caller)) {
    return std::unexpected(CommandResult::refuse(
        command->who == Who::kAdmin ? fmt::format("{} is for administrators", command->words)
                                    : fmt::format("{} works on the command line only", command->words)));
  }
  return Parser(*command, caller, input).run(args, words);
}

bool wants_input(const std::vector<std::string>& args) {
  const auto end = std::ranges::find(args, "--");
  return std::any_of(args.begin(), end, [](const std::string& word) {
    return word.starts_with("--") && word.ends_with("-stdin");
  });
}

}  // namespace halley::cli
