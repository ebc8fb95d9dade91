// SEARCH: lines with words, of somebody, between two times, in one buffer or in all of the network.
// Source: https://soju.im/search
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "bouncer/core/network.h"
#include "bouncer/core/said_by.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/time_tag.h"

namespace halley {

namespace {

constexpr std::size_t kMostSearched = 100;    // lines of one answer
constexpr std::size_t kMostSearchText = 500;  // bytes of what is looked for
// Ids are the time at which a line came; the time that it shows may be so far from that, unless it came late.
constexpr std::int64_t kSearchSkewMs = 5 * 60 * 1000;
constexpr std::int64_t kNeverOver = std::int64_t{1} << 50;  // milliseconds

// What a search needs from page to page. It goes on until there are enough lines, or no more: the store looks
// at a bounded number of lines for each page, serves one user after the other, and gives what is of use
// alone, so that `pages`, which keep what `found` views, hold little.
struct WordSearch {
  storage::SearchQuery query;
  std::string from;                                   // a nick; empty: anybody
  std::int64_t after_ms = 0, before_ms = kNeverOver;  // both included
  std::size_t limit = kMostSearched;
  NetworkId network = 0;
  EventId last = 0;  // that was looked at; 0: none yet
  std::vector<storage::Page> pages;
  std::vector<storage::Event> found;  // newest first
};

EventId id_near(std::int64_t ms) {
  return static_cast<EventId>(std::max<std::int64_t>(ms, 0)) * 1000;
}

// False: the attribute is refused.
bool take_attribute(WordSearch& search, const Network& network, std::string_view key,
                    const std::string& value) {
  if (key == "text") {
    search.query.text = value;
    return value.size() <= kMostSearchText;
  }
  if (key == "from") {
    search.from = value;
    return true;
  }
  if (key == "in") {
    // A buffer in which nothing was ever said is none: nothing is found there.
    search.query.buffers = {network.buffers().find(value)};
    return !value.empty();
  }
  if (key == "limit") {
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
    search.limit = std::min(limit, kMostSearched);
    return error == std::errc{} && end == value.data() + value.size() && limit > 0;
  }
  if (key != "after" && key != "before") return false;
  const auto time = irc::parse_time(value);
  if (!time) return false;
  (key == "after" ? search.after_ms : search.before_ms) = std::clamp<std::int64_t>(*time, 0, kNeverOver);
  return true;
}

// Also the store goes by times where it is asked for words, or for one buffer.
bool is_of_times(const WordSearch& search, const storage::Event& event) {
  return event.time_ms >= search.after_ms && event.time_ms <= search.before_ms;
}

void answer(Downstream& client, const Network& network, const WordSearch& search) {
  in_batch(client, {.type = "soju.im/search"}, [&](const std::string& reference) {
    for (auto event = search.found.rbegin(); event != search.found.rend(); ++event)
      client.send_history({.event = *event, .prev = 0, .network = &network, .live = false}, reference);
  });
}

// Takes the page's lines from the newest on. True: there is no more to look for.
bool take_page(WordSearch& search, storage::Page page) {
  const std::size_t before = search.found.size();
  for (auto event = page.events.rbegin(); event != page.events.rend(); ++event) {
    if (search.found.size() == search.limit) break;
    if (is_of_times(search, *event)) search.found.push_back(*event);
  }
  if (!page.more || search.found.size() == search.limit) {
    search.pages.push_back(std::move(page));
    return true;
  }
  search.query.before = page.go_on_before != 0 ? page.go_on_before : page.passed;
  search.last = page.passed;
  if (search.found.size() > before) search.pages.push_back(std::move(page));
  return false;
}

void run(Downstream& client, const std::shared_ptr<WordSearch>& search);

void found(Downstream& client, const std::shared_ptr<WordSearch>& search,
           std::expected<storage::Page, std::string> page) {
  const Network* network = client.bound_network();
  if (!network || network->id() != search->network) return;  // removed meanwhile
  if (!page) {
    client.fail("SEARCH", "INTERNAL_ERROR", {}, page.error());
    return;
  }
  // Found lines come newest first, history oldest first.
  if (!search->query.text.empty()) std::ranges::reverse(page->events);
  if (take_page(*search, std::move(*page))) {
    answer(client, *network, *search);
  } else {
    run(client, search);
  }
}

void run(Downstream& client, const std::shared_ptr<WordSearch>& search) {
  const AnswerId asked = client.asked_store();
  const auto done = [&client, search, asked,
                     alive = client.alive()](std::expected<storage::Page, std::string> page) {
    if (alive.expired()) return;
    const Answering answering(client, asked);
    found(client, search, std::move(page));
    client.store_answered(asked);
  };
  const storage::SearchQuery& query = search->query;
  if (!query.text.empty()) {
    client.user()->past().search(query, done);
  } else if (!query.buffers.empty()) {
    storage::HistoryQuery history;
    history.buffer = query.buffers.front();
    // In the order of times, backwards.
    history.what = storage::HistoryQuery::What::kBetween;
    history.a.by = search->last == 0 ? storage::Bound::By::kTime : storage::Bound::By::kId;
    history.a.id = search->last;
    history.a.time_ms = search->before_ms + 1;
    history.b.by = storage::Bound::By::kTime;
    history.b.time_ms = search->after_ms - 1;
    history.limit = query.limit;
    history.only = query.only;
    client.user()->past().history(std::move(history), done);
  } else {
    storage::LogQuery log;
    log.network = search->network;
    log.after = id_near(search->after_ms - kSearchSkewMs);
    log.until = std::min(query.before, id_near(search->before_ms + kSearchSkewMs)) - 1;
    log.max_rows = query.limit;
    log.newest = true;
    log.as_it_is = search->last != 0;  // what is older than the first page is written
    log.only = query.only;
    client.user()->past().read(std::move(log), done);
  }
}

}  // namespace

void handle_search(Downstream& client, Network& network, const irc::Message& m) {
  auto search = std::make_shared<WordSearch>();
  search->network = search->query.network = network.id();
  std::string refused;
  irc::for_each_tag(m.param(0), [&](std::string_view key, std::string_view value) {
    if (refused.empty() && !take_attribute(*search, network, key, irc::unescape_tag_value(value)))
      refused = key;
  });
  if (!refused.empty()) {
    client.fail("SEARCH", "INVALID_PARAMS", {refused},
                "Say SEARCH text=...;in=...;from=...;after=...;before=...;limit=..., each of them or none");
    return;
  }
  if (search->query.buffers == std::vector<BufferId>{0} || search->after_ms > search->before_ms) {
    answer(client, network, *search);
    return;
  }
  search->query.from_ms = search->after_ms;
  search->query.to_ms = search->before_ms + 1;
  search->query.limit = search->limit;
  search->query.only = said_by(search->from, network.state().casemapping(), kMessageKinds);
  run(client, search);
}

}  // namespace halley
