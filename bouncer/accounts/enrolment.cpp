#include "bouncer/accounts/enrolment.h"

#include <fmt/format.h>

#include <utility>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/password.h"
#include "bouncer/accounts/unsaved.h"

namespace halley {
namespace {

// Beside the logins, which have two at once of their own.
constexpr std::size_t kMostEnrolmentHashes = 1;

Refused no_such_code() {
  return {.why = Refused::Why::kBadCode,
          .message =
              "this link is of no use any more: it has been used or replaced, or its time is over; ask "
              "who runs this Halley for another"};
}

}  // namespace

Enrolment::Enrolment(const Parts& parts)
    : random_(parts.random),
      accounts_(parts.accounts),
      login_(parts.login),
      hashes_([&loop = parts.loop](auto job, auto done) { loop.work(std::move(job), std::move(done)); },
              kMostEnrolmentHashes) {}

// A password of ours would open nothing.
bool Enrolment::refuses_all(const Done& done) const {
  if (!login_.asks_elsewhere()) return false;
  done(refuse(Refused::Why::kUnfit, "passwords are not kept here any more; ask who runs this Halley"));
  return true;
}

void Enrolment::reset_password(NewPassword wanted, std::string_view address, Done done) {
  if (refuses_all(done)) return;
  const auto* ticket = accounts_.find_ticket(wanted.code);
  if (ticket == nullptr || ticket->user == 0)
    return done(std::unexpected(login_.refuse_code(address, "no such reset token", no_such_code())));
  if (!accounts_.user(ticket->user)->enabled)
    return done(refuse(Refused::Why::kDisabled, "this account is disabled; ask who runs this Halley"));
  hash(std::move(wanted.password), address, done,
       [this, code = std::move(wanted.code), from = std::string(address), done](std::string hash) {
         const auto* now = accounts_.find_ticket(code);  // used or replaced while it was hashed?
         if (now == nullptr || now->user == 0) return done(std::unexpected(no_such_code()));
         const UserId id = now->user;
         const std::string name = accounts_.user(id)->name;
         const auto set = accounts_.set_password_hash(name, std::move(hash), Accounts::Tokens::kKeep);
         if (!set) {
           accounts_.rollback();
           return done(refuse(Refused::Why::kUnfit, set.error()));
         }
         commit(id, fmt::format("password of {} set from {} by a reset token", name, from),
                {.kind = AuditEntry::What::kChange,
                 .who = name,
                 .from = from,
                 .what = "password set by a reset link"},
                done);
       });
}

void Enrolment::register_user(NewUser wanted, std::string_view address, Done done) {
  if (refuses_all(done)) return;
  const auto* ticket = accounts_.find_ticket(wanted.code);
  if (ticket == nullptr || ticket->user != 0)
    return done(std::unexpected(login_.refuse_code(address, "no such invitation", no_such_code())));
  if (const auto good = accounts_.check_new_user(wanted.name); !good)
    return done(refuse(Refused::Why::kUnfit, good.error()));
  hash(std::move(wanted.password), address, done,
       [this, code = std::move(wanted.code), name = std::move(wanted.name), from = std::string(address),
        done](std::string hash) {
         const auto* now = accounts_.find_ticket(code);
         if (now == nullptr || now->user != 0) return done(std::unexpected(no_such_code()));
         const std::uint64_t invitation = now->id;
         const auto added = accounts_.add_user(name, std::move(hash), false);
         if (!added) {
           accounts_.rollback();
           return done(refuse(Refused::Why::kUnfit, added.error()));
         }
         accounts_.use_ticket(invitation);
         commit((*added)->id,
                fmt::format("user {} registered from {} by invitation {}", name, from, invitation),
                {.kind = AuditEntry::What::kChange,
                 .who = name,
                 .from = from,
                 .what = fmt::format("registered by invitation {}", invitation)},
                done);
       });
}

void Enrolment::hash(std::string password, std::string_view address, const Done& done, Then then) {
  if (std::string why = check_new_password(password); !why.empty())
    return done(refuse(Refused::Why::kUnfit, std::move(why)));
  struct Job {
    std::string password, hash;
    ~Job() { wipe(password); }
  };
  auto job = std::make_shared<Job>();
  job->password = std::move(password);
  const bool queued =
      hashes_.add({.who = std::string(address),
                   .still_wanted = nullptr,
                   // The job may outlive us; what it needs outlives both.
                   .run = [job, random = &random_] { job->hash = hash_password(job->password, *random); },
                   .finished =
                       [job, then = std::move(then), alive = std::weak_ptr<int>(alive_)](bool) {
                         if (!alive.expired()) then(std::move(job->hash));
                       }},
                  kMostWaitingOfAddress);
  if (!queued)
    done(std::unexpected(Refused{.why = Refused::Why::kBusy,
                                 .message = "too many passwords wait to be hashed; try again in a moment",
                                 .retry_after_s = 2}));
}

void Enrolment::commit(UserId user, std::string what, AuditEntry change, Done done) {
  if (!accounts_.takes_changes(user)) {
    accounts_.rollback();
    return done(refuse(Refused::Why::kBusy, std::string(kTooManyUnsaved)));
  }
  accounts_.flush(
      [this, user, what = std::move(what), change = std::move(change), done = std::move(done),
       alive = std::weak_ptr<int>(alive_)](const storage::Status& status) {
        if (alive.expired()) return;
        if (!status) {
          return done(refuse(Refused::Why::kBusy, unsaved_text(status.error())));
        }
        accounts_.audit().info(what);
        if (accounts_.user(user) != nullptr) accounts_.audit().about(user, change);  // not removed meanwhile
        done(user);
      },
      user);
}

}  // namespace halley
