#include "bouncer/core/empty_buffers.h"

#include <algorithm>
#include <limits>

#include "bouncer/core/in_band_commands.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"

namespace halley {

namespace {
constexpr std::uint64_t kHourMs = 60 * 60 * 1000, kLookEveryMs = 24 * kHourMs;
constexpr std::size_t kForgottenAtOnce = 1000;
}  // namespace

EmptyBuffers::EmptyBuffers(net::Loop& loop, storage::Store& store, const Accounts& accounts,
                           const DurableState& states, Users users)
    : store_(store), accounts_(accounts), states_(states), users_(std::move(users)) {
  timer_ = loop.timer([this] { begin(); });
  timer_->start(kHourMs);  // who is started each day looks, too
}

void EmptyBuffers::begin() {
  timer_->start(kLookEveryMs);
  if (!left_.empty()) return;  // a store in trouble: it is still at yesterday's
  for (const User* user : users_()) {
    for (const auto& network : user->networks()) left_.emplace_back(user->id(), network->id());
  }
  ask_next();
}

// Null: it has been removed.
Network* EmptyBuffers::find(UserId user, NetworkId network) const {
  const auto users = users_();
  const auto owner = std::ranges::find(users, user, &User::id);
  return owner == users.end() ? nullptr : (*owner)->network(network);
}

void EmptyBuffers::ask_next() {
  Network* network = nullptr;
  while (!left_.empty() && !(network = find(left_.back().first, left_.back().second))) left_.pop_back();
  if (!network) return;
  network->buffers().watch();
  // What was logged before has come into the database then (a reader alone would answer without it while the
  // disk is in trouble); what is logged from here on is known.
  store_.commit({}, [this, alive = std::weak_ptr(alive_),
                     limit = network->buffers().all().size()](const storage::Status& status) {
    if (alive.expired()) return;
    if (status) return ask(limit);
    if (Network* const watched = find(left_.back().first, left_.back().second)) watched->buffers().unwatch();
    left_.clear();  // tomorrow
  });
}

void EmptyBuffers::ask(std::size_t limit) {
  constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
  const auto [user_id, network_id] = left_.back();
  const storage::TargetsQuery query{
      .user = user_id, .network = network_id, .from_ms = -kAll, .to_ms = kAll, .limit = limit};
  store_.read_targets(query, [this, alive = std::weak_ptr(alive_), user_id, network_id](auto shown) {
    if (alive.expired()) return;
    left_.pop_back();
    Network* const now = find(user_id, network_id);
    if (now && shown) forget(*now, std::move(*shown));
    if (now) now->buffers().unwatch();
    ask_next();
  });
}

void EmptyBuffers::forget(Network& network, std::vector<storage::TargetRow> shown) {
  if (network.outbox().size() > 0) return;  // something is about to be said there
  std::ranges::sort(shown, {}, &storage::TargetRow::buffer);
  std::vector<BufferId> set = states_.kept_buffers(network.user().id());
  for (const storage::BufferRow* row : accounts_.set_buffers(network.user().id())) set.push_back(row->id);
  std::ranges::sort(set);
  std::vector<BufferId> empty;
  for (const Buffer& buffer : network.buffers().all()) {
    const bool channel = network.state().isupport().is_channel(buffer.name);
    const bool kept =
        std::ranges::binary_search(shown, buffer.id, {}, &storage::TargetRow::buffer) ||
        buffer.name.empty() || buffer.name == kServiceName || network.buffers().was_used(buffer.id) ||
        std::ranges::binary_search(set, buffer.id) ||
        (channel && (network.state().find_channel(buffer.name) || network.find_wanted(buffer.name)));
    if (!kept) empty.push_back(buffer.id);
    if (empty.size() == kForgottenAtOnce) break;  // the others tomorrow
  }
  if (empty.empty()) return;
  network.buffers().forget(empty);
  std::vector<storage::Change> changes;
  for (const BufferId id : empty) changes.emplace_back(storage::RemoveBuffer{.id = id, .overwrite = false});
  store_.commit(std::move(changes), nullptr);
}

}  // namespace halley
