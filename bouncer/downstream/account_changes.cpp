#include "bouncer/downstream/account_changes.h"

#include <fmt/format.h>

#include <utility>

#include "bouncer/accounts/accounts.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"

namespace halley {
namespace {

void audit_change(const Downstream& client, const std::string& what) {
  const User* user = client.granted_user();
  if (!user) return;
  const Audit& audit = client.accounts().audit();
  audit.info(fmt::format("{} by {}", what, user->name()));
  audit.about(
      user->id(),
      {.kind = AuditEntry::What::kChange, .who = user->name(), .from = client.peer().address, .what = what});
}

UserId user_of(const Downstream& client) {
  const User* user = client.granted_user();
  return user ? user->id() : 0;
}

}  // namespace

bool may_change(const Downstream& client) {
  return client.accounts().takes_changes(user_of(client));
}

void commit_change(Downstream& client, std::string what,
                   std::function<void(const storage::Status& status)> answer) {
  const AnswerId asked = client.asked_store();
  client.accounts().flush(
      [&client, asked, alive = client.alive(), what = std::move(what),
       answer = std::move(answer)](const storage::Status& status) {
        if (alive.expired()) return;
        if (status) audit_change(client, what);
        // It may have removed the very network that the client was bound to.
        const Answering answering(client, asked);
        if (!client.registered() || client.user()) answer(status);
        client.store_answered(asked);
      },
      user_of(client));
}

}  // namespace halley
