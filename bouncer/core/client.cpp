#include "bouncer/core/client.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/replay_turns.h"
#include "bouncer/core/user.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {
// Of a replay in one turn of the loop, besides ReplayTurns::piece(): records of the journal looked at.
constexpr std::size_t kTurnRecords = 4096;
// A queue is crowded from half of limits.client_queue on (one read from a network, encoded, must fit into the
// rest), and eased again at an eighth.
constexpr std::size_t kCrowdedPart = 2, kEasedPart = 8;
constexpr std::size_t kMostSaidBehind = 1000;
}  // namespace

Client::~Client() {
  detach();
}

void Client::attach(User& user, Network* network) {
  detach();
  user_ = &user;
  network_ = network;
  alive_ = std::make_shared<int>(0);
  user.clients_.push_back(this);
}

void Client::detach() {
  if (!user_) return;
  std::erase(user_->clients_, this);
  for (const auto& network : user_->networks()) network->upstream().requests().forget(this);
  stop_following();
  said_behind_ = {};
  crowded_at_ms_ = 0;
  user_ = nullptr;
  network_ = nullptr;
  alive_.reset();
}

void Client::channel_complete(const Network& network, const Channel& channel) {
  const Burst burst(network, {.multi_prefix = true, .userhost = false});
  const auto sink = [&](std::string_view line) { pass(&network, line); };
  burst.topic(channel, sink);
  burst.names(channel, sink);
}

void Client::channel_names(const Network& network, const Channel& channel) {
  Burst(network, {.multi_prefix = true, .userhost = false}).names(channel, [&](std::string_view line) {
    pass(&network, line);
  });
}

void Client::follow(EventId after) {
  cursor_ = after;
  had_page_ = false;
  // Nothing newer: no need to look anywhere.
  if (cursor_ >= user_->head()) {
    state_ = State::kLive;
    said_behind_ = {};
    caught_up();
    return;
  }
  // What the journal's ring still has is read there: the store would have to write the newest first.
  journal_at_ = user_->services().journal->find(after);
  read_on();
}

void Client::stop_following() {
  state_ = State::kIdle;
  page_.reset();
  ahead_.reset();
  page_asked_for_ = false;
  if (goes_on_later_) user_->services().replay_turns->forget(*this);
  goes_on_later_ = false;
  // Answers on their way belong to the replay that ends here.
  if (alive_) alive_ = std::make_shared<int>(0);
}

void Client::more() {
  if (state_ != State::kWaiting || goes_on_later_ || !wants_more()) return;
  if (page_) {
    deliver_page();
  } else if (ahead_) {
    begin_page(std::move(ahead_));
  } else {
    read_on();
  }
}

void Client::said_behind(EventId id) {
  if (said_behind_.size() < kMostSaidBehind) said_behind_.push_back(id);
}

void Client::deliver_old(const storage::Event& event, EventId prev) {
  cursor_ = event.id;
  const bool own = !said_behind_.empty() && std::ranges::binary_search(said_behind_, event.id);
  deliver({event, prev, user_->network(event.network), false, own ? this : nullptr});
}

void Client::read_on() {
  if (journal_at_) {
    catch_up();
  } else {
    read_page(cursor_);
  }
}

void Client::read_page(EventId after) {
  state_ = State::kReading;
  page_asked_for_ = true;
  storage::LogQuery query;
  query.user = user_->id();
  query.network = network_ ? network_->id() : 0;
  query.after = after;
  query.max_bytes = user_->services().replay_turns->page();
  query.as_it_is = true;  // what is newer is in the journal's ring
  const std::weak_ptr<int> alive = alive_;
  user_->services().store->read_log(query, [this, alive](std::expected<storage::Page, std::string> page) {
    if (alive.expired()) return;
    page_asked_for_ = false;
    if (!page) {
      end(page.error());
      return;
    }
    take_page(*page);
  });
}

// The first one begins at once: most replays are short, and need not wait for a long one. The others wait for
// their turn.
void Client::take_page(storage::Page& page) {
  ahead_ = std::make_unique<storage::Page>(std::move(page));
  if (page_) return;
  state_ = State::kWaiting;
  if (!wants_more()) return;
  if (had_page_) {
    go_on_later();
  } else {
    begin_page(std::move(ahead_));
  }
}

void Client::begin_page(std::unique_ptr<storage::Page> page) {
  journal_at_ =
      page->more ? user_->services().journal->find(page->events.back().id) : std::optional(page->applied);
  page_ = std::move(page);
  page_at_ = 0;
  had_page_ = true;
  // A peer that has taken all so far gets the next page read while this one is encoded; one that is slow from
  // then on costs two pages, no more.
  if (!journal_at_ && queued() == 0) read_page(page_->events.back().id);
  deliver_page();
}

void Client::deliver_page() {
  state_ = State::kReading;
  const std::weak_ptr<int> alive = alive_;
  const std::size_t most = queued() + user_->services().replay_turns->piece();
  std::unique_ptr<storage::Page> page = std::move(page_);  // it must outlive a delivery that stops it all
  while (page_at_ < page->events.size()) {
    if (!wants_more() || queued() > most) {
      page_ = std::move(page);
      state_ = State::kWaiting;
      if (wants_more()) go_on_later();
      return;
    }
    const std::size_t at = page_at_++;
    deliver_old(page->events[at], page->prev.empty() ? 0 : page->prev[at]);
    if (alive.expired() || state_ != State::kReading) return;
  }
  if (page_asked_for_) return;  // the next one is on its way
  state_ = State::kWaiting;
  page->more ? go_on_later() : read_on();
}

// What came after the last page is still in the journal's ring: the last of it is delivered in one call with
// becoming live, so that nothing can come between the last replayed event and the first live one. Overwritten
// already: another page.
void Client::catch_up() {
  state_ = State::kReading;
  const std::weak_ptr<int> alive = alive_;
  const std::size_t most = queued() + user_->services().replay_turns->piece();
  EventId prev = cursor_;
  std::size_t looked_at = 0;
  bool stopped = false;
  const auto at = user_->services().journal->scan(*journal_at_, [&](const storage::Record& record) {
    stopped = !wants_more() || queued() > most || ++looked_at > kTurnRecords;
    if (stopped) return false;
    const auto* event = std::get_if<storage::Event>(&record);
    if (!event || event->user != user_->id() || event->id <= cursor_) return true;
    // Of a network that has been removed the store gives nothing either.
    if (!user_->network(event->network)) return true;
    const EventId before = std::exchange(prev, event->id);
    if (network_ && event->network != network_->id()) return true;
    deliver_old(*event, before);
    return !alive.expired() && state_ == State::kReading;
  });
  if (alive.expired() || state_ != State::kReading) return;
  journal_at_ = at;
  if (!at) {
    read_page(cursor_);
  } else if (stopped) {
    state_ = State::kWaiting;
    if (wants_more()) go_on_later();
  } else {
    state_ = State::kLive;
    said_behind_ = {};
    caught_up();
  }
}

void Client::go_on_later() {
  goes_on_later_ = true;
  user_->services().replay_turns->wait(
      *this, journal_at_ && !page_ ? ReplayTurns::From::kRing : ReplayTurns::From::kStore);
}

void Client::take_turn() {
  goes_on_later_ = false;
  more();
}

// In a flood a network is not read while a client that follows it live has much queued: reading on would only
// drop the queue and have every such client read the same lines from the store. A client that has not made
// room in that time is slow, and does become a cursor.
bool Client::worth_waiting_for() {
  if (state_ != State::kLive || queued() <= user_->services().config->limits.client_queue / kCrowdedPart) {
    crowded_at_ms_ = 0;
    return false;
  }
  const std::uint64_t now = user_->services().loop->clock().monotonic_ms();
  if (crowded_at_ms_ == 0) crowded_at_ms_ = now;
  return now - crowded_at_ms_ < kLongestWaitMs;
}

void Client::eased() {
  if (crowded_at_ms_ == 0 || !user_ || queued() > user_->services().config->limits.client_queue / kEasedPart)
    return;
  crowded_at_ms_ = 0;
  user_->client_eased();
}

}  // namespace halley
