#include "bouncer/accounts/login_attempts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bouncer/net/address.h"

namespace halley {
namespace {

// Keeps a table that strangers fill within its bound.
template <typename Counts>
void drop_oldest_half(Counts& counts) {
  std::vector<std::uint64_t> since;
  since.reserve(counts.size());
  for (const auto& [key, count] : counts) since.push_back(count.since_ms);
  const auto middle = since.begin() + static_cast<std::ptrdiff_t>(since.size() / 2);
  std::nth_element(since.begin(), middle, since.end());
  const std::size_t before = counts.size();
  std::erase_if(counts, [limit = *middle](const auto& item) { return item.second.since_ms < limit; });
  // All in one millisecond: none is older, so all go rather than grow.
  if (counts.size() == before) counts.clear();
}

}  // namespace

std::string group_of_address(std::string_view address) {
  const net::Address numeric = net::Address::numeric(std::string(address), 0);
  return numeric.valid() ? numeric.group_text() : std::string(address);
}

std::uint32_t LoginAttempts::left_s(const Count& count, std::uint32_t limit) const {
  const std::uint64_t age = clock_.monotonic_ms() - count.since_ms;
  if (age >= kWindowMs || count.failed < limit) return 0;
  return static_cast<std::uint32_t>((kWindowMs - age + 999) / 1000);
}

template <typename Key, typename Lookup>
std::uint32_t LoginAttempts::left_s(Counts<Key>& counts, const Lookup& key, std::uint32_t limit) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : left_s(found->second, limit);
}

template <typename Key>
void LoginAttempts::add(Counts<Key>& counts, Key key) {
  const std::uint64_t now = clock_.monotonic_ms();
  const auto [entry, fresh] = counts.try_emplace(std::move(key), Count{0, now});
  if (!fresh && now - entry->second.since_ms >= kWindowMs) entry->second = {0, now};
  ++entry->second.failed;
}

LoginAttempts::Wait LoginAttempts::wait(const Guess& guess) {
  const std::uint32_t limit = config_.limits.login_attempts;
  if (guess.at_home) return {left_s(homes_, std::pair(guess.user, guess.address), limit), false};
  if (const std::uint32_t seconds = left_s(addresses_, guess.address, limit); seconds > 0)
    return {seconds, false};
  // A name of no account waits as an account does: which names there are is nobody's business.
  const std::uint32_t seconds = guess.user != 0 ? left_s(accounts_, guess.user, limit * kMostAccountFactor)
                                                : left_s(nobodies_, guess.name, limit * kMostAccountFactor);
  return {seconds, seconds > 0};
}

void LoginAttempts::failed(const Guess& guess) {
  if (guess.at_home) return add(homes_, std::pair(guess.user, guess.address));
  add(addresses_, guess.address);
  if (addresses_.size() > kMostStrangers) drop_oldest_half(addresses_);
  if (guess.user != 0) return add(accounts_, guess.user);
  if (guess.name.empty()) return;  // a token: of nobody
  add(nobodies_, guess.name);
  if (nobodies_.size() > kMostStrangers) drop_oldest_half(nobodies_);
}

bool LoginAttempts::forget_address(std::string_view address) {
  std::size_t gone = std::erase_if(homes_, [&](const auto& item) { return item.first.second == address; });
  gone += std::erase_if(addresses_, [&](const auto& item) { return item.first == address; });
  return gone > 0;
}

bool LoginAttempts::forget_account(UserId user) {
  const std::size_t gone =
      std::erase_if(homes_, [user](const auto& item) { return item.first.first == user; });
  return accounts_.erase(user) + gone > 0;
}

std::size_t LoginAttempts::forget_all() {
  const std::uint32_t limit = config_.limits.login_attempts;
  std::size_t waited = 0;
  for (const auto& [key, count] : addresses_) waited += left_s(count, limit) > 0 ? 1 : 0;
  for (const auto& [key, count] : homes_) waited += left_s(count, limit) > 0 ? 1 : 0;
  for (const auto& [key, count] : accounts_) waited += left_s(count, limit * kMostAccountFactor) > 0 ? 1 : 0;
  for (const auto& [key, count] : nobodies_) waited += left_s(count, limit * kMostAccountFactor) > 0 ? 1 : 0;
  addresses_.clear();
  homes_.clear();
  accounts_.clear();
  nobodies_.clear();
  return waited;
}

}  // namespace halley
