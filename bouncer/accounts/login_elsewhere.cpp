// Login: passwords that another program checks (auth.http).
#include <fmt/format.h>

#include <utility>

#include "bouncer/accounts/login.h"
#include "bouncer/accounts/password.h"

namespace halley {
namespace {

constexpr std::uint32_t kTryAgainS = 5;

}  // namespace

// Whether there is such an account here is told to nobody who has not its password: both are asked for.
void Login::ask_endpoint(const LoginName& name, std::string_view secret, const LoginAttempts::Guess& guess,
                         Attempt attempt) {
  const storage::UserRow* row = accounts_.find_user(name.user);
  // Some say yes to a name alone (LDAP's unauthenticated bind): an empty password is never asked about.
  if (secret.empty() || secret.size() > kMostPassword || (row == nullptr && !is_account_name(name.user)))
    return told(name, guess, {.word = PasswordEndpoint::Word::kNo}, std::move(attempt));
  endpoint_.ask({.name = row != nullptr ? row->name : name.user,
                 .password = std::string(secret),
                 .who = guess.address,
                 .still_wanted = [this, guess] { return attempts_.wait(guess).seconds == 0; }},
                [this, name, guess, attempt = std::move(attempt)](const PasswordEndpoint::Answer& answer) {
                  told(name, guess, answer, attempt);
                });
}

void Login::told(const LoginName& name, const LoginAttempts::Guess& guess,
                 const PasswordEndpoint::Answer& answer, Attempt attempt) {
  using Word = PasswordEndpoint::Word;
  if (answer.word == Word::kBusy)
    return attempt.done(refuse(Refused::Why::kBusy, "too many logins at once; try again in a moment", 2));
  if (answer.word == Word::kNone) {
    log_refused(attempt.address, name.user, fmt::format("auth.http gave no answer: {}", answer.why));
    return attempt.done(refuse(Refused::Why::kBusy,
                               "passwords cannot be checked just now, right or wrong; try again in a moment, "
                               "or with a device's token",
                               kTryAgainS));
  }
  // Those that were asked about at the same time as the last allowed one are not answered either.
  if (auto refused = throttled(guess)) {
    log_refused(attempt.address, name.user, "too many failed logins");
    return attempt.done(std::unexpected(std::move(*refused)));
  }
  if (answer.word != Word::kYes) {
    attempts_.failed(guess);
    log_refused(attempt.address, name.user, "wrong name or password");
    return attempt.done(wrong());
  }
  if (const storage::UserRow* row = accounts_.find_user(name.user))
    return welcome(row->id, name, guess, attempt);
  add_newcomer(name, guess, std::move(attempt));
}

void Login::add_newcomer(const LoginName& name, const LoginAttempts::Guess& guess, Attempt attempt) {
  if (!config_.auth.create) {
    log_refused(attempt.address, name.user, "no account here (auth.create)");
    return attempt.done(
        refuse(Refused::Why::kDisabled,
               "your password is right, but you have no account here; ask who runs this Halley"));
  }
  const auto added = accounts_.add_user(name.user, {}, false);
  if (!added || !accounts_.takes_changes((*added)->id)) {
    accounts_.rollback();
    return attempt.done(refuse(
        Refused::Why::kBusy,
        added ? "too many changes wait for the disk; try again in a moment" : added.error(), kTryAgainS));
  }
  const UserId id = (*added)->id;
  accounts_.flush([this, id, name, guess, attempt = std::move(attempt),
                   alive = std::weak_ptr<int>(alive_)](const storage::Status& status) {
    if (alive.expired()) return;
    if (!status) {
      return attempt.done(refuse(Refused::Why::kBusy,
                                 fmt::format("your account cannot be written to disk: {}", status.error()),
                                 kTryAgainS));
    }
    accounts_.audit().info(
        fmt::format("user {} added at the first login, by the word of auth.http", name.user));
    welcome(id, name, guess, attempt);
  });
}

void Login::welcome(UserId user, const LoginName& name, const LoginAttempts::Guess& guess,
                    const Attempt& attempt) {
  accounts_.remember_login(user, guess.address, {});
  const storage::UserRow* row = accounts_.user(user);
  if (row == nullptr) return attempt.done(wrong());  // removed while it was written
  auto granted = grant(*row, name, 0, attempt.with_device);
  log_result(granted, *accounts_.user(user), attempt.address, "password (auth.http)");
  if (granted) granted->by_password = true;
  attempt.done(std::move(granted));
}

}  // namespace halley
