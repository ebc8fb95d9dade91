#include "bouncer/client.h"

#include <variant>

#include "bouncer/burst.h"
#include "bouncer/network.h"
#include "bouncer/upstream.h"
#include "bouncer/user.h"

namespace halley {

namespace {
// Rows and bytes of one page of a replay: large enough to amortise the hand-over between threads.
constexpr std::size_t kPageRows = 4096;
constexpr std::size_t kPageBytes = 256 * 1024;
}  // namespace

Client::~Client() { detach(); }

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
  user_ = nullptr;
  network_ = nullptr;
  state_ = State::kIdle;
  alive_.reset();
}

void Client::channel_complete(const Network& network, const Channel& channel) {
  const Burst burst(network, {.multi_prefix = true, .userhost = false});
  const auto sink = [&](std::string_view line) { pass(&network, line); };
  burst.topic(channel, sink);
  burst.names(channel, sink);
}

void Client::channel_names(const Network& network, const Channel& channel) {
  Burst(network, {.multi_prefix = true, .userhost = false}).names(channel, [&](std::string_view line) { pass(&network, line); });
}

void Client::follow(EventId after) {
  cursor_ = after;
  // Nothing newer: no need to ask the store.
  if (cursor_ >= user_->head()) {
    state_ = State::kLive;
    caught_up();
    return;
  }
  read_page();
}

void Client::stop_following() {
  state_ = State::kIdle;
  // Answers on their way belong to the replay that ends here.
  if (alive_) alive_ = std::make_shared<int>(0);
}

void Client::more() {
  if (state_ == State::kWaiting && wants_more()) read_page();
}

void Client::read_page() {
  state_ = State::kReading;
  storage::LogQuery query;
  query.user = user_->id();
  query.network = network_ ? network_->id() : 0;
  query.after = cursor_;
  query.max_rows = kPageRows;
  query.max_bytes = kPageBytes;
  const std::weak_ptr<int> alive = alive_;
  user_->services().store->read_log(query, [this, alive](std::expected<storage::Page, std::string> page) {
    if (alive.expired()) return;
    if (!page) {
      end(page.error());
      return;
    }
    for (std::size_t i = 0; i < page->events.size(); ++i) {
      const storage::Event& event = page->events[i];
      cursor_ = event.id;
      deliver({event, page->prev.empty() ? 0 : page->prev[i], user_->network(event.network), false});
      if (alive.expired() || state_ != State::kReading) return;
    }
    page_applied_ = page->applied;
    if (!page->more) {
      catch_up();
    } else if (wants_more()) {
      read_page();
    } else {
      state_ = State::kWaiting;
    }
  });
}

// What came after the page's snapshot is still in the journal's ring: it is delivered in this very call, so that nothing
// can come between the last replayed event and the first live one. Overwritten already: another page.
void Client::catch_up() {
  const std::weak_ptr<int> alive = alive_;
  EventId prev = cursor_;
  bool full = false;
  const bool whole = user_->services().journal->scan(page_applied_, [&](const storage::Record& record) {
    const auto* event = std::get_if<storage::Event>(&record);
    if (!event || event->user != user_->id() || event->id <= cursor_) return;
    const EventId before = prev;
    prev = event->id;
    if (network_ && event->network != network_->id()) return;
    if (full || alive.expired() || state_ != State::kReading) return;
    if (!wants_more()) {
      full = true;
      return;
    }
    cursor_ = event->id;
    deliver({*event, before, user_->network(event->network), false});
  });
  if (alive.expired() || state_ != State::kReading) return;
  if (full) {
    state_ = State::kWaiting;
    return;
  }
  if (!whole) {
    read_page();
    return;
  }
  state_ = State::kLive;
  caught_up();
}

}  // namespace halley
