#include "bouncer/accounts/login.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace halley {
namespace {

constexpr std::uint64_t kWindowMs = 10 * 60 * 1000;
constexpr std::size_t kMostAddresses = 10'000;

// Verified in place of a user that does not exist or has no password, so that the answer takes as long. No
// password is known for it.
const std::string kNobody =
    "$argon2id$v=19$m=9216,t=4,p=1$SGFsbGV5c05vYm9keXM$dGhlcmVJc05vUGFzc3dvcmRUaGF0R2l2ZXNUaGlzSA";

std::unexpected<Refused> refuse(Refused::Why why, std::string message, std::uint32_t retry_after_s = 0) {
  return std::unexpected(Refused{why, std::move(message), retry_after_s});
}

std::unexpected<Refused> wrong() {
  return refuse(Refused::Why::kWrong, "wrong user name or password");
}

std::unexpected<Refused> throttled_for(std::uint32_t seconds) {
  return refuse(
      Refused::Why::kThrottled,
      fmt::format("too many failed logins from your address; try again in {} minutes", (seconds + 59) / 60),
      seconds);
}

// Attempts are counted for an IPv4 address or an IPv6 /64, which one host usually has to itself.
std::string throttle_key(std::string_view address) {
  std::array<unsigned char, 16> bytes{};
  const std::string text(address);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  static constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
  }
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return std::string(inet_ntop(AF_INET6, bytes.data(), out.data(), out.size())) + "/64";
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

Login::Login(net::Loop& loop, net::Random& random, Accounts& accounts, const Config& config,
             FindUser find_user)
    : loop_(loop),
      accounts_(accounts),
      config_(config),
      find_user_(std::move(find_user)),
      verifier_(loop, random) {}

Login::~Login() = default;

void Login::authenticate(const LoginName& name, std::string_view secret, std::string_view address,
                         bool with_device, Done done) {
  std::uint32_t retry_after_s = 0;
  if (throttled(address, retry_after_s)) return done(throttled_for(retry_after_s));
  const storage::UserRow* row = accounts_.find_user(name.user);
  if (const auto* device = accounts_.find_token(secret);
      device != nullptr && row != nullptr && device->user == row->id) {
    const DeviceId id = device->id;  // the row is written anew when it is seen
    accounts_.device_seen(id);
    return done(grant(*row, name, id, false));
  }
  const bool can_match = row != nullptr && !row->password_hash.empty();
  const UserId id = can_match ? row->id : 0;
  const std::string hash = can_match ? row->password_hash : kNobody;
  // The verifier is ours: it calls nobody after we are gone.
  verifier_.verify(
      id, hash, secret,
      [this, id, hash, name, address = std::string(address), with_device,
       done = std::move(done)](PasswordVerifier::Verdict verdict) {
        if (verdict == PasswordVerifier::Verdict::kBusy) {
          return done(refuse(Refused::Why::kBusy, "too many logins at once; try again in a moment", 2));
        }
        // Those that were tried at the same time as the last allowed one are not answered either.
        std::uint32_t seconds = 0;
        if (throttled(address, seconds)) return done(throttled_for(seconds));
        const storage::UserRow* now = accounts_.user(id);  // gone or changed while it was verified?
        if (verdict != PasswordVerifier::Verdict::kRight || now == nullptr || now->password_hash != hash) {
          failed(address);
          return done(wrong());
        }
        done(grant(*now, name, 0, with_device));
      });
}

std::expected<Granted, Refused> Login::by_token(std::string_view token, std::string_view address) {
  std::uint32_t retry_after_s = 0;
  if (throttled(address, retry_after_s)) return throttled_for(retry_after_s);
  const auto* device = accounts_.find_token(token);
  if (device == nullptr) {
    failed(address);
    return refuse(Refused::Why::kWrong, "no such token; make one with: device add");
  }
  const UserId user = device->user;
  const DeviceId id = device->id;
  accounts_.device_seen(id);
  return grant(*accounts_.user(user), LoginName{}, id, false);
}

std::expected<Login::Session, Refused> Login::by_session(std::string_view cookie) {
  const auto* session = accounts_.find_session(cookie);
  if (session == nullptr) return refuse(Refused::Why::kWrong, "this login has ended; log in again");
  const std::uint64_t id = session->id;
  const storage::UserRow* row = accounts_.user(session->user);
  const auto granted = grant(*row, LoginName{}, 0, false);
  if (!granted) return std::unexpected(granted.error());
  accounts_.session_seen(id);
  return Session{granted->user, id};
}

std::expected<Granted, Refused> Login::grant(const storage::UserRow& row, const LoginName& name,
                                             DeviceId device, bool with_device) {
  User* user = row.enabled ? find_user_(row.id) : nullptr;
  if (user == nullptr) {
    return refuse(Refused::Why::kDisabled, "this account is disabled; ask who runs this Halley");
  }
  if (!name.network.empty() && accounts_.find_network(row.id, name.network) == nullptr) {
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
  return Granted{user, device, name.network};
}

bool Login::throttled(std::string_view address, std::uint32_t& retry_after_s) {
  const auto found = attempts_.find(throttle_key(address));
  if (found == attempts_.end()) return false;
  const std::uint64_t age = loop_.clock().monotonic_ms() - found->second.since_ms;
  if (age >= kWindowMs) {
    attempts_.erase(found);
    return false;
  }
  if (found->second.failed < config_.limits.login_attempts) return false;
  retry_after_s = static_cast<std::uint32_t>((kWindowMs - age + 999) / 1000);
  return true;
}

void Login::failed(std::string_view address) {
  const std::uint64_t now = loop_.clock().monotonic_ms();
  const auto [entry, fresh] = attempts_.try_emplace(throttle_key(address), Attempts{0, now});
  if (!fresh && now - entry->second.since_ms >= kWindowMs) entry->second = {0, now};
  ++entry->second.failed;
  if (attempts_.size() <= kMostAddresses) return;

  std::vector<std::uint64_t> since;
  since.reserve(attempts_.size());
  for (const auto& [key, attempts] : attempts_) since.push_back(attempts.since_ms);
  const auto middle = since.begin() + static_cast<std::ptrdiff_t>(since.size() / 2);
  std::nth_element(since.begin(), middle, since.end());
  std::erase_if(attempts_, [limit = *middle](const auto& item) { return item.second.since_ms < limit; });
  // All in one millisecond: none is older, so all go rather than grow.
  if (attempts_.size() > kMostAddresses) attempts_.clear();
}

}  // namespace halley
