// GET /api/history, GET /api/export, GET /api/search.
#include <algorithm>
#include <span>
#include <string>

#include "bouncer/core/network.h"
#include "bouncer/core/said_by.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/message.h"
#include "bouncer/irc/time_tag.h"
#include "gateway/api/api.h"
#include "gateway/api/history_export.h"
#include "gateway/events/cursor.h"
#include "gateway/events/frame.h"
#include "gateway/http/json_writer.h"

namespace halley::gateway {
namespace {

constexpr std::size_t kDefaultLines = 100, kMostLines = 1000;
constexpr std::size_t kDefaultFound = 50, kMostFound = 200;
constexpr std::size_t kMostQuery = 500;                                               // bytes
constexpr std::size_t kMostSearchesAtOnce = 4, kMostHistories = 8, kMostExports = 2;  // of a user at once
constexpr std::size_t kMostAnswerBytes =
    512 * 1024;  // bytes of lines; with more the answer has fewer than asked for
constexpr std::uint64_t kLatestMs = std::uint64_t{1} << 50;

std::optional<std::size_t> wanted_limit(const Call& call, std::size_t usual, std::size_t most) {
  const auto text = call.query.find("limit");
  if (!text) return usual;
  const auto number = parse_number(*text);
  if (!number || *number == 0) return std::nullopt;
  return static_cast<std::size_t>(std::min<std::uint64_t>(*number, most));
}

// An event's id with or without its epoch. nullopt: no id, or one of another database.
std::optional<EventId> parse_id(const Call& call, std::string_view text) {
  const auto cursor = parse_cursor(text);
  if (!cursor || (!cursor->epoch.empty() && cursor->epoch != call.caller.user->epoch())) return std::nullopt;
  return cursor->id;
}

// An id, a time (2024-05-01 or 2024-05-01T12:00:00Z), or both, as the answer to a search before a time has
// them: ID@MILLISECONDS.
struct SearchEnd {
  std::optional<EventId> id;
  std::optional<std::int64_t> time_ms;
};

std::optional<SearchEnd> parse_end(const Call& call, std::string_view text) {
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    const auto id = parse_id(call, text.substr(0, at));
    const auto ms = parse_number(text.substr(at + 1));
    if (!id || !ms || *ms > kLatestMs) return std::nullopt;
    return SearchEnd{id, static_cast<std::int64_t>(*ms)};
  }
  if (const auto id = parse_id(call, text)) return SearchEnd{id, std::nullopt};
  auto ms = irc::parse_time(text);
  if (!ms && text.size() == 10) ms = irc::parse_time(std::string(text) + "T00:00:00.000Z");
  if (!ms) return std::nullopt;
  return SearchEnd{std::nullopt, std::max<std::int64_t>(*ms, 0)};  // nothing was said before 1970
}

void bad_place(const Call& call) {
  call.respond.send(
      error_response(400, "bad_place", "before, after and around take the id of an event of this database."));
}

// False: answered already.
bool read_ends(const Call& call, storage::SearchQuery& query) {
  for (const bool before : {true, false}) {
    const auto text = call.query.find(before ? "before" : "after");
    const auto end = text ? parse_end(call, *text) : SearchEnd{};
    if (!end) {
      bad_place(call);
      return false;
    }
    if (end->id) (before ? query.before : query.after) = *end->id;
    if (end->time_ms && before) query.to_ms = *end->time_ms;
    if (end->time_ms && !before) query.from_ms = *end->time_ms;
  }
  return true;
}

struct HistoryBound {
  std::string_view name;
  storage::HistoryQuery::What what;
};

// False: answered already.
bool read_bounds(const Call& call, storage::HistoryQuery& query) {
  using What = storage::HistoryQuery::What;
  for (const HistoryBound& bound :
       {HistoryBound{"before", What::kBefore}, {"after", What::kAfter}, {"around", What::kAround}}) {
    const auto text = call.query.find(bound.name);
    if (!text) continue;
    const auto id = parse_id(call, *text);
    if (!id || query.what != What::kLatest) {
      bad_place(call);
      return false;
    }
    query.what = bound.what;
    query.a.by = storage::Bound::By::kId;
    query.a.id = *id;
  }
  return true;
}

void send_trouble(const Responder& respond, const std::string& why) {
  respond.send(error_response(500, "store", "The history cannot be read: " + why));
}

// What a search needs until its page is there.
struct Search {
  Search(const LiveUser& find, UserId of, Responder right, std::weak_ptr<int> api)
      : live_user(find), user(of), respond(std::move(right)), alive(std::move(api)) {}
  const LiveUser& live_user;
  UserId user;
  Responder respond;
  std::weak_ptr<int> alive;
  storage::SearchQuery query;
  std::string body = "{\"lines\":[";
  std::size_t found = 0;
  bool more = false;
  std::shared_ptr<void> place;  // among the user's searches, also when nobody waits any more
};

std::size_t weight(const storage::Event& event) {
  return event.line.size() + event.tags.size() + event.msgid.size() + 100;
}

// Which of the lines go into one answer: those nearest to what was asked for, and at least one.
std::span<const storage::Event> that_fit(std::span<const storage::Event> events,
                                         storage::HistoryQuery::What what, EventId at) {
  using What = storage::HistoryQuery::What;
  std::size_t begin = 0, bytes = 0;
  if (what == What::kBefore || what == What::kLatest) begin = events.size();
  if (what == What::kAround)
    begin = static_cast<std::size_t>(std::ranges::lower_bound(events, at, {}, &storage::Event::id) -
                                     events.begin());
  // Outwards from there.
  const std::size_t middle = begin;
  std::size_t end = begin;
  while (begin > 0 || end < events.size()) {
    const bool back = begin > 0 && (end == events.size() || middle - begin < end - middle);
    const std::size_t next = weight(events[back ? begin - 1 : end]);
    if (begin < end && bytes + next > kMostAnswerBytes) break;
    bytes += next;
    if (back)
      --begin;
    else
      ++end;
  }
  return events.subspan(begin, end - begin);
}

void append_found(Search& search, const User& user, const storage::Event& event) {
  const Network* network = user.network(event.network);
  const std::string* target =
      network && !event.buffers.empty() ? network->buffers().name(event.buffers.front()) : nullptr;
  if (search.found++ > 0) search.body += ',';
  append_stored_json(search.body, user.epoch(),
                     network ? std::string_view(network->name()) : std::string_view{}, event);
  search.body.pop_back();  // the brace: one member more
  search.body += ",\"target\":";
  append_json_string(search.body, target ? std::string_view(*target) : std::string_view{});
  search.body += '}';
}

void take_found(Search& search, const User& user, const storage::Page& page) {
  for (const storage::Event& event : page.events) {
    // What does not fit is found by the next question.
    search.more = search.found > 0 && search.body.size() + weight(event) > kMostAnswerBytes;
    if (search.more) return;
    search.query.before = event.id;
    append_found(search, user, event);
  }
  if (page.more) search.query.before = page.go_on_before;
  search.more = page.more;
}

void finish_search(Search& search, const User& user) {
  search.body += search.more ? "],\"more\":true,\"before\":\"" : "],\"more\":false";
  if (search.more) {
    append_cursor(search.body, user.epoch(), search.query.before);
    if (search.query.to_ms <= static_cast<std::int64_t>(kLatestMs)) {
      search.body += '@';
      append_number(search.body, static_cast<std::uint64_t>(search.query.to_ms));
    }
    search.body += '"';
  }
  search.body += "}\n";
  search.respond.send(json_response(200, std::move(search.body)));
}

void run_search(const std::shared_ptr<Search>& search, const User& asker) {
  asker.past().search(search->query, [search](std::expected<storage::Page, std::string> page) {
    if (search->alive.expired() || !search->respond.waiting()) return;
    if (!page) return send_trouble(search->respond, page.error());
    const User* user = search->live_user(search->user);  // disabled or removed meanwhile?
    if (!user) return search->respond.send(error_response(403, "disabled", "This account is disabled."));
    take_found(*search, *user, *page);
    finish_search(*search, *user);
  });
}

}  // namespace

void Api::history(const Call& call) {
  User& user = *call.caller.user;
  const Network* network = user.find_network(call.query.get("network"));
  if (!network)
    return call.respond.send(
        error_response(404, "unknown_network", "You have no network of that name; see /api/me."));
  const auto limit = wanted_limit(call, kDefaultLines, kMostLines);
  if (!limit) return call.respond.send(error_response(400, "bad_limit", "limit is a number from 1 to 1000."));
  storage::HistoryQuery query;
  if (!read_bounds(call, query)) return;
  query.limit = *limit;
  query.buffer = network->buffers().find(call.query.get("target"));
  // Nothing was ever said there: an empty history, not an error.
  if (query.buffer == 0) return call.respond.send(json_response(200, "{\"lines\":[],\"more\":false}\n"));
  auto place = place_for(call, histories_, kMostHistories);
  if (!place) return;
  const auto what = query.what;
  const EventId at = query.a.id;
  user.past().history(std::move(query),
                      [respond = call.respond, epoch = user.epoch(), name = network->name(), what, at,
                       place = std::move(place)](std::expected<storage::Page, std::string> page) {
                        if (!page) return send_trouble(respond, page.error());
                        const auto events = that_fit(page->events, what, at);
                        std::string body = "{\"lines\":[";
                        for (const storage::Event& event : events) {
                          if (&event != events.data()) body += ',';
                          append_stored_json(body, epoch, name, event);
                        }
                        const bool more = page->more || events.size() < page->events.size();
                        body += more ? "],\"more\":true}\n" : "],\"more\":false}\n";
                        respond.send(json_response(200, std::move(body)));
                      });
}

void Api::export_history(const Call& call) {
  User& user = *call.caller.user;
  const Network* network = user.find_network(call.query.get("network"));
  if (!network)
    return call.respond.send(
        error_response(404, "unknown_network", "You have no network of that name; see /api/me."));
  // Kept with the answer until it is out.
  if (!place_for(call, exports_, kMostExports)) return;
  Response head;
  head.header("Content-Type", "application/x-ndjson");
  head.header("Content-Disposition", "attachment; filename=\"halley-history.ndjson\"");
  head.header("Cache-Control", "no-store, no-transform");
  head.header("X-Accel-Buffering", "no");
  const HistoryExport::Parts parts{parts_.loop, parts_.accounts, parts_.live_user};
  HistoryExport::Wanted wanted{.user = user.id(),
                               .session = call.caller.session,
                               .device = call.caller.device,
                               .network = network->name(),
                               .buffer = network->buffers().find(call.query.get("target"))};
  call.respond.stream(std::move(head), [&](net::Stream& stream, std::string_view first, bool chunked) {
    auto body = std::make_unique<HistoryExport>(parts, std::move(wanted), stream, first, chunked);
    body->begin();
    return body;
  });
}

void Api::search(const Call& call) {
  User& user = *call.caller.user;
  auto search = std::make_shared<Search>(parts_.live_user, user.id(), call.respond, alive_);
  storage::SearchQuery& query = search->query;
  query.text = call.query.get("q");
  if (query.text.empty() || query.text.size() > kMostQuery)
    return call.respond.send(
        error_response(400, "bad_query", "q holds the words to look for, at most 500 bytes."));
  const auto limit = wanted_limit(call, kDefaultFound, kMostFound);
  if (!limit) return call.respond.send(error_response(400, "bad_limit", "limit is a number from 1 to 200."));
  query.limit = *limit;
  if (std::string from(call.query.get("from")); !from.empty())
    query.only = said_by(std::move(from), irc::CaseMapping::kAscii, ~0U);
  if (!read_ends(call, query)) return;
  if (call.query.has("network")) {
    const Network* network = user.find_network(call.query.get("network"));
    if (!network)
      return call.respond.send(
          error_response(404, "unknown_network", "You have no network of that name; see /api/me."));
    query.network = network->id();
  }
  const std::string_view target = call.query.get("target");
  for (const auto& network : user.networks()) {
    if (target.empty() || (query.network != 0 && network->id() != query.network)) continue;
    if (const BufferId buffer = network->buffers().find(target)) query.buffers.push_back(buffer);
  }
  if (!target.empty() && query.buffers.empty())
    return call.respond.send(json_response(200, "{\"lines\":[],\"more\":false}\n"));
  search->place = place_for(call, searches_, kMostSearchesAtOnce);
  if (search->place) run_search(search, user);
}

}  // namespace halley::gateway
