#include "bouncer/accounts/password_verifier.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bouncer/accounts/digest.h"
#include "bouncer/accounts/foreign_hash.h"
#include "bouncer/accounts/password.h"

namespace halley {
namespace {

constexpr std::size_t kMostHashesAtOnce = 2;  // hashes, of which each has memory of its own
constexpr std::size_t kMostWaiters = 4096;    // callers that wait, also for the same one

}  // namespace

// Shared with the jobs under way, which hold it weakly: a destroyed verifier hears of nothing.
struct PasswordVerifier::Impl : std::enable_shared_from_this<Impl> {
  struct Waiter {
    std::function<bool()> still_wanted;
    std::function<void(const Verification&)> done;
  };
  // What a worker is given and what it found. It outlives the verifier when it must.
  struct Task {
    Check check;
    Sealer::Key key;
    net::Random* random;
    bool right = false;
    std::string digest = {}, hash = {};
    ~Task() {
      wipe(check.password);
      OPENSSL_cleanse(key.data(), key.size());
    }
    void run() {
      right = verify_quick(key, check.digest, check.hash, check.password);
      if (right) return;
      right = verify_password(check.hash, check.password);
      if (!right) return;
      if (is_foreign_hash(check.hash)) hash = hash_password(check.password, *random);
      digest = quick_digest(key, hash.empty() ? check.hash : hash, check.password, *random);
    }
  };

  Impl(net::Loop& loop, net::Random& the_random, const Sealer::Key& the_quick_key)
      : random(the_random),
        quick_key(the_quick_key),
        queue([&loop](auto job, auto done) { loop.work(std::move(job), std::move(done)); },
              kMostHashesAtOnce) {
    random.fill(key);
  }
  ~Impl() {
    OPENSSL_cleanse(key.data(), key.size());
    OPENSSL_cleanse(quick_key.data(), quick_key.size());
  }

  // HMAC-SHA256 of user, hash and password under a key that is made at start and never leaves memory: a core
  // dump without the key gives nothing faster than argon2 to guess against.
  Mac mac(const Check& check) const {
    std::string text = fmt::format("{}:{}:{}:", check.user, check.hash.size(), check.hash);
    text += check.password;
    const Mac out = keyed_mac(key, text);
    wipe(text);
    return out;
  }

  bool wanted(const Mac& which) const {
    const auto found = hashing.find(which);
    return found != hashing.end() && std::ranges::any_of(found->second, [](const Waiter& waiter) {
             return !waiter.still_wanted || waiter.still_wanted();
           });
  }

  void finish(const Mac& which, UserId user, const Verification& answer) {
    const auto found = hashing.find(which);
    if (found == hashing.end()) return;
    const std::vector<Waiter> waiters = std::move(found->second);
    hashing.erase(found);
    waiting -= waiters.size();
    if (answer.verdict == Verdict::kRight) known[user] = which;
    for (const Waiter& waiter : waiters) waiter.done(answer);
  }

  net::Random& random;
  std::array<unsigned char, 32> key{};
  Sealer::Key quick_key;
  PasswordQueue queue;
  std::unordered_map<UserId, Mac> known;  // one a user: as many as there are accounts
  std::map<Mac, std::vector<Waiter>> hashing;
  std::size_t waiting = 0;
};

PasswordVerifier::PasswordVerifier(net::Loop& loop, net::Random& random, const Sealer::Key& quick_key)
    : impl_(std::make_shared<Impl>(loop, random, quick_key)) {}
PasswordVerifier::~PasswordVerifier() = default;

void PasswordVerifier::verify(Check check, std::function<void(const Verification&)> done) {
  const auto impl = impl_;
  const Mac mac = impl->mac(check);
  const auto known = impl->known.find(check.user);
  if (known != impl->known.end() && CRYPTO_memcmp(known->second.data(), mac.data(), mac.size()) == 0) {
    wipe(check.password);
    return done({Verdict::kRight, {}});
  }
  if (impl->waiting >= kMostWaiters) return done({Verdict::kBusy, {}});
  // A user's clients that all come back at once share one slow hash.
  const auto [at, fresh] = impl->hashing.try_emplace(mac);
  at->second.push_back({check.still_wanted, std::move(done)});
  ++impl->waiting;
  if (!fresh) return wipe(check.password);

  const UserId user = check.user;
  std::string who = check.who;
  auto task = std::make_shared<Impl::Task>(
      Impl::Task{.check = std::move(check), .key = impl->quick_key, .random = &impl->random});
  const std::weak_ptr<Impl> weak = impl;
  const bool queued = impl->queue.add({.who = std::move(who),
                                       .still_wanted =
                                           [weak, mac] {
                                             const auto self = weak.lock();
                                             return self && self->wanted(mac);
                                           },
                                       .run = [task] { task->run(); },
                                       .finished =
                                           [weak, mac, user, task](bool ran) {
                                             const auto self = weak.lock();
                                             if (!self) return;
                                             const Verdict verdict = !ran          ? Verdict::kNotWanted
                                                                     : task->right ? Verdict::kRight
                                                                                   : Verdict::kWrong;
                                             self->finish(mac, user, {verdict, task->digest, task->hash});
                                           }},
                                      kMostOfOne);
  if (!queued) impl->finish(mac, user, {Verdict::kBusy, {}});
}

void PasswordVerifier::forget(UserId user) {
  impl_->known.erase(user);
}

}  // namespace halley
