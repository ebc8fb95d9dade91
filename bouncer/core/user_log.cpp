#include "bouncer/core/user_log.h"

#include <cstdlib>
#include <utility>

#include "bouncer/core/event_ids.h"
#include "bouncer/core/redactions.h"

namespace halley {

namespace {
// A network's clock that is further off is not shown to people.
constexpr std::int64_t kMostSkewMs = 5 * 60 * 1000;
}  // namespace

storage::Event UserLog::append(NetworkId network, const Draft& draft) {
  storage::Event event;
  event.id = parts_.ids.next();
  // Not the id's: a clock that has jumped forward and back leaves ids in the future for good.
  const std::int64_t now_ms = parts_.ids.wall_ms();
  const bool past = draft.past && draft.time_ms > 0 && draft.time_ms < now_ms;
  event.time_ms = past || std::abs(draft.time_ms - now_ms) <= kMostSkewMs ? draft.time_ms : now_ms;
  event.user = user_;
  event.network = network;
  event.kind = static_cast<std::uint8_t>(draft.kind);
  event.flags = draft.flags;
  event.text_at = draft.text_at;
  event.buffers = draft.buffers;
  event.msgid = draft.msgid;
  event.tags = draft.tags;
  event.line = draft.line;
  const storage::Event stored = parts_.journal.append(event);
  parts_.store.journal_grew();
  head_ = stored.id;
  return stored;
}

void UserLog::read(storage::LogQuery query, PageDone done) const {
  query.user = user_;
  parts_.store.read_log(std::move(query), std::move(done));
}

void UserLog::skip_to_newest(storage::LogQuery query, SkipDone done) const {
  query.user = user_;
  parts_.store.skip_to_newest(std::move(query), std::move(done));
}

bool UserLog::outdated(const storage::Event& event) const {
  return (corrections_ && corrections_->outdated(event)) || (redactions_ && redactions_->has(event));
}

storage::Event UserLog::as_it_is_now(const storage::Event& event) const {
  if (corrections_ && corrections_->outdated(event)) return corrections_->shown(event);
  return Redactions::without_text(event);
}

// A page that the store reads before it has the correction.
UserLog::PageDone UserLog::without_outdated(PageDone done) const {
  if (redactions_) done = redactions_->without(std::move(done));
  if (!corrections_) return done;
  return [this, alive = corrections_->alive(),
          done = std::move(done)](std::expected<storage::Page, std::string> page) {
    if (page && !alive.expired())
      std::erase_if(page->events, [this](const auto& event) { return outdated(event); });
    done(std::move(page));
  };
}

void UserLog::history(storage::HistoryQuery query, PageDone done) const {
  query.user = user_;
  query.kinds &= ~kind_bit(EventKind::kRedacted);
  parts_.store.read_history(std::move(query), [done = without_outdated(std::move(done))](
                                                  std::expected<storage::Page, std::string> page) {
    if (page && !page->events.empty()) page->looked_at = page->events.back().id;
    done(std::move(page));
  });
}

void UserLog::targets(storage::TargetsQuery query, TargetsDone done) const {
  query.user = user_;
  parts_.store.read_targets(std::move(query), std::move(done));
}

void UserLog::search(storage::SearchQuery query, PageDone done) const {
  query.user = user_;
  parts_.store.search(std::move(query), without_outdated(std::move(done)));
}

}  // namespace halley
