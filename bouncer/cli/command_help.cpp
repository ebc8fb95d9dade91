#include "bouncer/cli/command_help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>

#include "bouncer/cli/command_examples.h"
#include "bouncer/cli/command_table.h"
#include "bouncer/config/nearest.h"

namespace halley::cli {
namespace {

using Arg = ArgumentSpec::Kind;
using Opt = OptionSpec::Kind;

std::string argument_text(const ArgumentSpec& argument) {
  return argument.kind == Arg::kOptional ? fmt::format("[{}]", argument.name) : std::string(argument.name);
}

// As its caller writes it: --nick N on the command line, nick=N in band.
std::string option_text(const OptionSpec& option, const Caller& caller) {
  const bool secret = option.kind == Opt::kSecret || option.kind == Opt::kSecretText;
  if (caller.in_band()) {
    if (option.kind == Opt::kFlag) return fmt::format("--{}", option.name);
    return fmt::format("{}={}", option.name, option.value.empty() ? "SECRET" : option.value);
  }
  if (secret) return fmt::format("--{}-stdin", option.name);
  return option.value.empty() ? fmt::format("--{}", option.name)
                              : fmt::format("--{} {}", option.name, option.value);
}

std::string_view program(const Caller& caller) {
  return caller.in_band() ? "" : "halley ";
}

std::vector<OptionSpec> all_options(const Command& command) {
  std::vector<OptionSpec> out(command.options.begin(), command.options.end());
  if (!command.traits.destroys.empty()) out.insert(out.end(), {kYes, kLook});
  return out;
}

// As the operator types them: in band the words differ.
std::string examples_text(const Command& command) {
  const auto examples = examples_of(command.words);
  if (examples.size() == 1) return fmt::format("\n\nexample: {}", examples.front().line);
  std::string out = examples.empty() ? "" : "\n\nexamples:";
  for (const CommandExample& example : examples) out += fmt::format("\n  {}", example.line);
  return out;
}

std::string command_help(const Command& command, const Caller& caller) {
  const std::vector<OptionSpec> options = all_options(command);
  std::string out = fmt::format("usage: {}\n{}", usage_line(command, caller), command.help);
  std::size_t width = 0;
  for (const auto& option : options) width = std::max(width, option_text(option, caller).size());
  if (!options.empty()) out += "\n\noptions:";
  for (const auto& option : options) {
    out += fmt::format("\n  {:<{}}  {}", option_text(option, caller), width, option.help);
  }
  const bool secret =
      std::ranges::any_of(options, [](const auto& option) { return option.kind == Opt::kSecret; });
  if (!caller.in_band()) out += examples_text(command);
  if (secret && !caller.in_band()) {
    out +=
        "\n\nEach --...-stdin takes one line of standard input, in the order given; in batch write "
        "name=VALUE.";
  }
  return out;
}

std::string list_text(const std::vector<const Command*>& list, const Caller& caller) {
  std::size_t width = 0;
  std::vector<std::string> lines;
  for (const auto* command : list) {
    std::string line(command->words);
    for (const auto& argument : command->arguments) {
      if (!(argument.kind == Arg::kUser && caller.in_band())) line += " " + argument_text(argument);
    }
    if (!command->options.empty()) line += " ...";
    width = std::max(width, line.size());
    lines.push_back(std::move(line));
  }
  std::string out;
  for (std::size_t i = 0; i < list.size(); ++i)
    out += fmt::format("\n  {:<{}}  {}", lines[i], width, list[i]->help);
  return out;
}

std::string_view group_of(const Command& command) {
  return command.words.substr(0, command.words.find(' '));
}

}  // namespace

std::string usage_line(const Command& command, const Caller& caller) {
  std::string out = fmt::format("{}{}", program(caller), command.words);
  for (const auto& argument : command.arguments) {
    if (argument.kind == Arg::kUser && caller.in_band()) continue;
    out += " " + argument_text(argument);
  }
  for (const auto& option : all_options(command)) out += fmt::format(" [{}]", option_text(option, caller));
  return out;
}

std::string help_text(std::string_view words, const Caller& caller) {
  if (const Command* command = find_command(words); command != nullptr && may_use(*command, caller)) {
    return command_help(*command, caller);
  }
  std::vector<const Command*> list;
  for (const Command& command : commands()) {
    if (may_use(command, caller) && (words.empty() || group_of(command) == words)) list.push_back(&command);
  }
  if (list.empty()) return {};
  std::string out =
      words.empty() ? "Halley stays on IRC when you leave, and hands you what you missed.\n\n" : "";
  out += fmt::format("usage: {}{}", program(caller),
                     words.empty() ? "COMMAND ..." : fmt::format("{} COMMAND ...", words));
  out += list_text(list, caller);
  if (!caller.in_band()) {
    out +=
        "\n\nevery command takes:\n"
        "  --config FILE  else $HALLEY_CONFIG, else /etc/halley/halley.toml, else defaults\n"
        "  --data DIR     where the data are\n"
        "  --json         answers for programs\n"
        "  --help         more on one command";
  } else {
    out += "\nhelp COMMAND tells more on one of them";
  }
  return out;
}

std::string unknown_command(const std::vector<std::string>& args, const Caller& caller) {
  std::vector<std::string_view> words, firsts;
  for (const Command& command : commands()) {
    if (!may_use(command, caller)) continue;
    words.push_back(command.words);
    words.push_back(group_of(command));
    if (!args.empty() && group_of(command) == args[0]) firsts.push_back(command.words.substr(args[0].size()));
  }
  if (args.size() <= 1 && !firsts.empty()) {
    return fmt::format("which {0} command? one of: {0}{1}", args[0],
                       fmt::join(firsts, fmt::format(", {}", args[0])));
  }
  const std::string said = args.size() > 1 ? args[0] + " " + args[1] : args.empty() ? "" : args[0];
  std::string_view meant = nearest(said, words);
  if (meant.empty() && !args.empty()) meant = nearest(args[0], words);
  // Never what cannot be undone: people do as they are told. Nor what resembles it less.
  const Command* const command = find_command(meant);
  const bool destroys = command != nullptr && !command->traits.destroys.empty();
  const std::string hint = meant.empty() ? fmt::format("say {}help", program(caller))
                           : destroys    ? fmt::format("see {}help {}", program(caller), group_of(*command))
                                         : fmt::format("did you mean {}?", meant);
  return fmt::format("there is no command \"{}\"; {}", said, hint);
}

}  // namespace halley::cli
