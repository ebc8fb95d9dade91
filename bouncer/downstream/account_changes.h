// What a client changes of its user's account by commands of IRC: networks (BOUNCER), certificates
// (CLIENTCERT).
//
// Thread: the loop's.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "storage/api/store.h"

namespace halley {

class Downstream;

// What a client is told when Accounts::takes_changes() is false.
inline constexpr std::string_view kTakesNoChanges =
    "Nothing was done: too many changes wait for the disk; try again later";

// May the client's user change something now? Else what was changed in this turn is to be rolled back.
bool may_change(const Downstream& client);

// Commits what was changed of client.accounts() in this turn, and calls `answer` once it is on disk, or
// cannot be. It is then told to the operator and to whoever looks at the account, as `what` ("BOUNCER
// DELNETWORK 3": of names only what is ours). `answer` is not called when the client has gone meanwhile, or
// its user. REQUIRES: the user has logged in, welcomed yet or not.
void commit_change(Downstream& client, std::string what,
                   std::function<void(const storage::Status& status)> answer);

}  // namespace halley
