#include "bouncer/core/durable_state.h"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

namespace halley {

namespace {
std::pair<std::uint16_t, storage::UserId> place(const storage::StateRow& row) {
  return {row.kind, row.user};
}
std::uint16_t kind_of(const storage::StateRow& row) {
  return row.kind;
}
}  // namespace

StateOwner::StateOwner(DurableState& states) : states_(states), before_(nullptr), next_(states.owners_) {
  if (next_) next_->before_ = this;
  states_.owners_ = this;
}

StateOwner::~StateOwner() {
  (before_ ? before_->next_ : states_.owners_) = next_;
  if (next_) next_->before_ = before_;
}

void StateOwner::forget_user(storage::UserId) {}
void StateOwner::forget_network(storage::UserId, storage::NetworkId) {}
void StateOwner::forget_device(storage::DeviceId) {}
void StateOwner::forget_buffer(storage::UserId, storage::NetworkId, storage::BufferId) {}
void StateOwner::add_kept_buffers(storage::UserId, std::vector<storage::BufferId>&) const {}

DurableState::DurableState(storage::Journal& journal, storage::Store& store,
                           std::vector<storage::StateRow> loaded)
    : journal_(journal), store_(store), loaded_(std::move(loaded)) {
  std::ranges::stable_sort(loaded_, {}, place);
}

void DurableState::take(StateKind kind, storage::UserId user, const Take& take) const {
  const std::pair wanted{static_cast<std::uint16_t>(kind), user};
  for (const storage::StateRow& row : std::ranges::equal_range(loaded_, wanted, {}, place)) take(row);
}

void DurableState::take(StateKind kind, const Take& take) const {
  const auto wanted = static_cast<std::uint16_t>(kind);
  for (const storage::StateRow& row : std::ranges::equal_range(loaded_, wanted, {}, kind_of)) take(row);
}

void DurableState::put(StateKind kind, storage::StateRecord record) {
  // Without a row an import would not move the buffers that it names.
  assert(std::ranges::find(kStateKinds, kind, &StateKindRow::kind) != kStateKinds.end());
  record.kind = static_cast<std::uint16_t>(kind);
  WaitingKey key{record.user, record.kind, record.network, record.device, record.key};
  // What waits is not put first: the caller has been told how much room there is, and may need the rest.
  if (!has_room()) return wait_for_room(std::move(key), record.value);
  if (const auto outdated = waiting_at_.extract(key)) waiting_.erase(outdated.mapped());
  journal_.append(record);
  store_.journal_grew();
}

void DurableState::wait_for_room(WaitingKey key, std::string_view value) {
  const std::uint64_t last = waiting_.empty() ? 0 : waiting_.rbegin()->first;
  const auto [at, added] = waiting_at_.try_emplace(key, last + 1);
  if (!added) waiting_.erase(std::exchange(at->second, last + 1));  // outdated
  waiting_.try_emplace(last + 1, std::move(key), value);
}

void DurableState::room() {
  while (!waiting_.empty() && has_room()) put_first_waiting();
}

DurableState::~DurableState() {
  constexpr std::size_t kHead = 128;  // of a record, and more than its numbers take
  const auto fits = [this] {
    const auto& [key, value] = waiting_.begin()->second;
    return journal_.has_last_room(std::get<4>(key).size() + value.size() + kHead);
  };
  while (!waiting_.empty() && fits()) put_first_waiting();
}

void DurableState::put_first_waiting() {
  const auto& [key, value] = waiting_.begin()->second;
  journal_.append(storage::StateRecord{.user = std::get<0>(key),
                                       .network = std::get<2>(key),
                                       .device = std::get<3>(key),
                                       .kind = std::get<1>(key),
                                       .key = std::get<4>(key),
                                       .value = value});
  waiting_at_.erase(key);
  waiting_.erase(waiting_.begin());
  store_.journal_grew();
}

// What goes with its user, network or device is not put behind that.
template <typename Gone>
void DurableState::forget_waiting(Gone gone) {
  std::erase_if(waiting_, [&gone](const auto& waiting) { return gone(waiting.second.first); });
  std::erase_if(waiting_at_, [&gone](const auto& waiting) { return gone(waiting.first); });
}

// None of them may come or go meanwhile.
template <typename Tell>
void DurableState::each_owner(Tell tell) const {
  for (StateOwner* owner = owners_; owner; owner = owner->next_) tell(*owner);
}

void DurableState::forget_user(storage::UserId user) {
  each_owner([user](StateOwner& owner) { owner.forget_user(user); });
  forget_waiting([user](const WaitingKey& key) { return std::get<0>(key) == user; });
}

void DurableState::forget_network(storage::UserId user, storage::NetworkId network) {
  each_owner([=](StateOwner& owner) { owner.forget_network(user, network); });
  forget_waiting([network](const WaitingKey& key) { return std::get<2>(key) == network; });
}

void DurableState::forget_device(storage::DeviceId device) {
  each_owner([device](StateOwner& owner) { owner.forget_device(device); });
  forget_waiting([device](const WaitingKey& key) { return std::get<3>(key) == device; });
}

void DurableState::forget_buffer(storage::UserId user, storage::NetworkId network, storage::BufferId buffer) {
  each_owner([=](StateOwner& owner) { owner.forget_buffer(user, network, buffer); });
}

std::vector<storage::BufferId> DurableState::kept_buffers(storage::UserId user) const {
  std::vector<storage::BufferId> kept;
  each_owner([&](const StateOwner& owner) { owner.add_kept_buffers(user, kept); });
  return kept;
}

}  // namespace halley
