// The arguments and options of the commands in command_table.cpp, in one place each however many commands
// take them. Constants; any thread.
#pragma once

#include "bouncer/cli/command.h"
#include "bouncer/cli/link_code.h"

namespace halley::cli::command_specs {

using ArgumentKind = ArgumentSpec::Kind;
using OptionKind = OptionSpec::Kind;

inline constexpr ArgumentSpec kNewUser[] = {{ArgumentKind::kRequired, "NAME"}};
inline constexpr ArgumentSpec kUser[] = {{ArgumentKind::kUser, "NAME"}};
inline constexpr ArgumentSpec kOfUser[] = {{ArgumentKind::kUser, "USER"}};
inline constexpr ArgumentSpec kOfUserName[] = {{ArgumentKind::kUser, "USER"},
                                               {ArgumentKind::kRequired, "NAME"}};
inline constexpr ArgumentSpec kOfUserId[] = {{ArgumentKind::kUser, "USER"}, {ArgumentKind::kRequired, "ID"}};
inline constexpr ArgumentSpec kOfUserIdRename[] = {
    {ArgumentKind::kUser, "USER"}, {ArgumentKind::kRequired, "ID"}, {ArgumentKind::kRequired, "NEW"}};
inline constexpr ArgumentSpec kOfUserRule[] = {{ArgumentKind::kUser, "USER"},
                                               {ArgumentKind::kRequired, "KIND"},
                                               {ArgumentKind::kRequired, "MATCH"},
                                               {ArgumentKind::kRequired, "PATTERN"}};
inline constexpr ArgumentSpec kOfUserDevice[] = {{ArgumentKind::kUser, "USER"},
                                                 {ArgumentKind::kRequired, "DEVICE"},
                                                 {ArgumentKind::kRequired, "NETWORK"},
                                                 {ArgumentKind::kRequired, "TARGET"}};
inline constexpr ArgumentSpec kNewNetwork[] = {
    {ArgumentKind::kUser, "USER"}, {ArgumentKind::kRequired, "NAME"}, {ArgumentKind::kRequired, "URL"}};
inline constexpr ArgumentSpec kRename[] = {{ArgumentKind::kRequired, "NAME"},
                                           {ArgumentKind::kRequired, "NEW"}};
inline constexpr ArgumentSpec kOfUserRename[] = {
    {ArgumentKind::kUser, "USER"}, {ArgumentKind::kRequired, "NAME"}, {ArgumentKind::kRequired, "NEW"}};
inline constexpr ArgumentSpec kText[] = {{ArgumentKind::kRequired, "TEXT"}};
inline constexpr ArgumentSpec kUnlock[] = {{ArgumentKind::kOptional, "ADDRESS|USER"}};
inline constexpr ArgumentSpec kShell[] = {{ArgumentKind::kRequired, "SHELL"}};
inline constexpr ArgumentSpec kHelp[] = {{ArgumentKind::kOptional, "COMMAND"},
                                         {ArgumentKind::kOptional, "WORD"}};

inline constexpr OptionSpec kPassword = {
    .kind = OptionKind::kSecret, .name = "password", .help = "the password"};
inline constexpr OptionSpec kPasswordHash = {
    .kind = OptionKind::kSecret, .name = "password-hash", .help = "an argon2 string in place of a password"};
inline constexpr OptionSpec kInit[] = {
    {.name = "hostname",
     .value = "NAME",
     .help = "the name that people reach Halley by; else this machine's"},
    {.name = "admin", .value = "NAME", .help = "the first administrator; else the user who runs this"},
    kPassword,
    kNoQr};
inline constexpr OptionSpec kOfDeviceAdd[] = {
    {.name = "certificate",
     .value = "FINGERPRINT",
     .help = "no token: it logs in by SASL EXTERNAL with the TLS certificate that has this fingerprint "
             "(SHA-256 or SHA-512)"},
    {.kind = OptionSpec::Kind::kFlag,
     .name = "make-certificate",
     .help = "the same with a new certificate, which is shown once with its key"},
    kNoQr};
inline constexpr OptionSpec kJoin = {
    .name = "join", .value = "CHANNELS", .help = "channels to be in: '#a,#b key'"};
inline constexpr OptionSpec kDetached = {
    .name = "detached", .value = "yes|no", .help = "a channel that is kept, and shown to no ordinary client"};
inline constexpr OptionSpec kUserPasswd[] = {
    kPassword,
    kPasswordHash,
    {.kind = OptionKind::kFlag,
     .name = "devices",
     .help = "forget also the devices that have a token, and the passkeys"}};

inline constexpr OptionSpec kUserReset[] = {
    {.name = "hours", .value = "N", .help = "how long it can be used: 24, at most 720"}};
inline constexpr OptionSpec kInviteAdd[] = {
    {.name = "uses", .value = "N", .help = "how many may register with it: 1, at most 1000"},
    {.name = "days", .value = "N", .help = "how long it can be used: 7, at most 365"},
    {.name = "note", .value = "TEXT", .help = "for whom it is, to be told apart in invite list"}};
inline constexpr ArgumentSpec kId[] = {{ArgumentKind::kRequired, "ID"}};
inline constexpr ArgumentSpec kHistoryArgs[] = {
    {ArgumentKind::kUser, "USER"}, {ArgumentKind::kRequired, "NETWORK"}, {ArgumentKind::kRequired, "TARGET"}};
inline constexpr OptionSpec kHistory[] = {
    {.name = "before",
     .value = "PLACE",
     .help = "the lines before 2026-11-22, 2026-11-22T16:08:05Z, or the line with a msgid; else the newest"},
    {.name = "after", .value = "PLACE", .help = "the oldest from that time on, or behind that line"},
    {.name = "limit", .value = "N", .help = "how many: 50, at most 1000 (in band 100)"}};
inline constexpr ArgumentSpec kSearchArgs[] = {{ArgumentKind::kUser, "USER"},
                                               {ArgumentKind::kRequired, "QUERY"}};
inline constexpr OptionSpec kSearch[] = {
    {.name = "network", .value = "NAME", .help = "on this network only"},
    {.name = "target", .value = "NAME", .help = "in this channel or query only"},
    {.name = "from", .value = "NICK", .help = "said by this nick"},
    {.kind = OptionKind::kRepeated,
     .name = "before",
     .value = "PLACE",
     .help = "said before 2026-11-22, 2026-11-22T16:08:05Z, or the line with a msgid"},
    {.kind = OptionKind::kRepeated, .name = "after", .value = "PLACE", .help = "said after that"},
    {.name = "limit", .value = "N", .help = "how many: 50, at most 1000 (in band 100)"}};
inline constexpr ArgumentSpec kBufferList[] = {{ArgumentKind::kUser, "USER"},
                                               {ArgumentKind::kOptional, "NETWORK"}};
inline constexpr OptionSpec kBufferListOptions[] = {
    {.name = "name", .value = "TEXT", .help = "only those that have this in their name"}};
inline constexpr ArgumentSpec kTrace[] = {{ArgumentKind::kUser, "USER"},
                                          {ArgumentKind::kOptional, "NETWORK"}};
inline constexpr ArgumentSpec kFile[] = {{ArgumentKind::kFile, "FILE"}};
inline constexpr ArgumentSpec kUserFile[] = {{ArgumentKind::kUser, "USER"}, {ArgumentKind::kFile, "FILE"}};
inline constexpr ArgumentSpec kNewUserFile[] = {{ArgumentKind::kRequired, "USER"},
                                                {ArgumentKind::kFile, "FILE"}};
inline constexpr OptionSpec kExport[] = {{.name = "format",
                                          .value = "sqlite|jsonl|text",
                                          .help =
                                              "one SQLite file, unless it is said; one of JSON lines; or a "
                                              "folder of plain-text logs, for reading"}};
inline constexpr ArgumentSpec kPath[] = {{ArgumentKind::kFile, "PATH"}};
inline constexpr ArgumentSpec kImportLogs[] = {
    {ArgumentKind::kRequired, "USER"}, {ArgumentKind::kRequired, "NETWORK"}, {ArgumentKind::kFile, "PATH"}};
inline constexpr OptionSpec kImportSoju[] = {
    {.name = "logs", .value = "DIR", .help = "the folder of soju's file store (message-store fs)"}};
inline constexpr OptionSpec kStatus[] = {
    {.kind = OptionKind::kFlag, .name = "acknowledge", .help = "do not show again what starts found lost"}};

}  // namespace halley::cli::command_specs
