#include "bouncer/cli/command_table.h"

#include <algorithm>

#include "bouncer/accounts/buffer_settings.h"
#include "bouncer/accounts/network_settings.h"
#include "bouncer/accounts/user_settings.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/link_code.h"
#include "bouncer/cli/setting_options.h"

namespace halley::cli {
namespace {

// What no rollback takes back has no place in a batch, though it is answered at once.
template <CommandResult (*run)(CommandCall& call)>
void at_once(CommandCall& call, std::function<void(CommandResult)> done) {
  done(run(call));
}

using Arg = ArgumentSpec::Kind;
using Opt = OptionSpec::Kind;

constexpr ArgumentSpec kNewUser[] = {{Arg::kRequired, "NAME"}};
constexpr ArgumentSpec kUser[] = {{Arg::kUser, "NAME"}};
constexpr ArgumentSpec kOfUser[] = {{Arg::kUser, "USER"}};
constexpr ArgumentSpec kOfUserName[] = {{Arg::kUser, "USER"}, {Arg::kRequired, "NAME"}};
constexpr ArgumentSpec kOfUserId[] = {{Arg::kUser, "USER"}, {Arg::kRequired, "ID"}};
constexpr ArgumentSpec kOfUserRule[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "KIND"}, {Arg::kRequired, "MATCH"}, {Arg::kRequired, "PATTERN"}};
constexpr ArgumentSpec kOfUserDevice[] = {{Arg::kUser, "USER"},
                                          {Arg::kRequired, "DEVICE"},
                                          {Arg::kRequired, "NETWORK"},
                                          {Arg::kRequired, "TARGET"}};
constexpr ArgumentSpec kNewNetwork[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "NAME"}, {Arg::kRequired, "URL"}};
constexpr ArgumentSpec kRename[] = {{Arg::kRequired, "NAME"}, {Arg::kRequired, "NEW"}};
constexpr ArgumentSpec kOfUserRename[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "NAME"}, {Arg::kRequired, "NEW"}};
constexpr ArgumentSpec kText[] = {{Arg::kRequired, "TEXT"}};
constexpr ArgumentSpec kUnlock[] = {{Arg::kOptional, "ADDRESS|USER"}};
constexpr ArgumentSpec kShell[] = {{Arg::kRequired, "SHELL"}};
constexpr ArgumentSpec kHelp[] = {{Arg::kOptional, "COMMAND"}, {Arg::kOptional, "WORD"}};

constexpr OptionSpec kPassword = {.kind = Opt::kSecret, .name = "password", .help = "the password"};
constexpr OptionSpec kPasswordHash = {
    .kind = Opt::kSecret, .name = "password-hash", .help = "an argon2 string in place of a password"};
constexpr OptionSpec kInit[] = {
    {.name = "hostname",
     .value = "NAME",
     .help = "the name that people reach Halley by; else this machine's"},
    {.name = "admin", .value = "NAME", .help = "the first administrator; else the user who runs this"},
    kPassword,
    kNoQr};
constexpr OptionSpec kOfDeviceAdd[] = {
    {.name = "certificate",
     .value = "FINGERPRINT",
     .help = "no token: it logs in by SASL EXTERNAL with the TLS certificate that has this fingerprint "
             "(SHA-256 or SHA-512)"},
    {.kind = OptionSpec::Kind::kFlag,
     .name = "make-certificate",
     .help = "the same with a new certificate, which is shown once with its key"},
    kNoQr};
constexpr OptionSpec kJoin = {.name = "join", .value = "CHANNELS", .help = "channels to be in: '#a,#b key'"};
constexpr OptionSpec kDetached = {
    .name = "detached", .value = "yes|no", .help = "a channel that is kept, and shown to no ordinary client"};
constexpr OptionSpec kUserPasswd[] = {
    kPassword,
    kPasswordHash,
    {.kind = Opt::kFlag,
     .name = "devices",
     .help = "forget also the devices that have a token, and the passkeys"}};

constexpr OptionSpec kUserReset[] = {
    {.name = "hours", .value = "N", .help = "how long it can be used: 24, at most 720"}};
constexpr OptionSpec kInviteAdd[] = {
    {.name = "uses", .value = "N", .help = "how many may register with it: 1, at most 1000"},
    {.name = "days", .value = "N", .help = "how long it can be used: 7, at most 365"},
    {.name = "note", .value = "TEXT", .help = "for whom it is, to be told apart in invite list"}};
constexpr ArgumentSpec kId[] = {{Arg::kRequired, "ID"}};
constexpr ArgumentSpec kHistoryArgs[] = {
    {Arg::kUser, "USER"}, {Arg::kRequired, "NETWORK"}, {Arg::kRequired, "TARGET"}};
constexpr OptionSpec kHistory[] = {
    {.name = "before",
     .value = "TIME",
     .help = "the lines before 2026-11-22, or 2026-11-22T16:08:05Z; else the newest"},
    {.name = "limit", .value = "N", .help = "how many: 50, at most 1000 (in band 100)"}};
constexpr ArgumentSpec kSearchArgs[] = {{Arg::kUser, "USER"}, {Arg::kRequired, "QUERY"}};
constexpr OptionSpec kSearch[] = {
    {.name = "network", .value = "NAME", .help = "on this network only"},
    {.name = "target", .value = "NAME", .help = "in this channel or query only"},
    {.name = "from", .value = "NICK", .help = "said by this nick"},
    {.name = "before", .value = "TIME", .help = "said before 2026-11-22, or 2026-11-22T16:08:05Z"},
    {.name = "after", .value = "TIME", .help = "said after that"},
    {.name = "limit", .value = "N", .help = "how many: 50, at most 1000 (in band 100)"}};
constexpr ArgumentSpec kBufferList[] = {{Arg::kUser, "USER"}, {Arg::kOptional, "NETWORK"}};
constexpr OptionSpec kBufferListOptions[] = {
    {.name = "name", .value = "TEXT", .help = "only those that have this in their name"}};
constexpr ArgumentSpec kTrace[] = {{Arg::kUser, "USER"}, {Arg::kOptional, "NETWORK"}};
constexpr ArgumentSpec kFile[] = {{Arg::kFile, "FILE"}};
constexpr ArgumentSpec kUserFile[] = {{Arg::kUser, "USER"}, {Arg::kFile, "FILE"}};
constexpr ArgumentSpec kNewUserFile[] = {{Arg::kRequired, "USER"}, {Arg::kFile, "FILE"}};
constexpr OptionSpec kExport[] = {{.name = "format",
                                   .value = "sqlite|jsonl|text",
                                   .help = "one SQLite file, unless it is said; one of JSON lines; or a "
                                           "folder of plain-text logs, for reading"}};
constexpr ArgumentSpec kPath[] = {{Arg::kRequired, "PATH"}};
constexpr ArgumentSpec kImportLogs[] = {
    {Arg::kRequired, "USER"}, {Arg::kRequired, "NETWORK"}, {Arg::kRequired, "PATH"}};
constexpr OptionSpec kImportSoju[] = {
    {.name = "logs", .value = "DIR", .help = "the folder of soju's file store (message-store fs)"}};
constexpr OptionSpec kStatus[] = {
    {.kind = Opt::kFlag, .name = "acknowledge", .help = "do not show again what starts found lost"}};

// The tables of settings are constant-initialised, so that they are there before these.
const auto kUserAdd = options_of(user_settings(), FlagForm::kBare, "", {kPassword, kPasswordHash});
const auto kUserSet = options_of(user_settings(), FlagForm::kYesNo, "", {kPassword, kPasswordHash});
const auto kNetworkAdd = options_of(network_settings(), FlagForm::kBare, "url", {kJoin});
const auto kBufferSet = options_of(buffer_settings(), FlagForm::kYesNo, "", {kDetached});
const auto kNetworkSet = options_of(network_settings(), FlagForm::kYesNo, "", {kJoin});

const Command kCommands[] = {
    {.words = "serve", .who = Who::kProgram, .help = "run in the foreground; logs go to standard error"},
    {.words = "init",
     .who = Who::kProgram,
     .options = kInit,
     .help = "write a commented halley.toml, and make the first administrator",
     .traits = {.asks_password = true}},
    {.words = "user add",
     .who = Who::kAdmin,
     .arguments = kNewUser,
     .options = kUserAdd,
     .help = "add a user",
     .run = user_add,
     .traits = {.asks_password = true, .makes_store = true}},
    {.words = "user list",
     .who = Who::kAdmin,
     .help = "list the users, and how much of each is in the log",
     .run = user_list,
     .traits = {.ask = user_list_all}},
    {.words = "user show",
     .who = Who::kOwn,
     .arguments = kUser,
     .help = "show an account, with its last logins and changes",
     .run = user_show,
     .traits = {.ask = user_show_all}},
    {.words = "user passwd",
     .who = Who::kOwn,
     .arguments = kUser,
     .options = kUserPasswd,
     .help = "change a password",
     .run = user_passwd,
     .traits = {.asks_password = true}},
    {.words = "user reset",
     .who = Who::kAdmin,
     .arguments = kNewUser,
     .options = kUserReset,
     .help = "make a link by which a user sets a new password, once",
     .run = user_reset,
     .traits = {.opens_account = true}},
    {.words = "user rename",
     .who = Who::kAdmin,
     .arguments = kRename,
     .help = "give a user another name",
     .run = user_rename},
    {.words = "user set",
     .who = Who::kAdmin,
     .arguments = kNewUser,
     .options = kUserSet,
     .help = "change an account",
     .run = user_set},
    {.words = "user disable",
     .who = Who::kAdmin,
     .arguments = kNewUser,
     .help = "refuse logins and leave all networks, keeping everything",
     .run = user_disable},
    {.words = "user enable",
     .who = Who::kAdmin,
     .arguments = kNewUser,
     .help = "take a disabled account back",
     .run = user_enable},
    {.words = "user remove",
     .who = Who::kAdmin,
     .arguments = kNewUser,
     .help = "remove a user with all that was logged",
     .run = user_remove,
     .traits = {.destroys = "the user, with all that was logged"}},
    {.words = "invite add",
     .who = Who::kAdmin,
     .options = kInviteAdd,
     .help = "make a link by which somebody becomes a user",
     .run = invite_add},
    {.words = "invite list",
     .who = Who::kAdmin,
     .help = "list the invitations that can be used",
     .run = invite_list},
    {.words = "invite revoke",
     .who = Who::kAdmin,
     .arguments = kId,
     .help = "take an invitation back",
     .run = invite_revoke},
    {.words = "network add",
     .who = Who::kOwn,
     .arguments = kNewNetwork,
     .options = kNetworkAdd,
     .help = "add a network: ircs://host[:6697] or irc://host[:6667]",
     .run = network_add},
    {.words = "network list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list a user's networks",
     .run = network_list},
    {.words = "network show",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .help = "show a network's settings and state",
     .run = network_show},
    {.words = "network set",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .options = kNetworkSet,
     .help = "change a network's settings",
     .run = network_set},
    {.words = "network rename",
     .who = Who::kOwn,
     .arguments = kOfUserRename,
     .help = "give a network another name",
     .run = network_rename},
    {.words = "network connect",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .help = "connect, and stay connected",
     .run = network_connect},
    {.words = "network disconnect",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .help = "leave a network and stay away",
     .run = network_disconnect},
    {.words = "network remove",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .help = "remove a network with all that was logged there",
     .run = network_remove,
     .traits = {.destroys = "the network, with all that was logged there"}},
    {.words = "device add",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .options = kOfDeviceAdd,
     .help = "make a token for a device or program, and a link that sets a client up; shown once",
     .run = device_add,
     .traits = {.makes_token = true}},
    {.words = "device list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list the devices: from where, with what, when, and how far behind",
     .run = device_list,
     .traits = {.ask = device_list_all}},
    {.words = "device hide",
     .who = Who::kOwn,
     .arguments = kOfUserDevice,
     .help = "keep a channel or query from the clients of one device",
     .traits = {.ask = at_once<device_hide>}},
    {.words = "device unhide",
     .who = Who::kOwn,
     .arguments = kOfUserDevice,
     .help = "show it there again",
     .traits = {.ask = at_once<device_unhide>}},
    {.words = "device revoke",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .help = "forget a device, its token and its position",
     .run = device_revoke,
     .traits = {.destroys = "the device, its token and its position"}},
    {.words = "passkey list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list the passkeys that browsers log in with",
     .run = passkey_list},
    {.words = "passkey revoke",
     .who = Who::kOwn,
     .arguments = kOfUserId,
     .help = "let a passkey log in no more; web logins by it go on",
     .run = passkey_revoke,
     .traits = {.destroys = "the passkey"}},
    {.words = "session list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list the web logins",
     .run = session_list},
    {.words = "session revoke",
     .who = Who::kOwn,
     .arguments = kOfUserId,
     .help = "end a web login, or all of them",
     .run = session_revoke},
    {.words = "buffer list",
     .who = Who::kOwn,
     .arguments = kBufferList,
     .options = kBufferListOptions,
     .help = "list channels and queries with what is set for them",
     .traits = {.ask = buffer_list}},
    {.words = "buffer set",
     .who = Who::kOwn,
     .arguments = kHistoryArgs,
     .options = kBufferSet,
     .help = "change what is set for a channel or query; TARGET * is the network's own messages",
     .traits = {.ask = buffer_set}},
    {.words = "buffer remove",
     .who = Who::kOwn,
     .arguments = kHistoryArgs,
     .help = "remove a channel or query with all that was logged there",
     .traits = {.destroys = "all that was logged there", .ask = buffer_remove}},
    {.words = "rule list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list what calls the user, and what is not heard",
     .run = rule_list},
    {.words = "rule add",
     .who = Who::kOwn,
     .arguments = kOfUserRule,
     .help = "highlight or ignore: a word, a regex, or who says it by a mask",
     .run = rule_add},
    {.words = "rule remove",
     .who = Who::kOwn,
     .arguments = kOfUserId,
     .help = "forget a rule",
     .run = rule_remove},
    {.words = "upload list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list the files that were uploaded",
     .run = upload_list},
    {.words = "upload remove",
     .who = Who::kOwn,
     .arguments = kOfUserName,
     .help = "remove an uploaded file",
     .traits = {.destroys = "the file", .ask = at_once<upload_remove>}},
    {.words = "history",
     .who = Who::kOwn,
     .arguments = kHistoryArgs,
     .options = kHistory,
     .help = "what was said in a channel or query; TARGET * is the network's own messages",
     .traits = {.ask = history}},
    {.words = "search",
     .who = Who::kOwn,
     .arguments = kSearchArgs,
     .options = kSearch,
     .help = "find words: all of them; a \"quoted phrase\" in order; wor* completes",
     .traits = {.ask = search}},
    {.words = "backup",
     .who = Who::kOperator,
     .arguments = kFile,
     .help = "copy all data but halley.key to a file, checked, while Halley runs",
     .traits = {.ask = backup}},
    {.words = "export",
     .who = Who::kOperator,
     .arguments = kUserFile,
     .options = kExport,
     .help = "copy all that is a user's to a file",
     .traits = {.ask = export_user}},
    {.words = "import",
     .who = Who::kProgram,
     .arguments = kNewUserFile,
     .help = "make a user of an export, SQLite or JSON lines, while Halley is stopped",
     .traits = {.makes_store = true}},
    {.words = "import-znc",
     .who = Who::kProgram,
     .arguments = kPath,
     .help = "take over ZNC's users, networks and logs: its folder, or its znc.conf",
     .traits = {.makes_store = true}},
    {.words = "import-soju",
     .who = Who::kProgram,
     .arguments = kPath,
     .options = kImportSoju,
     .help = "take over soju's users, networks and messages: its SQLite database",
     .traits = {.makes_store = true}},
    {.words = "import-thelounge",
     .who = Who::kProgram,
     .arguments = kPath,
     .help = "take over The Lounge's users, networks and logs: its folder",
     .traits = {.makes_store = true}},
    {.words = "import-logs",
     .who = Who::kProgram,
     .arguments = kImportLogs,
     .help =
         "add plain-text logs (ZNC, soju, WeeChat, irssi, HexChat, mIRC, bip, catgirl) to a user's network"},
    {.words = "prune",
     .who = Who::kAdmin,
     .help = "remove now what is older than retention says, so that no file holds it",
     .traits = {.ask = prune}},
    {.words = "reindex",
     .who = Who::kAdmin,
     .help = "have the index of words, by which search finds, built anew from the log",
     .traits = {.ask = reindex}},
    {.words = "doctor",
     .who = Who::kOperator,
     .help = "look for what is wrong, and say how to mend it",
     .traits = {.ask = doctor}},
    {.words = "trace",
     .who = Who::kOperator,
     .arguments = kTrace,
     .help = "follow the raw lines of a user's connections, without secrets, until Ctrl-C",
     .traits = {.follow = trace}},
    {.words = "outbox",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list what was said and is not yet out",
     .run = outbox_list},
    {.words = "outbox list", .who = Who::kOwn, .arguments = kOfUser, .help = "the same", .run = outbox_list},
    {.words = "outbox cancel",
     .who = Who::kOwn,
     .arguments = kOfUserId,
     .help = "forget a line that waits",
     .traits = {.ask = at_once<outbox_cancel>}},
    {.words = "outbox send",
     .who = Who::kOwn,
     .arguments = kOfUserId,
     .help = "say a line again whose fate is unknown",
     .traits = {.ask = at_once<outbox_send>}},
    {.words = "push list",
     .who = Who::kOwn,
     .arguments = kOfUser,
     .help = "list who is told by Web Push what calls the user",
     .run = push_list},
    {.words = "push remove",
     .who = Who::kOwn,
     .arguments = kOfUserId,
     .help = "tell one of them nothing more",
     .traits = {.ask = at_once<push_remove>}},
    {.words = "notice",
     .who = Who::kAdmin,
     .arguments = kText,
     .help = "say a line to all users, kept for those who are away",
     .run = notice},
    {.words = "unlock",
     .who = Who::kAdmin,
     .arguments = kUnlock,
     .help = "let those log in again who failed too often",
     .run = unlock},
    {.words = "status",
     .who = Who::kAnyone,
     .options = kStatus,
     .help = "what runs: networks, clients and figures",
     .run = status},
    {.words = "batch",
     .who = Who::kProgram,
     .help = "one command a line from standard input, all of them or none",
     .traits = {.makes_store = true}},
    {.words = "reload",
     .who = Who::kAdmin,
     .help = "read configuration and certificates again",
     .run = reload},
    {.words = "config check",
     .who = Who::kProgram,
     .help = "check the configuration and show it with all defaults"},
    {.words = "completion",
     .who = Who::kProgram,
     .arguments = kShell,
     .help = "what bash, zsh or fish needs to complete commands"},
    {.words = "version", .who = Who::kAnyone, .help = "say which Halley this is", .run = version},
    {.words = "help",
     .who = Who::kAnyone,
     .arguments = kHelp,
     .help = "help on everything, a group or a command",
     .run = help},
};

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

}  // namespace halley::cli
