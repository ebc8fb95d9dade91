#include "bouncer/push/subscriptions.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace halley::push {
namespace {
constexpr std::string_view kPurpose = "push-subscription";
}  // namespace

Subscriptions::Subscriptions(DurableState& states, const Sealer& sealer) : states_(states), sealer_(sealer) {
  states_.take(StateKind::kPushSubscription, [this](const storage::StateRow& row) {
    Subscription kept;
    const auto [end, error] = std::from_chars(row.key.data(), row.key.data() + row.key.size(), kept.id);
    if (error != std::errc{} || end != row.key.data() + row.key.size()) return;
    last_ = std::max(last_, kept.id);
    const auto text = sealer_.unseal(kPurpose, row.value);
    std::vector<Subscription>& all = users_[row.user];
    if (!text || !parse_state(*text, kept) || all.size() >= kMostSubscriptions) return;
    kept.user = row.user;
    kept.network = row.network;
    kept.device = row.device;
    all.push_back(std::move(kept));
  });
  for (auto& [user, all] : users_) std::ranges::sort(all, {}, &Subscription::id);
}

std::span<const Subscription> Subscriptions::of(UserId user) const {
  const auto at = users_.find(user);
  return at == users_.end() ? std::span<const Subscription>() : std::span<const Subscription>(at->second);
}

const Subscription* Subscriptions::find(UserId user, std::uint64_t id) const {
  for (const Subscription& one : of(user)) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

std::size_t Subscriptions::size() const {
  std::size_t count = 0;
  for (const auto& [user, all] : users_) count += all.size();
  return count;
}

std::vector<UserId> Subscriptions::users() const {
  std::vector<UserId> all;
  for (const auto& [user, subscriptions] : users_) all.push_back(user);
  return all;
}

std::optional<std::uint64_t> Subscriptions::put(Subscription subscription) {
  std::vector<Subscription>& all = users_[subscription.user];
  const auto known = std::ranges::find(all, subscription.endpoint, &Subscription::endpoint);
  if (known == all.end() && all.size() >= kMostSubscriptions) return std::nullopt;
  if (known != all.end()) {
    put_state(*known, false);
    all.erase(known);
  }
  subscription.id = ++last_;
  put_state(subscription, true);
  all.push_back(std::move(subscription));
  return last_;
}

void Subscriptions::put_state(const Subscription& subscription, bool kept) {
  const std::string key = std::to_string(subscription.id);
  const std::string value = kept ? sealer_.seal(kPurpose, format_state(subscription)) : std::string();
  states_.put(StateKind::kPushSubscription, {.user = subscription.user,
                                             .network = subscription.network,
                                             .device = subscription.device,
                                             .kind = 0,
                                             .key = key,
                                             .value = value});
}

void Subscriptions::remove(UserId user, const Goes& goes, const Gone& gone) {
  const auto at = users_.find(user);
  if (at == users_.end()) return;
  std::vector<std::uint64_t> ids;
  std::erase_if(at->second, [&](const Subscription& one) {
    if (!goes(one)) return false;
    state_.removed.push_back(one);
    ids.push_back(one.id);
    return true;
  });
  write_removed();
  for (const std::uint64_t id : ids) gone(id);
}

bool Subscriptions::write_removed() {
  while (!state_.removed.empty() && states_.has_room()) {
    put_state(state_.removed.back(), false);
    state_.removed.pop_back();
  }
  return state_.removed.empty();
}

void Subscriptions::forget(UserId user, const Gone& gone) {
  std::erase_if(state_.removed, [user](const Subscription& one) { return one.user == user; });
  auto node = users_.extract(user);
  if (node.empty()) return;
  for (const Subscription& one : node.mapped()) gone(one.id);
}

}  // namespace halley::push
