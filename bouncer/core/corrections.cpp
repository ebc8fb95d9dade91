#include "bouncer/core/corrections.h"

#include <utility>

#include "bouncer/core/event_kind.h"

namespace halley {

namespace {
constexpr auto kKind = static_cast<std::uint8_t>(EventKind::kServer);
}  // namespace

void Corrections::put(storage::EventId id, Correction correction, std::function<void()> done) {
  state_.changes.emplace_back(storage::ReplaceEvent{.user = user_,
                                                    .id = id,
                                                    .kind = kKind,
                                                    .text_at = correction.text_at,
                                                    .buffer = correction.buffer,
                                                    .line = correction.line});
  if (done) waiting_.push_back(std::move(done));
  state_.kept.insert_or_assign(id, std::move(correction));
  if (state_.kept.size() > kMostCorrections) state_.kept.erase(state_.kept.begin());
  commit();
}

bool Corrections::outdated(const storage::Event& event) const {
  return !state_.kept.empty() && event.kind != kKind && state_.kept.contains(event.id);
}

storage::Event Corrections::shown(const storage::Event& event) const {
  if (!outdated(event)) return event;
  const Correction& correction = state_.kept.at(event.id);
  storage::Event shown = event;
  shown.kind = kKind;
  shown.flags = 0;
  shown.text_at = correction.text_at;
  shown.buffers = {&correction.buffer, 1};
  shown.msgid = shown.tags = {};
  shown.line = correction.line;
  return shown;
}

// One at a time: a storm of refusals costs the disk a transaction each time it is ready for one. A store in
// trouble tries again by itself; one that refuses for good has no such row, and nothing to correct.
void Corrections::commit() {
  if (committing_ || state_.changes.empty()) return;
  committing_ = true;
  store_.commit(
      std::exchange(state_.changes, {}),
      [this, alive = std::weak_ptr<int>(alive_), told = std::exchange(waiting_, {})](const storage::Status&) {
        if (alive.expired()) return;
        committing_ = false;
        for (const auto& done : told) {
          done();
          if (alive.expired()) return;
        }
        commit();
      });
}

}  // namespace halley
