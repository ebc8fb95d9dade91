// The functions behind the rows of the command table: one a command, short, and all checks in Accounts.
//
// Thread: the loop's. `call` is valid during the call, its environment until `done` was called, which is
// once, now or later. REQUIRES: the line fits its row, the caller may_use() it, and `call.user` is a user
// where the row is of Who::kOwn.
#pragma once

#include "bouncer/cli/command.h"

namespace halley::cli {

// Where another program knows the passwords: none of ours is set. nullopt: they are ours.
std::optional<CommandResult> refuse_password(const CommandCall& call);

CommandResult user_add(CommandCall& call);
CommandResult user_list(CommandCall& call);  // without what the store has of the log
CommandResult user_show(CommandCall& call);  // nor of logins and changes
CommandResult user_passwd(CommandCall& call);
CommandResult user_rename(CommandCall& call);
CommandResult user_set(CommandCall& call);
CommandResult user_disable(CommandCall& call);
CommandResult user_enable(CommandCall& call);
CommandResult user_remove(CommandCall& call);
CommandResult user_reset(CommandCall& call);
CommandResult invite_add(CommandCall& call);
CommandResult invite_list(CommandCall& call);
CommandResult invite_revoke(CommandCall& call);

CommandResult network_add(CommandCall& call);
CommandResult network_list(CommandCall& call);
CommandResult network_show(CommandCall& call);
CommandResult network_set(CommandCall& call);
CommandResult network_rename(CommandCall& call);
CommandResult network_connect(CommandCall& call);
CommandResult network_disconnect(CommandCall& call);
CommandResult network_remove(CommandCall& call);

CommandResult device_add(CommandCall& call);
CommandResult device_list(CommandCall& call);
CommandResult device_hide(CommandCall& call);
CommandResult device_unhide(CommandCall& call);
CommandResult device_rename(CommandCall& call);
CommandResult device_revoke(CommandCall& call);
CommandResult passkey_list(CommandCall& call);
CommandResult passkey_rename(CommandCall& call);
CommandResult passkey_revoke(CommandCall& call);
CommandResult session_list(CommandCall& call);
CommandResult session_revoke(CommandCall& call);

CommandResult rule_list(CommandCall& call);
CommandResult rule_add(CommandCall& call);
CommandResult rule_remove(CommandCall& call);

CommandResult upload_list(CommandCall& call);
CommandResult upload_remove(CommandCall& call);

using CommandDone = std::function<void(CommandResult)>;
void user_list_all(CommandCall& call, CommandDone done);
void user_show_all(CommandCall& call, CommandDone done);
void device_list_all(CommandCall& call, CommandDone done);
void history(CommandCall& call, CommandDone done);
void search(CommandCall& call, CommandDone done);
void backup(CommandCall& call, CommandDone done);
void export_user(CommandCall& call, CommandDone done);
void buffer_list(CommandCall& call, CommandDone done);
void buffer_set(CommandCall& call, CommandDone done);
void buffer_remove(CommandCall& call, CommandDone done);
void prune(CommandCall& call, CommandDone done);
void reindex(CommandCall& call, CommandDone done);
void doctor(CommandCall& call, CommandDone done);

CommandResult outbox_list(CommandCall& call);
CommandResult outbox_cancel(CommandCall& call);
CommandResult outbox_send(CommandCall& call);

CommandResult push_list(CommandCall& call);
CommandResult push_remove(CommandCall& call);

// Begun: the follower is told what comes, and its end.
CommandResult trace(CommandCall& call, const std::shared_ptr<Follower>& follower);

CommandResult unlock(CommandCall& call);
CommandResult notice(CommandCall& call);
CommandResult status(CommandCall& call);
CommandResult reload(CommandCall& call);
CommandResult version(CommandCall& call);
CommandResult help(CommandCall& call);

}  // namespace halley::cli
