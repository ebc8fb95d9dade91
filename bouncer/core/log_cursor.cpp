#include "bouncer/core/log_cursor.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bouncer/core/replay_turns.h"

namespace halley {

namespace {
// Of a replay in one turn of the loop, besides ReplayTurns::piece(): records of the journal looked at.
constexpr std::size_t kTurnRecords = 4096;
constexpr std::size_t kMostSaidBehind = 1000;
}  // namespace

void LogCursor::open(UserLog& log, ReplayTurns& turns, ClientId owner, View view) {
  close();
  log_ = &log;
  turns_ = &turns;
  state_.owner = owner;
  state_.view = std::move(view);
  alive_ = std::make_shared<int>(0);
}

void LogCursor::close() {
  if (!log_) return;
  stop();
  state_.said_behind = {};
  state_.view = View::none();
  log_ = nullptr;
  alive_.reset();
}

void LogCursor::follow(EventId after) {
  state_.at = after;
  had_page_ = false;
  // Nothing newer, or nothing that is shown: no need to look anywhere.
  if (after >= log_->head() || state_.view.empty()) {
    become_live();
    return;
  }
  // What the journal's ring still has is read there: the store would have to write the newest first.
  journal_at_ = log_->find(after);
  read_on();
}

void LogCursor::become_live() {
  phase_ = Phase::kLive;
  state_.said_behind = {};
  listener_.caught_up();
}

void LogCursor::stop() {
  phase_ = Phase::kIdle;
  page_.reset();
  ahead_.reset();
  page_asked_for_ = false;
  if (goes_on_later_) turns_->forget(*this);
  goes_on_later_ = false;
  if (alive_) alive_ = std::make_shared<int>(0);
}

void LogCursor::more() {
  if (phase_ != Phase::kWaiting || goes_on_later_ || !listener_.wants_more()) return;
  if (page_) {
    deliver_page();
  } else if (ahead_) {
    begin_page(std::move(ahead_));
  } else {
    read_on();
  }
}

void LogCursor::said_behind(EventId id) {
  if (state_.said_behind.size() < kMostSaidBehind) state_.said_behind.push_back(id);
}

void LogCursor::deliver_old(const storage::Event& event, EventId prev, const Network* network) {
  state_.at = event.id;
  const bool own = !state_.said_behind.empty() && std::ranges::binary_search(state_.said_behind, event.id);
  const bool outdated = log_->outdated(event);
  const storage::Event shown = outdated ? log_->as_it_is_now(event) : event;
  listener_.deliver({.event = shown,
                     .prev = prev,
                     .network = network,
                     .live = false,
                     .origin = own && !outdated ? state_.owner : kNobody});
}

void LogCursor::read_on() {
  if (journal_at_) {
    catch_up();
  } else {
    read_page(state_.at);
  }
}

void LogCursor::read_page(EventId after) {
  phase_ = Phase::kReading;
  page_asked_for_ = true;
  storage::LogQuery query;
  query.network = state_.view.bound();
  query.after = after;
  query.max_bytes = turns_->page();
  query.as_it_is = true;  // what is newer is in the journal's ring
  log_->read(query, [this, alive = std::weak_ptr(alive_)](std::expected<storage::Page, std::string> page) {
    if (alive.expired()) return;
    page_asked_for_ = false;
    if (!page) {
      listener_.log_unreadable(page.error());
      return;
    }
    take_page(*page);
  });
}

// The first one begins at once: most replays are short, and need not wait for a long one. The others wait for
// their turn.
void LogCursor::take_page(storage::Page& page) {
  ahead_ = std::make_unique<storage::Page>(std::move(page));
  if (page_) return;
  phase_ = Phase::kWaiting;
  if (!listener_.wants_more()) return;
  if (had_page_) {
    go_on_later();
  } else {
    begin_page(std::move(ahead_));
  }
}

void LogCursor::begin_page(std::unique_ptr<storage::Page> page) {
  journal_at_ = page->more ? log_->find(page->events.back().id) : std::optional(page->applied);
  page_ = std::move(page);
  page_at_ = 0;
  had_page_ = true;
  // A peer that has taken all so far gets the next page read while this one is encoded; one that is slow from
  // then on costs two pages, no more.
  if (!journal_at_ && listener_.queued() == 0) read_page(page_->events.back().id);
  deliver_page();
}

void LogCursor::deliver_page() {
  phase_ = Phase::kReading;
  const std::weak_ptr<int> alive = alive_;
  const std::size_t most = listener_.queued() + turns_->piece();
  std::unique_ptr<storage::Page> page = std::move(page_);  // it must outlive a delivery that stops it all
  while (page_at_ < page->events.size()) {
    if (!listener_.wants_more() || listener_.queued() > most) {
      page_ = std::move(page);
      phase_ = Phase::kWaiting;
      if (listener_.wants_more()) go_on_later();
      return;
    }
    const std::size_t at = page_at_++;
    const storage::Event& event = page->events[at];
    if (!state_.view.shows(event.network)) {
      state_.at = event.id;
      continue;
    }
    deliver_old(event, page->prev.empty() ? 0 : page->prev[at], listener_.network_of(event.network));
    if (alive.expired() || phase_ != Phase::kReading) return;
  }
  if (page_asked_for_) return;  // the next one is on its way
  phase_ = Phase::kWaiting;
  page->more ? go_on_later() : read_on();
}

// False: the delivery stopped it all.
bool LogCursor::catch_up_with(const storage::Event& event, EventId& prev, const std::weak_ptr<int>& alive) {
  // Of a network that has been removed the store gives nothing either.
  const Network* network = listener_.network_of(event.network);
  if (!network) return true;
  const EventId before = std::exchange(prev, event.id);
  if (!state_.view.shows(event.network)) return true;
  deliver_old(event, before, network);
  return !alive.expired() && phase_ == Phase::kReading;
}

// What came after the last page is still in the journal's ring: the last of it is delivered in one call with
// becoming live, so that nothing can come between the last replayed event and the first live one. Overwritten
// already: another page.
void LogCursor::catch_up() {
  phase_ = Phase::kReading;
  const std::weak_ptr<int> alive = alive_;
  const std::size_t most = listener_.queued() + turns_->piece();
  const UserId user = log_->user();
  EventId prev = state_.at;
  std::size_t looked_at = 0;
  bool stopped = false;
  const auto at = log_->scan(*journal_at_, [&](const storage::Record& record) {
    stopped = !listener_.wants_more() || listener_.queued() > most || ++looked_at > kTurnRecords;
    if (stopped) return false;
    const auto* event = std::get_if<storage::Event>(&record);
    if (!event || event->user != user || event->id <= state_.at) return true;
    return catch_up_with(*event, prev, alive);
  });
  if (alive.expired() || phase_ != Phase::kReading) return;
  journal_at_ = at;
  if (!at) {
    read_page(state_.at);
  } else if (stopped) {
    phase_ = Phase::kWaiting;
    if (listener_.wants_more()) go_on_later();
  } else {
    become_live();
  }
}

void LogCursor::go_on_later() {
  goes_on_later_ = true;
  turns_->wait(*this, journal_at_ && !page_ ? ReplayTurns::From::kRing : ReplayTurns::From::kStore);
}

void LogCursor::take_turn() {
  goes_on_later_ = false;
  more();
}

}  // namespace halley
