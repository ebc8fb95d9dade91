#include "bouncer/accounts/passkeys.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/login_attempts.h"
#include "bouncer/accounts/unsaved.h"

namespace halley {
namespace {

WebAuthnQuestion question_of(WebAuthnQuestion::What what, std::string challenge,
                             const Passkeys::Visit& visit) {
  return {.what = what, .challenge = std::move(challenge), .origin = visit.origin, .host = visit.host};
}

std::unexpected<Refused> unfit(std::string message) {
  return std::unexpected(Refused{.why = Refused::Why::kUnfit, .message = std::move(message)});
}

// A device that counts has counted on; one that has a copy of its key has not.
bool goes_back(std::uint32_t now, std::uint32_t before) {
  return (now != 0 || before != 0) && now <= before;
}

constexpr const char* kGone =
    "the question was answered before, is older than five minutes, or was put to another browser; try again";

}  // namespace

void Passkeys::name_browser(Visit& visit) {
  if (visit.browser.empty()) visit.browser = random_token("", parts_.random);
}

std::string Passkeys::ask(UserId user, std::string handle, const Visit& visit) {
  const std::uint64_t now = parts_.clock.monotonic_ms();
  while (!waiting_.empty() && waiting_.front().until_ms <= now) waiting_.pop_front();
  const std::string group = group_of_address(visit.address);
  const auto is_theirs = [&](const Challenge& one) { return one.visit.address == group; };
  if (std::ranges::count_if(waiting_, is_theirs) >= std::ptrdiff_t{kMostChallengesOfAddress})
    waiting_.erase(std::ranges::find_if(waiting_, is_theirs));
  if (waiting_.size() >= kMostChallenges) waiting_.pop_front();
  Challenge& made = waiting_.emplace_back(Challenge{.text = random_token("", parts_.random),
                                                    .user = user,
                                                    .handle = std::move(handle),
                                                    .visit = visit,
                                                    .until_ms = now + kChallengeMs});
  made.visit.address = group;
  return made.text;
}

std::optional<Passkeys::Challenge> Passkeys::take(std::string_view client_data, UserId user,
                                                  const Visit& visit) {
  const auto found =
      std::ranges::find(waiting_, challenge_of(client_data), [](const Challenge& one) { return one.text; });
  if (found == waiting_.end()) return std::nullopt;
  Challenge taken = std::move(*found);
  waiting_.erase(found);
  const bool good = taken.until_ms > parts_.clock.monotonic_ms() && taken.user == user &&
                    !visit.browser.empty() && taken.visit.browser == visit.browser;
  return good ? std::optional(std::move(taken)) : std::nullopt;
}

Passkeys::Creation Passkeys::begin_creation(UserId user, const Visit& visit) {
  Creation out{.challenge = {}, .handle = parts_.accounts.passkey_handle(user), .known = {}};
  out.challenge = ask(user, out.handle, visit);
  for (const auto* row : parts_.accounts.passkeys(user)) out.known.push_back(row->credential_id);
  return out;
}

void Passkeys::finish_creation(UserId user, const Visit& visit, Made made, Done done) {
  const auto asked = take(made.client_data, user, visit);
  if (!asked) return done(unfit(kGone));
  const auto data = check_answer(question_of(WebAuthnQuestion::What::kCreate, asked->text, asked->visit),
                                 made.client_data, made.authenticator_data);
  if (!data) return done(unfit(fmt::format("this passkey cannot be used: {}", data.error())));
  if (const std::string wrong = check_public_key(made.algorithm, made.public_key); !wrong.empty())
    return done(unfit(fmt::format("this passkey cannot be used: {}", wrong)));
  const auto added = parts_.accounts.add_passkey({.user = user,
                                                  .name = std::move(made.name),
                                                  .host = asked->visit.host,
                                                  .credential_id = std::string(data->credential_id),
                                                  .handle = asked->handle,
                                                  .public_key = std::move(made.public_key),
                                                  .algorithm = made.algorithm,
                                                  .counter = data->counter});
  if (!added) {
    parts_.accounts.rollback();
    return done(unfit(added.error()));
  }
  commit(**added, visit, std::move(done));
}

void Passkeys::commit(const storage::PasskeyRow& row, const Visit& visit, Done done) {
  Accounts& accounts = parts_.accounts;
  const auto busy = [](std::string message) {
    return std::unexpected(Refused{.why = Refused::Why::kBusy, .message = std::move(message)});
  };
  if (!accounts.takes_changes(row.user)) {
    accounts.rollback();
    return done(busy(std::string(kTooManyUnsaved)));
  }
  accounts.flush(
      [&accounts, user = row.user, id = row.id, from = visit.address, busy, done = std::move(done),
       alive = std::weak_ptr<int>(alive_)](const storage::Status& status) {
        if (alive.expired()) return;
        if (!status) return done(busy(unsaved_text(status.error())));
        if (const auto* owner = accounts.user(user)) {
          accounts.audit().info(fmt::format("passkey {} of {} made from {}", id, owner->name, from));
          accounts.audit().about(user, {.kind = AuditEntry::What::kChange,
                                        .who = owner->name,
                                        .from = from,
                                        .what = fmt::format("passkey {} made", id)});
        }
        done(id);
      },
      row.user);
}

std::string Passkeys::begin_login(const Visit& visit) {
  return ask(0, {}, visit);
}

std::unexpected<Refused> Passkeys::refused(const Visit& visit, const storage::PasskeyRow* row,
                                           std::string_view why) {
  const storage::UserRow* owner = row != nullptr ? parts_.accounts.user(row->user) : nullptr;
  const std::string name = owner != nullptr ? owner->name : std::string();
  return std::unexpected(parts_.login.refuse_code(
      visit.address, fmt::format("passkey: {}", why),
      {.why = Refused::Why::kWrong,
       .message = fmt::format("this passkey does not let in: {}; log in with the password", why)},
      name));
}

std::expected<UserId, Refused> Passkeys::finish_login(const Visit& visit, const Assertion& assertion) {
  const auto asked = take(assertion.client_data, 0, visit);
  const auto* row = parts_.accounts.find_passkey(assertion.credential_id);
  if (!asked) return refused(visit, row, kGone);
  if (row == nullptr) return refused(visit, row, "it is not known here, or was revoked");
  if (!assertion.handle.empty() && assertion.handle != row->handle)
    return refused(visit, row, "it is another user's");
  const auto data = check_answer(question_of(WebAuthnQuestion::What::kGet, asked->text, asked->visit),
                                 assertion.client_data, assertion.authenticator_data);
  if (!data) return refused(visit, row, data.error());
  if (row->host != asked->visit.host) return refused(visit, row, "it was made for another site");
  if (!is_signed(row->algorithm, row->public_key, assertion.authenticator_data, assertion.client_data,
                 assertion.signature))
    return refused(visit, row, "its signature is wrong");
  const UserId user = row->user;
  const std::uint64_t id = row->id;
  if (goes_back(data->counter, row->counter)) {
    const std::string& name = parts_.accounts.user(user)->name;
    parts_.accounts.audit().warn(
        fmt::format("the counter of {}'s passkey {} went back, from {}: somebody may have a copy of it", name,
                    id, visit.address));
    parts_.accounts.audit().about(
        user, {.kind = AuditEntry::What::kChange,
               .who = name,
               .from = visit.address,
               .what = fmt::format("login refused as the counter of passkey {} went back", id)});
    return refused(
        visit, row,
        "its counter went back, so that somebody may have a copy of it; revoke it and make another");
  }
  const auto* typed = parts_.accounts.find_user(assertion.user_name);
  if (!assertion.user_name.empty() && (typed == nullptr || typed->id != user))
    return refused(visit, row, "it is another user's than the one that you named");
  parts_.accounts.passkey_used(user, id, data->counter);
  const auto granted = parts_.login.by_passkey(user, visit.address);
  if (!granted) return std::unexpected(granted.error());
  return granted->user;
}

}  // namespace halley
