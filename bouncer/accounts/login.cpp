#include "bouncer/accounts/login.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/scram_keys.h"
#include "bouncer/irc/sasl.h"
#include "bouncer/net/address.h"

namespace halley {
namespace {

// Verified in place of a user that does not exist or has no password, so that the answer takes as long. No
// password is known for it.
const std::string kNobody =
    "$argon2id$v=19$m=9216,t=4,p=1$SGFsbGV5c05vYm9keXM$dGhlcmVJc05vUGFzc3dvcmRUaGF0R2l2ZXNUaGlzSA";

constexpr std::uint64_t kMinuteMs = 60'000, kMostLogged = 300;

std::unexpected<Refused> throttled_for(const LoginAttempts::Wait& wait) {
  const std::uint32_t minutes = (wait.seconds + 59) / 60;
  return refuse(
      Refused::Why::kThrottled,
      wait.account
          ? fmt::format("too many failed logins to this account; try again in {} minutes, from where "
                        "you were in before, or with a device's token",
                        minutes)
          : fmt::format("too many failed logins from your address; try again in {} minutes, or with "
                        "a device's token",
                        minutes),
      wait.seconds);
}

}  // namespace

LoginName parse_login_name(std::string_view text) {
  LoginName name;
  std::size_t end = std::min(text.find_first_of("/@"), text.size());
  name.user = text.substr(0, end);
  while (end < text.size()) {
    std::string& part = text[end] == '/' ? name.network : name.device;
    const std::size_t begin = end + 1;
    end = std::min(text.find_first_of("/@", begin), text.size());
    part = text.substr(begin, end - begin);
  }
  return name;
}

Login::Login(Parts parts)
    : loop_(parts.loop),
      random_(parts.random),
      accounts_(parts.accounts),
      config_(parts.config),
      is_live_(std::move(parts.is_live)),
      attempts_(loop_.clock(), config_),
      verifier_(loop_, random_, accounts_.password_key()),
      endpoint_({.loop = loop_, .dialer = parts.dialer, .random = random_, .config = config_.auth}),
      scram_keys_([this](auto job, auto done) { loop_.work(std::move(job), std::move(done)); }, 1) {}

Login::~Login() = default;

void Login::log_refused(std::string_view address, std::string_view who, std::string_view why) {
  ++refused_;
  const std::uint64_t now = loop_.clock().monotonic_ms();
  if (now - refusals_since_ms_ >= kMinuteMs) {
    if (refusals_ > kMostLogged)
      accounts_.audit().warn(fmt::format("{} more logins were refused", refusals_ - kMostLogged));
    refusals_since_ms_ = now;
    refusals_ = 0;
  }
  if (++refusals_ > kMostLogged) return;
  // What was typed as a name may be a password: only names that there are.
  const storage::UserRow* row = accounts_.find_user(who);
  accounts_.audit().warn(fmt::format("login refused from {}: {} ({})",
                                     address.empty() ? "a local socket" : address, why,
                                     row != nullptr ? row->name : "of nobody here"));
}

void Login::log_result(const std::expected<Granted, Refused>& result, const storage::UserRow& row,
                       std::string_view address, std::string_view by) {
  if (!result)
    return log_refused(address, row.name,
                       result.error().why == Refused::Why::kDisabled ? "disabled" : "no such network");
  const std::string from(address.empty() ? std::string_view("a local socket") : address);
  accounts_.audit().info(fmt::format("login of {} from {} by {}", row.name, from, by));
  accounts_.audit().about(
      row.id, {.kind = AuditEntry::What::kLogin, .who = row.name, .from = from, .what = std::string(by)});
}

std::unexpected<Refused> Login::wrong() {
  return refuse(Refused::Why::kWrong, "wrong user name or password");
}

std::optional<Refused> Login::throttled(const LoginAttempts::Guess& guess) {
  const auto wait = attempts_.wait(guess);
  if (wait.seconds == 0) return std::nullopt;
  return throttled_for(wait).error();
}

LoginAttempts::Guess Login::guess_of(const LoginName& name, std::string_view address) const {
  LoginAttempts::Guess guess{.address = group_of_address(address), .name = folded_name(name.user)};
  if (const storage::UserRow* row = accounts_.find_user(name.user)) {
    guess.user = row->id;
    guess.at_home = accounts_.was_in_from(row->id, guess.address);
  }
  return guess;
}

void Login::authenticate(const LoginName& name, std::string_view secret, std::string_view address,
                         bool with_device, Done done) {
  const storage::UserRow* row = accounts_.find_user(name.user);
  if (const auto* device = accounts_.find_token(secret);
      device != nullptr && row != nullptr && device->user == row->id) {
    const DeviceId id = device->id;  // the row is written anew when it is seen
    learn_scram_keys(*device, secret);
    accounts_.device_seen(id);
    auto granted = grant(*row, name, id, false);
    log_result(granted, *row, address, "a token");
    return done(std::move(granted));
  }
  const LoginAttempts::Guess guess = guess_of(name, address);
  if (auto refused = throttled(guess)) {
    log_refused(address, name.user, "too many failed logins");
    return done(std::unexpected(std::move(*refused)));
  }
  Attempt attempt{.with_device = with_device, .address = std::string(address), .done = std::move(done)};
  if (endpoint_.in_use()) return ask_endpoint(name, secret, guess, std::move(attempt));
  const bool can_match = row != nullptr && !row->password_hash.empty();
  const std::string hash = can_match ? row->password_hash : kNobody;
  // The verifier is ours: it calls nobody after we are gone.
  verifier_.verify({.user = can_match ? row->id : 0,
                    .who = guess.address,
                    .hash = hash,
                    .digest = can_match ? accounts_.password_digest(row->id) : std::string(),
                    .password = std::string(secret),
                    .still_wanted = [this, guess] { return attempts_.wait(guess).seconds == 0; }},
                   [this, name, hash, guess,
                    attempt = std::move(attempt)](const PasswordVerifier::Verification& answer) mutable {
                     verified(name, hash, guess, answer, std::move(attempt));
                   });
}

void Login::verified(const LoginName& name, const std::string& hash, const LoginAttempts::Guess& guess,
                     const PasswordVerifier::Verification& answer, Attempt attempt) {
  using Verdict = PasswordVerifier::Verdict;
  if (answer.verdict == Verdict::kBusy)
    return attempt.done(refuse(Refused::Why::kBusy, "too many logins at once; try again in a moment", 2));
  // Those that were tried at the same time as the last allowed one are not answered either.
  if (auto refused = throttled(guess)) {
    log_refused(attempt.address, name.user, "too many failed logins");
    return attempt.done(std::unexpected(std::move(*refused)));
  }
  const storage::UserRow* now = accounts_.user(guess.user);  // gone or changed while it was verified?
  // Another who came with the same password has had a foreign hash replaced by then.
  const bool same = now != nullptr && (now->password_hash == hash ||
                                       (!answer.hash.empty() && now->password_hash == answer.hash));
  if (answer.verdict != Verdict::kRight || !same) {
    attempts_.failed(guess);
    log_refused(attempt.address, name.user, "wrong name or password");
    return attempt.done(wrong());
  }
  accounts_.remember_login(guess.user, guess.address, answer.digest, answer.hash);
  auto granted = grant(*accounts_.user(guess.user), name, 0, attempt.with_device);
  log_result(granted, *accounts_.user(guess.user), attempt.address, "password");
  if (granted) granted->by_password = true;
  attempt.done(std::move(granted));
}

// A token that was made before its keys were kept, or came with an import, gets them when it is used.
void Login::learn_scram_keys(const storage::DeviceRow& device, std::string_view token) {
  if (!device.scram_keys.empty()) return;
  struct Job {
    std::string token, salt, keys;
    ~Job() { wipe(token); }
  };
  auto job = std::make_shared<Job>();
  job->token = token;
  job->salt = accounts_.scram_salt(accounts_.user(device.user)->name);
  // One for each device; what finds no place is made when the token comes again.
  (void)scram_keys_.add({.who = std::to_string(device.id),
                         .still_wanted = nullptr,
                         .run = [job] { job->keys = make_scram_keys(job->token, job->salt); },
                         .finished =
                             [this, job, alive = std::weak_ptr<int>(alive_)](bool) {
                               if (alive.expired()) return;
                               const auto* now = accounts_.find_token(job->token);
                               if (now != nullptr && now->scram_keys.empty())
                                 accounts_.keep_scram_keys(now->id, std::move(job->keys));
                             }},
                        1);
}

std::string Login::challenge(irc::ScramServer& scram) const {
  constexpr std::size_t kNonceBytes = 18;
  std::string nonce(kNonceBytes, '\0');
  random_.fill({reinterpret_cast<unsigned char*>(nonce.data()), nonce.size()});
  const std::string salt = accounts_.scram_salt(parse_login_name(scram.account()).user);
  return scram.challenge(irc::base64_encode(nonce), salt, kTokenScramRounds);
}

// Whoever it is, known or not, sixteen proofs are looked at unless one before is good.
std::expected<Login::Proven, Refused> Login::by_proof(const irc::ScramServer& scram,
                                                      std::string_view client_final,
                                                      std::string_view address) {
  const LoginName name = parse_login_name(scram.account());
  const storage::UserRow* row = accounts_.find_user(name.user);
  int tried = 0;
  if (row != nullptr) {
    for (const auto* device : accounts_.devices(row->id)) {
      if (device->token_hash.empty() || (!name.device.empty() && !same_name(device->name, name.device)))
        continue;
      const auto known = read_scram_keys(device->scram_keys);
      auto signature = known ? scram.finish(client_final, known->keys) : std::unexpected(std::string());
      tried += known ? 1 : 0;
      if (!signature) continue;
      const DeviceId id = device->id;
      accounts_.device_seen(id);
      auto granted = grant(*row, name, id, false);
      log_result(granted, *row, address, "SCRAM with a token");
      if (!granted) return std::unexpected(std::move(granted.error()));
      return Proven{.granted = std::move(*granted), .signature = std::move(*signature)};
    }
  }
  // A name that nobody has, or that has no token, takes as long as one with some.
  constexpr int kTriedAtLeast = 16;
  const std::string nothing(32, '\0');
  for (; tried < kTriedAtLeast; ++tried)
    (void)scram.finish(client_final, {.stored_key = nothing, .server_key = nothing});
  log_refused(address, name.user, "wrong name or token (SCRAM)");
  return refuse(Refused::Why::kWrong,
                "wrong user name or token; SCRAM takes a device's token, and PLAIN the password, too");
}

std::expected<Granted, Refused> Login::by_certificate(const LoginName& name, const net::Peer& peer) {
  const storage::DeviceRow* found = nullptr;
  const storage::UserRow* named = accounts_.find_user(name.user);
  const auto refused = [&](std::string_view what) {
    log_refused(peer.address, name.user, "no such certificate");
    return refuse(Refused::Why::kWrong, std::string(what));
  };
  for (const auto* device : accounts_.find_certificate(peer.cert_fingerprint, peer.cert_sha512)) {
    if (!name.user.empty() && (named == nullptr || device->user != named->id)) continue;
    if (!name.device.empty() && !same_name(device->name, name.device)) continue;
    // A user may have added one certificate in both its forms: then it is the first that counts.
    if (found != nullptr && found->user == device->user) continue;
    if (found != nullptr) return refused("several users have that certificate: say whose device this is");
    found = device;
  }
  if (found == nullptr) {
    return refused(
        fmt::format("no device has this certificate; add it with: device add NAME --certificate {}",
                    peer.cert_fingerprint));
  }
  const DeviceId id = found->id;
  const UserId user = found->user;
  accounts_.device_seen(id);
  auto granted = grant(*accounts_.user(user), name, id, false);
  log_result(granted, *accounts_.user(user), peer.address, "a certificate");
  return granted;
}

std::expected<Granted, Refused> Login::by_token(std::string_view token, std::string_view address) {
  const auto* device = accounts_.find_token(token);
  if (device == nullptr) {
    return std::unexpected(
        refuse_code(address, "no such token",
                    {.why = Refused::Why::kWrong, .message = "no such token; make one with: device add"}));
  }
  const UserId user = device->user;
  const DeviceId id = device->id;
  learn_scram_keys(*device, token);
  accounts_.device_seen(id);
  return grant(*accounts_.user(user), LoginName{}, id, false);
}

Refused Login::refuse_code(std::string_view address, std::string_view logged, Refused otherwise,
                           std::string_view owner) {
  const LoginAttempts::Guess guess{.address = group_of_address(address)};
  if (auto refused = throttled(guess)) return std::move(*refused);
  attempts_.failed(guess);
  log_refused(address, owner, logged);
  return otherwise;
}

std::expected<Granted, Refused> Login::by_passkey(UserId user, std::string_view address) {
  accounts_.remember_login(user, group_of_address(address), {});
  const storage::UserRow& row = *accounts_.user(user);
  auto granted = grant(row, LoginName{}, 0, false);
  log_result(granted, row, address, "a passkey");
  return granted;
}

std::expected<std::string, std::string> Login::unlock(std::string_view what) {
  if (what.empty()) {
    const std::size_t waited = attempts_.forget_all();
    return fmt::format("{} lockout{} lifted", waited, waited == 1 ? "" : "s");
  }
  if (const storage::UserRow* row = accounts_.find_user(what)) {
    const bool counted = attempts_.forget_account(row->id);
    return row->name + (counted ? ": failed logins are forgotten" : ": no login failed");
  }
  if (const net::Address address = net::Address::numeric(std::string(what), 0); address.valid()) {
    const bool counted = attempts_.forget_address(address.group_text());
    return address.group_text() + (counted ? ": failed logins are forgotten" : ": no login failed");
  }
  return std::unexpected(fmt::format("\"{}\" is neither a user nor an address", what));
}

std::expected<Login::Session, Refused> Login::by_session(std::string_view cookie) {
  const auto* session = accounts_.find_session(cookie);
  if (session == nullptr) return refuse(Refused::Why::kWrong, "this login has ended; log in again");
  const std::uint64_t id = session->id;
  const storage::UserRow* row = accounts_.user(session->user);
  const auto granted = grant(*row, LoginName{}, 0, false);
  if (!granted) return std::unexpected(granted.error());
  accounts_.session_seen(id);
  return Session{.user = granted->user, .id = id};
}

std::expected<Granted, Refused> Login::grant(const storage::UserRow& row, const LoginName& name,
                                             DeviceId device, bool with_device) {
  if (!row.enabled || !is_live_(row.id)) {
    return refuse(Refused::Why::kDisabled, "this account is disabled; ask who runs this Halley");
  }
  if (!name.network.empty() && name.network != kAllNetworks &&
      accounts_.find_network(row.id, name.network) == nullptr) {
    std::string known;
    for (const auto* network : accounts_.networks(row.id))
      known += (known.empty() ? "" : ", ") + network->name;
    return refuse(Refused::Why::kUnknownNetwork,
                  known.empty() ? "you have no network yet; add one with: network add"
                                : fmt::format("you have no network \"{}\"; yours: {}", name.network, known));
  }
  if (with_device) {
    const auto made = accounts_.device_for(row.id, name.device);
    if (!made) return refuse(Refused::Why::kTooMany, made.error());
    device = *made;
  }
  return Granted{.user = row.id, .device = device, .network = name.network};
}

}  // namespace halley
