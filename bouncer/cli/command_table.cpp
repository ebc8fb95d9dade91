#include "bouncer/cli/command_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/buffer_settings.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/setting_options.h"
#include "bouncer/config/nearest.h"

namespace halley::cli {
namespace {

using Arg = ArgumentSpec::Kind;
using Opt = OptionSpec::Kind;

constexpr ArgumentSpec kNewUser[] = {{Arg::kRequired, "NAME"}};
constexpr ArgumentSpec kUser[] = {{Arg::kUser, "NAME"}};
constexpr ArgumentSpec kOfUser[] = {{Arg::kUser, "USER"}};
constexpr ArgumentSpec kOfUserName[] = {{Arg::kUser, "USER"}, {Arg::kRequired, "NAME"}};
constexpr ArgumentSpec kOfUserId[] = {{Arg::kUser, "USER"}, {Arg::kRequired, "ID"}};
constexpr ArgumentSpec kNewNetwork[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "NAME"}, {Arg::kRequired, "URL"}};
constexpr ArgumentSpec kRename[] = {{Arg::kRequired, "NAME"}, {Arg::kRequired, "NEW"}};
constexpr ArgumentSpec kOfUserRename[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "NAME"}, {Arg::kRequired, "NEW"}};
constexpr ArgumentSpec kText[] = {{Arg::kRequired, "TEXT"}};
constexpr ArgumentSpec kUnlock[] = {{Arg::kOptional, "ADDRESS|USER"}};
constexpr ArgumentSpec kShell[] = {{Arg::kRequired, "SHELL"}};
constexpr ArgumentSpec kHelp[] = {{Arg::kOptional, "COMMAND"}, {Arg::kOptional, "WORD"}};

constexpr OptionSpec kPassword = {Opt::kSecret, "password", "", "the password"};
constexpr OptionSpec kPasswordHash = {Opt::kSecret, "password-hash", "",
                                      "an argon2 string in place of a password"};
constexpr OptionSpec kInit[] = {
    {Opt::kValue, "hostname", "NAME", "the name that people reach Halley by; else this machine's"},
    {Opt::kValue, "admin", "NAME", "the first administrator; else the user who runs this"},
    kPassword};
constexpr OptionSpec kJoin = {Opt::kValue, "join", "CHANNELS", "channels to be in: '#a,#b key'"};
constexpr OptionSpec kUserPasswd[] = {
    kPassword, kPasswordHash, {Opt::kFlag, "devices", "", "forget also the devices that have a token"}};

constexpr ArgumentSpec kHistoryArgs[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "NETWORK"}, {Arg::kRequired, "TARGET"}};
constexpr OptionSpec kHistory[] = {
    {Opt::kValue, "before", "TIME", "the lines before 2026-11-22, or 2026-11-22T16:08:05Z; else the newest"},
    {Opt::kValue, "limit", "N", "how many: 50, at most 1000 (in band 100)"}};
constexpr ArgumentSpec kSearchArgs[] = {{Arg::kUser, "USER"}, {Arg::kRequired, "QUERY"}};
constexpr OptionSpec kSearch[] = {
    {Opt::kValue, "network", "NAME", "on this network only"},
    {Opt::kValue, "target", "NAME", "in this channel or query only"},
    {Opt::kValue, "from", "NICK", "said by this nick"},
    {Opt::kValue, "before", "TIME", "said before 2026-11-22, or 2026-11-22T16:08:05Z"},
    {Opt::kValue, "after", "TIME", "said after that"},
    {Opt::kValue, "limit", "N", "how many: 50, at most 1000 (in band 100)"}};
constexpr ArgumentSpec kBufferList[] = {{Arg::kUser, "USER"}, {Arg::kOptional, "NETWORK"}};
constexpr ArgumentSpec kFile[] = {{Arg::kFile, "FILE"}};
constexpr ArgumentSpec kUserFile[] = {{Arg::kUser, "USER"}, {Arg::kFile, "FILE"}};
constexpr ArgumentSpec kNewUserFile[] = {{Arg::kRequired, "USER"}, {Arg::kFile, "FILE"}};
constexpr ArgumentSpec kPath[] = {{Arg::kRequired, "PATH"}};
constexpr ArgumentSpec kImportLogs[] = {
    {Arg::kRequired, "USER"}, {Arg::kRequired, "NETWORK"}, {Arg::kRequired, "PATH"}};
constexpr OptionSpec kImportSoju[] = {
    {Opt::kValue, "logs", "DIR", "the folder of soju's file store (message-store fs)"}};
constexpr OptionSpec kStatus[] = {
    {Opt::kFlag, "acknowledge", "", "do not show again what starts found lost"}};

// The tables of settings are constant-initialised, so that they are there before these.
const auto kUserAdd = options_of(user_settings(), FlagForm::kBare, "", {kPassword, kPasswordHash});
const auto kUserSet = options_of(user_settings(), FlagForm::kYesNo, "", {kPassword, kPasswordHash});
const auto kNetworkAdd = options_of(network_settings(), FlagForm::kBare, "url", {kJoin});
const auto kBufferSet = options_of(buffer_settings(), FlagForm::kYesNo, "", {});
const auto kNetworkSet = options_of(network_settings(), FlagForm::kYesNo, "", {kJoin});

const Command kCommands[] = {
    {"serve", Who::kProgram, {}, {}, "run in the foreground; logs go to standard error", nullptr},
    {"init",
     Who::kProgram,
     {},
     kInit,
     "write a commented halley.toml, and make the first administrator",
     nullptr,
     {.asks_password = true}},
    {"user add",
     Who::kAdmin,
     kNewUser,
     kUserAdd,
     "add a user",
     user_add,
     {.asks_password = true, .makes_store = true}},
    {"user list", Who::kAdmin, {}, {}, "list the users", user_list},
    {"user show", Who::kOwn, kUser, {}, "show an account", user_show},
    {"user passwd", Who::kOwn, kUser, kUserPasswd, "change a password", user_passwd, {.asks_password = true}},
    {"user rename", Who::kAdmin, kRename, {}, "give a user another name", user_rename},
    {"user set", Who::kAdmin, kNewUser, kUserSet, "change an account", user_set},
    {"user disable",
     Who::kAdmin,
     kNewUser,
     {},
     "refuse logins and leave all networks, keeping everything",
     user_disable},
    {"user enable", Who::kAdmin, kNewUser, {}, "take a disabled account back", user_enable},
    {"user remove",
     Who::kAdmin,
     kNewUser,
     {},
     "remove a user with all that was logged",
     user_remove,
     {.destroys = "the user, with all that was logged"}},
    {"network add", Who::kOwn, kNewNetwork, kNetworkAdd,
     "add a network: ircs://host[:6697] or irc://host[:6667]", network_add},
    {"network list", Who::kOwn, kOfUser, {}, "list a user's networks", network_list},
    {"network show", Who::kOwn, kOfUserName, {}, "show a network's settings and state", network_show},
    {"network set", Who::kOwn, kOfUserName, kNetworkSet, "change a network's settings", network_set},
    {"network rename", Who::kOwn, kOfUserRename, {}, "give a network another name", network_rename},
    {"network connect", Who::kOwn, kOfUserName, {}, "connect, and stay connected", network_connect},
    {"network disconnect", Who::kOwn, kOfUserName, {}, "leave a network and stay away", network_disconnect},
    {"network remove",
     Who::kOwn,
     kOfUserName,
     {},
     "remove a network with all that was logged there",
     network_remove,
     {.destroys = "the network, with all that was logged there"}},
    {"device add",
     Who::kOwn,
     kOfUserName,
     {},
     "make a token for a device or program; it is shown once",
     device_add},
    {"device list", Who::kOwn, kOfUser, {}, "list the devices that were seen", device_list},
    {"device revoke",
     Who::kOwn,
     kOfUserName,
     {},
     "forget a device, its token and its position",
     device_revoke,
     {.destroys = "the device, its token and its position"}},
    {"session list", Who::kOwn, kOfUser, {}, "list the web logins", session_list},
    {"session revoke", Who::kOwn, kOfUserId, {}, "end a web login, or all of them", session_revoke},
    {"buffer list",
     Who::kOwn,
     kBufferList,
     {},
     "list channels and queries with what is set for them",
     nullptr,
     {.ask = buffer_list, .example = "halley buffer list kit libera"}},
    {"buffer set",
     Who::kOwn,
     kHistoryArgs,
     kBufferSet,
     "change what is set for a channel or query; TARGET * is the network's own messages",
     nullptr,
     {.ask = buffer_set, .example = "halley buffer set kit libera '#halley' retention=30"}},
    {"buffer remove",
     Who::kOwn,
     kHistoryArgs,
     {},
     "remove a channel or query with all that was logged there",
     nullptr,
     {.destroys = "all that was logged there",
      .ask = buffer_remove,
      .example = "halley buffer remove kit libera ChanServ"}},
    {"history",
     Who::kOwn,
     kHistoryArgs,
     kHistory,
     "what was said in a channel or query; TARGET * is the network's own messages",
     nullptr,
     {.ask = history, .example = "halley history kit libera '#halley' --before 2026-11-22 --limit 200"}},
    {"search",
     Who::kOwn,
     kSearchArgs,
     kSearch,
     "find words: all of them; a \"quoted phrase\" in order; wor* completes",
     nullptr,
     {.ask = search, .example = "halley search kit 'comet tail' --network libera --from ann"}},
    {"backup",
     Who::kOperator,
     kFile,
     {},
     "copy all data but halley.key to a file, checked, while Halley runs",
     nullptr,
     {.ask = backup, .example = "halley backup /var/backups/halley-$(date +%F).db"}},
    {"export",
     Who::kOperator,
     kUserFile,
     {},
     "copy all that is a user's to a file",
     nullptr,
     {.ask = export_user, .example = "halley export kit /var/lib/halley/kit.halley"}},
    {"import",
     Who::kProgram,
     kNewUserFile,
     {},
     "make a user of an export, while Halley is stopped",
     nullptr,
     {.makes_store = true, .example = "halley import kit /var/lib/halley/kit.halley"}},
    {"import-znc",
     Who::kProgram,
     kPath,
     {},
     "take over ZNC's users, networks and logs: its folder, or its znc.conf",
     nullptr,
     {.makes_store = true, .example = "halley import-znc ~/.znc"}},
    {"import-soju",
     Who::kProgram,
     kPath,
     kImportSoju,
     "take over soju's users, networks and messages: its SQLite database",
     nullptr,
     {.makes_store = true, .example = "halley import-soju /var/lib/soju/main.db --logs /var/lib/soju/logs"}},
    {"import-thelounge",
     Who::kProgram,
     kPath,
     {},
     "take over The Lounge's users, networks and logs: its folder",
     nullptr,
     {.makes_store = true, .example = "halley import-thelounge ~/.thelounge"}},
    {"import-logs",
     Who::kProgram,
     kImportLogs,
     {},
     "add plain-text logs (ZNC, soju, WeeChat, irssi, HexChat, mIRC, bip, catgirl) to a user's network",
     nullptr,
     {.example = "TZ=Europe/Berlin halley import-logs kit libera ~/irclogs/libera"}},
    {"prune",
     Who::kAdmin,
     {},
     {},
     "remove now what is older than retention says, so that no file holds it",
     nullptr,
     {.ask = prune, .example = "halley prune"}},
    {"doctor",
     Who::kOperator,
     {},
     {},
     "look for what is wrong, and say how to mend it",
     nullptr,
     {.ask = doctor}},
    {"outbox", Who::kOwn, kOfUser, {}, "list what was said and is not yet out", outbox_list},
    {"outbox list", Who::kOwn, kOfUser, {}, "the same", outbox_list},
    {"outbox cancel", Who::kOwn, kOfUserId, {}, "forget a line that waits", outbox_cancel},
    {"outbox send", Who::kOwn, kOfUserId, {}, "say a line again whose fate is unknown", outbox_send},
    {"notice",
     Who::kAdmin,
     kText,
     {},
     "say a line to all users, kept for those who are away",
     notice,
     {.example = "halley notice 'Halley is restarted at eight; nobody loses a line.'"}},
    {"unlock", Who::kAdmin, kUnlock, {}, "let those log in again who failed too often", unlock},
    {"status", Who::kAnyone, {}, kStatus, "what runs: networks, clients and figures", status},
    {"batch",
     Who::kProgram,
     {},
     {},
     "one command a line from standard input, all of them or none",
     nullptr,
     {.makes_store = true}},
    {"reload", Who::kAdmin, {}, {}, "read configuration and certificates again", reload},
    {"config check", Who::kProgram, {}, {}, "check the configuration and show it with all defaults", nullptr},
    {"completion", Who::kProgram, kShell, {}, "what bash, zsh or fish needs to complete commands", nullptr},
    {"version", Who::kAnyone, {}, {}, "say which Halley this is", version},
    {"help", Who::kAnyone, kHelp, {}, "help on everything, a group or a command", help},
};

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
  if (!command.traits.destroys.empty()) out.push_back(kYes);
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
  if (!command.traits.example.empty() && !caller.in_band())
    out += fmt::format("\n\nexample: {}", command.traits.example);
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

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::string_view words) {
  const auto found = std::ranges::find(kCommands, words, &Command::words);
  return found == std::end(kCommands) ? nullptr : found;
}

bool may_use(const Command& command, const Caller& caller) {
  switch (command.who) {
    case Who::kOwn:
    case Who::kAnyone:
      return true;
    case Who::kAdmin:
      return caller.admin;
    case Who::kOperator:
    case Who::kProgram:
      break;
  }
  return !caller.in_band();
}

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
  for (const Command& command : kCommands) {
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
  for (const Command& command : kCommands) {
    if (!may_use(command, caller)) continue;
    // Never what cannot be undone: people do as they are told.
    if (command.traits.destroys.empty()) words.push_back(command.words);
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
  const std::string hint =
      meant.empty() ? fmt::format("say {}help", program(caller)) : fmt::format("did you mean {}?", meant);
  return fmt::format("there is no command \"{}\"; {}", said, hint);
}

}  // namespace halley::cli
