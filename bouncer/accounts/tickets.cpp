// Accounts: codes that let in who has no login - for a user's password, and invitations.
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/accounts.h"
#include "bouncer/accounts/digest.h"
#include "bouncer/irc/bytes.h"

namespace halley {
namespace {

constexpr std::size_t kMostInvitations = 256;
constexpr std::size_t kMostInvitationNote = 200;  // bytes

}  // namespace

bool Accounts::is_good(const storage::TicketRow& row) const {
  return row.uses > 0 && now_ms() < row.until_ms;
}

void Accounts::put(storage::TicketRow row) {
  const std::uint64_t id = row.id;
  std::function<void()> undo = [this, id] { tickets_.erase(id); };
  if (const auto old = tickets_.find(id); old != tickets_.end())
    undo = [this, before = old->second] { tickets_.insert_or_assign(before.id, before); };
  tickets_.insert_or_assign(id, row);
  record(storage::PutTicket{std::move(row)}, std::move(undo), nullptr);
}

void Accounts::drop_ticket(std::uint64_t id) {
  auto node = tickets_.extract(id);
  record(
      storage::RemoveTicket{id},
      [this, old = std::move(node.mapped())] { tickets_.insert_or_assign(old.id, old); }, nullptr);
}

// Those of a user (not 0), or what nobody can use any more.
void Accounts::drop_tickets(UserId user) {
  std::vector<std::uint64_t> gone;
  for (const auto& [id, row] : tickets_) {
    if (user != 0 ? row.user == user : !is_good(row)) gone.push_back(id);
  }
  for (const std::uint64_t id : gone) drop_ticket(id);
}

Accounts::NewTicket Accounts::add_ticket(storage::TicketRow row) {
  NewTicket made{.id = ++last_ticket_, .code = random_token("", random_), .until_ms = row.until_ms};
  row.id = made.id;
  row.code_hash = sha256_hex(made.code);
  row.created_ms = now_ms();
  put(std::move(row));
  return made;
}

Accounts::Result<Accounts::NewTicket> Accounts::add_reset(std::string_view user_name, std::int64_t until_ms) {
  const auto found = require_user(user_name);
  if (!found) return std::unexpected(found.error());
  const UserId id = (*found)->id;
  drop_tickets(0);
  drop_tickets(id);
  return add_ticket({.user = id, .code_hash = {}, .until_ms = until_ms});
}

Accounts::Result<Accounts::NewTicket> Accounts::add_invitation(const Invitation& draft) {
  if (irc::has_forbidden_byte(draft.note) || draft.note.size() > kMostInvitationNote)
    return std::unexpected(
        fmt::format("the note of an invitation is one line of at most {} bytes", kMostInvitationNote));
  drop_tickets(0);
  if (invitations().size() >= kMostInvitations) {
    return std::unexpected(
        fmt::format("there are {} invitations already; revoke one, see invite list", kMostInvitations));
  }
  return add_ticket({.code_hash = {}, .uses = draft.uses, .note = draft.note, .until_ms = draft.until_ms});
}

Accounts::Result<void> Accounts::revoke_invitation(std::uint64_t id) {
  const auto found = tickets_.find(id);
  if (found == tickets_.end() || found->second.user != 0)
    return std::unexpected(fmt::format("there is no invitation {}; see invite list", id));
  drop_ticket(id);
  return {};
}

void Accounts::use_ticket(std::uint64_t id) {
  storage::TicketRow row = tickets_.at(id);
  if (--row.uses == 0) return drop_ticket(id);
  put(std::move(row));
}

// As many as there are invitations and resets: few.
const storage::TicketRow* Accounts::find_ticket(std::string_view code) const {
  if (tickets_.empty()) return nullptr;
  const std::string hash = sha256_hex(code);
  const auto found =
      std::ranges::find_if(tickets_, [&](const auto& one) { return one.second.code_hash == hash; });
  return found != tickets_.end() && is_good(found->second) ? &found->second : nullptr;
}

std::vector<const storage::TicketRow*> Accounts::invitations() const {
  std::vector<const storage::TicketRow*> out;
  for (const auto& [id, row] : tickets_) {
    if (row.user == 0 && is_good(row)) out.push_back(&row);
  }
  return out;
}

}  // namespace halley
