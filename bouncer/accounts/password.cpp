#include "bouncer/accounts/password.h"

#include <argon2.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bouncer/accounts/digest.h"
#include "bouncer/irc/bytes.h"

namespace halley {
namespace {

constexpr std::uint32_t kMemoryKib = 9 * 1024, kPasses = 4, kLanes = 1;
constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
constexpr std::uint32_t kMostMemoryKib = 256 * 1024, kMostPasses = 20, kMostLanes = 16;

constexpr std::size_t kMostHashing = 256;   // different passwords that wait for the slow hash
constexpr std::size_t kMostWaiters = 4096;  // callers that wait, also for the same one

struct Encoded {
  argon2_type type;
  std::uint32_t memory_kib, passes, lanes;
};

// "name=NUMBER" at the front of `text`; takes it off.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool is_base64(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most) return false;
  for (const char c : text) {
    const bool good =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    if (!good) return false;
  }
  return true;
}

// "$argon2id$v=19$m=9216,t=4,p=1$SALT$HASH", as libargon2 and PHC write it.
std::expected<Encoded, std::string> parse_encoded(std::string_view text) {
  Encoded encoded{};
  const std::string_view whole = text;
  const auto starts = [&text](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  };
  if (irc::contains(whole, '\0')) return std::unexpected("not an argon2 string");
  if (starts("$argon2id$")) {
    encoded.type = Argon2_id;
  } else if (starts("$argon2i$")) {
    encoded.type = Argon2_i;
  } else if (starts("$argon2d$")) {
    encoded.type = Argon2_d;
  } else {
    return std::unexpected("not an argon2 string: it should begin with $argon2id$");
  }
  if (text.starts_with("v=") && !starts("v=19$") && !starts("v=16$"))
    return std::unexpected("an unknown argon2 version");
  const auto memory = take_number(text, "m=");
  const auto passes = take_number(text, ",t=");
  const auto lanes = take_number(text, ",p=");
  if (!memory || !passes || !lanes || !starts("$"))
    return std::unexpected("an argon2 string without its m=,t=,p= part");
  encoded.memory_kib = *memory;
  encoded.passes = *passes;
  encoded.lanes = *lanes;
  const std::size_t dollar = text.find('$');
  if (dollar == std::string_view::npos || !is_base64(text.substr(0, dollar), 11, 86) ||
      !is_base64(text.substr(dollar + 1), 16, 86)) {
    return std::unexpected("an argon2 string whose salt or hash is cut off");
  }
  return encoded;
}

}  // namespace

std::string hash_password(std::string_view password, net::Random& random) {
  std::array<unsigned char, kSaltBytes> salt{};
  random.fill(salt);
  std::string encoded(argon2_encodedlen(kPasses, kMemoryKib, kLanes, kSaltBytes, kHashBytes, Argon2_id),
                      '\0');
  const int result =
      argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(), salt.data(),
                            salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) std::abort();  // only for lack of 9 MiB
  encoded.resize(encoded.find('\0'));
  return encoded;
}

std::string check_password_hash(std::string_view hash) {
  const auto encoded = parse_encoded(hash);
  if (!encoded) return encoded.error();
  if (encoded->memory_kib > kMostMemoryKib || encoded->passes > kMostPasses || encoded->lanes > kMostLanes) {
    return fmt::format("an argon2 string that costs too much: at most m={}, t={}, p={}", kMostMemoryKib,
                       kMostPasses, kMostLanes);
  }
  if (encoded->lanes < 1 || encoded->passes < 1 || encoded->memory_kib < 8 * encoded->lanes) {
    return "an argon2 string with parameters below argon2's own least";
  }
  return {};
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (!check_password_hash(hash).empty()) return false;
  const auto encoded = parse_encoded(hash);
  return argon2_verify(std::string(hash).c_str(), password.data(), password.size(), encoded->type) ==
         ARGON2_OK;
}

// Shared with the jobs under way, which hold it weakly: a destroyed verifier hears of nothing.
struct PasswordVerifier::Impl {
  using Mac = std::array<unsigned char, 32>;

  explicit Impl(net::Loop& the_loop, net::Random& random) : loop(the_loop) { random.fill(key); }
  ~Impl() { OPENSSL_cleanse(key.data(), key.size()); }

  // HMAC-SHA256 of user, hash and password under a key that is made at start and never leaves memory: a core
  // dump without the key gives nothing faster than argon2 to guess against.
  Mac mac(UserId user, std::string_view hash, std::string_view password) const {
    std::string text = fmt::format("{}:{}:{}:", user, hash.size(), hash);
    text += password;
    Mac out{};
    unsigned size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(),
             &size) == nullptr) {
      std::abort();
    }
    wipe(text);
    return out;
  }

  void finish(const Mac& which, UserId user, bool right) {
    const auto found = hashing.find(which);
    if (found == hashing.end()) return;
    std::vector<std::function<void(Verdict)>> waiters = std::move(found->second);
    hashing.erase(found);
    waiting -= waiters.size();
    if (right) known[user] = which;
    for (auto& waiter : waiters) waiter(right ? Verdict::kRight : Verdict::kWrong);
  }

  net::Loop& loop;
  std::array<unsigned char, 32> key{};
  std::unordered_map<UserId, Mac> known;  // one a user: as many as there are accounts
  std::map<Mac, std::vector<std::function<void(Verdict)>>> hashing;
  std::size_t waiting = 0;
};

PasswordVerifier::PasswordVerifier(net::Loop& loop, net::Random& random)
    : impl_(std::make_shared<Impl>(loop, random)) {}
PasswordVerifier::~PasswordVerifier() = default;

void PasswordVerifier::verify(UserId user, const std::string& hash, std::string_view password,
                              std::function<void(Verdict)> done) {
  const Impl::Mac mac = impl_->mac(user, hash, password);
  const auto known = impl_->known.find(user);
  if (known != impl_->known.end() && CRYPTO_memcmp(known->second.data(), mac.data(), mac.size()) == 0) {
    return done(Verdict::kRight);
  }
  const auto same = impl_->hashing.find(mac);
  if (impl_->waiting >= kMostWaiters ||
      (same == impl_->hashing.end() && impl_->hashing.size() >= kMostHashing)) {
    return done(Verdict::kBusy);
  }
  ++impl_->waiting;
  if (same != impl_->hashing.end()) {  // a user's clients that all come back at once share one slow hash
    same->second.push_back(std::move(done));
    return;
  }
  impl_->hashing[mac].push_back(std::move(done));

  struct Job {
    std::string hash, password;
    bool right = false;
    ~Job() { wipe(password); }
  };
  auto job = std::make_shared<Job>(hash, std::string(password));
  impl_->loop.work([job] { job->right = verify_password(job->hash, job->password); },
                   [job, mac, user, weak = std::weak_ptr<Impl>(impl_)] {
                     if (const auto impl = weak.lock()) impl->finish(mac, user, job->right);
                   });
}

void PasswordVerifier::forget(UserId user) {
  impl_->known.erase(user);
}

}  // namespace halley
