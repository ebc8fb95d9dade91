#include "bouncer/cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "bouncer/cli/command_table.h"

namespace halley::cli {
namespace {

constexpr std::string_view kGlobal = "--config --data --json --help";

std::string_view first_of(const Command& command) {
  return command.words.substr(0, command.words.find(' '));
}
std::string_view second_of(const Command& command) {
  const std::size_t space = command.words.find(' ');
  return space == std::string_view::npos ? std::string_view{} : command.words.substr(space + 1);
}

// Each once, in the order of the table.
std::vector<std::string_view> first_words() {
  std::vector<std::string_view> out;
  for (const Command& command : commands()) {
    if (std::ranges::find(out, first_of(command)) == out.end()) out.push_back(first_of(command));
  }
  return out;
}
std::vector<std::string_view> second_words(std::string_view first) {
  std::vector<std::string_view> out;
  for (const Command& command : commands()) {
    if (first_of(command) == first && !second_of(command).empty()) out.push_back(second_of(command));
  }
  return out;
}

std::vector<std::string> options_of_command(const Command& command) {
  std::vector<std::string> out;
  for (const OptionSpec& option : command.options) {
    const bool secret =
        option.kind == OptionSpec::Kind::kSecret || option.kind == OptionSpec::Kind::kSecretText;
    out.push_back(fmt::format("--{}{}", option.name, secret ? "-stdin" : ""));
  }
  if (!command.traits.destroys.empty()) {
    for (const OptionSpec& option : {kYes, kLook}) out.push_back(fmt::format("--{}", option.name));
  }
  return out;
}

// The body that bash and zsh share: the words said so far are in $said, and what may come goes to $may.
std::string cases() {
  std::string out = "  case \"${said[*]}\" in\n";
  out += fmt::format("    '') may='{}' ;;\n", fmt::join(first_words(), " "));
  for (const std::string_view first : first_words()) {
    if (const auto seconds = second_words(first); !seconds.empty())
      out += fmt::format("    '{}') may='{}' ;;\n", first, fmt::join(seconds, " "));
  }
  for (const Command& command : commands()) {
    if (const auto options = options_of_command(command); !options.empty())
      out += fmt::format("    '{0}' | '{0} '*) may='{1}' ;;\n", command.words, fmt::join(options, " "));
  }
  return out + "  esac\n";
}

constexpr std::string_view kGather =
    "    case \"$word\" in\n"
    "      --config | --data) skip=1 ;;\n"
    "      -*) ;;\n"
    "      *) if [ -z \"$skip\" ]; then said+=(\"$word\"); fi; skip= ;;\n"
    "    esac\n";

std::string bash() {
  return fmt::format(
      "# bash completion for halley(1)\n"
      "_halley() {{\n"
      "  local said=() may= skip= word\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n{}  done\n{}"
      "  COMPREPLY=($(compgen -W \"$may {}\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n"
      "}}\n"
      "complete -o default -F _halley halley\n",
      kGather, cases(), kGlobal);
}

std::string zsh() {
  return fmt::format(
      "#compdef halley\n"
      "_halley() {{\n"
      "  local -a said\n"
      "  local may= skip= word\n"
      "  for word in \"${{(@)words[2,CURRENT-1]}}\"; do\n{}  done\n{}"
      "  compadd -- ${{=may}} {}\n"
      "}}\n"
      "compdef _halley halley\n",
      kGather, cases(), kGlobal);
}

std::string fish() {
  std::string out = "# fish completion for halley(1)\n";
  const auto firsts = first_words();
  for (const std::string_view first : firsts) {
    const auto seconds = second_words(first);
    const std::string nothing = fmt::format("not __fish_seen_subcommand_from {}", fmt::join(firsts, " "));
    out += fmt::format("complete -c halley -f -n '{}' -a {}\n", nothing, first);
    if (!seconds.empty()) {
      out += fmt::format(
          "complete -c halley -f -n '__fish_seen_subcommand_from {}; and not __fish_seen_subcommand_from {}' "
          "-a '{}'\n",
          first, fmt::join(seconds, " "), fmt::join(seconds, " "));
    }
  }
  for (const Command& command : commands()) {
    for (const std::string& option : options_of_command(command)) {
      std::string when = fmt::format("__fish_seen_subcommand_from {}", first_of(command));
      if (!second_of(command).empty())
        when += fmt::format("; and __fish_seen_subcommand_from {}", second_of(command));
      out += fmt::format("complete -c halley -n '{}' -l {}\n", when, option.substr(2));
    }
  }
  return out + "complete -c halley -l config -r\ncomplete -c halley -l data -r\ncomplete -c halley -l json\n";
}

}  // namespace

std::expected<std::string, std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return std::unexpected(
      fmt::format("there is no completion for \"{}\"; there is for bash, zsh and fish", shell));
}

}  // namespace halley::cli
