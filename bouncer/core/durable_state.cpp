#include "bouncer/core/durable_state.h"

#include <algorithm>
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
  record.kind = static_cast<std::uint16_t>(kind);
  journal_.append(record);
  store_.journal_grew();
}

}  // namespace halley
