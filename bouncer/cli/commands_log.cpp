// history and search: what was said, as the store has it. Without a daemon, too.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "bouncer/accounts/accounts.h"
#include "bouncer/cli/command_functions.h"
#include "bouncer/cli/log_lines.h"
#include "bouncer/cli/text_table.h"
#include "bouncer/core/log_place.h"
#include "bouncer/core/said_by.h"
#include "bouncer/irc/message.h"
#include "storage/api/msgid.h"

namespace halley::cli {
namespace {

constexpr std::size_t kDefaultLines = 50, kMostLogLines = 1000, kMostInBand = 100, kMostSearchBytes = 500;
constexpr std::string_view kOwnMessages = "*";  // a network's own buffer, which has no name

using BufferRows = std::vector<storage::BufferRow>;
using PageOrWhy = std::expected<storage::Page, std::string>;

std::expected<std::size_t, std::string> wanted_lines(const CommandCall& call) {
  const std::size_t most = call.caller.in_band() ? kMostInBand : kMostLogLines;
  if (!call.parsed.has("limit")) return kDefaultLines;
  const std::string text = call.parsed.text("limit");
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > most)
    return std::unexpected(fmt::format("limit is a number from 1 to {}", most));
  return limit;
}

// kNone: not given.
std::expected<storage::Bound, std::string> log_place(std::string_view name, const std::string& text) {
  if (const auto place = parse_log_place(text)) return *place;
  return std::unexpected(
      fmt::format("{} is a time (UTC), 2026-11-22, 2026-11-22T16:08 or 2026-11-22T16:08:05.123Z, or a line's "
                  "msgid",
                  name));
}

std::expected<storage::Bound, std::string> wanted_place(const CommandCall& call, std::string_view name) {
  if (!call.parsed.has(name)) return storage::Bound{};
  return log_place(name, call.parsed.text(name));
}

nlohmann::json line_json(const storage::Event& event) {
  nlohmann::json line{
      {"id", std::to_string(event.id)}, {"time", format_time(event.time_ms)}, {"line", event.line}};
  if (const auto message = irc::parse(event.line)) {
    line["nick"] = irc::parse_prefix(message->source).nick;
    line["command"] = message->command;
    line["text"] = message->last();
  }
  return line;
}

// A heading for each day, and the time of day before each line.
std::string history_text(const std::vector<storage::Event>& events) {
  std::string text, day;
  for (const storage::Event& event : events) {
    const std::string time = format_time(event.time_ms);
    if (time.substr(0, 10) != day)
      text += fmt::format("{}--- {} ---\n", text.empty() ? "" : "\n", day = time.substr(0, 10));
    text += fmt::format("{}  {}\n", time.substr(11, 8), said_text(event));
  }
  return text;
}

// What leads to the lines behind the edge of a page: one line alone has its msgid, several may have its time.
void tell_more(std::string& text, nlohmann::json& json, std::string_view option, storage::EventId edge) {
  const std::string msgid = storage::msgid_of(edge);
  text += fmt::format("\nThere is more: --{} {}", option, msgid);
  json[option] = msgid;
}

CommandResult history_answer(const PageOrWhy& page, std::string_view asked) {
  if (!page) return CommandResult::refuse(page.error());
  nlohmann::json lines = nlohmann::json::array();
  for (const storage::Event& event : page->events) lines.push_back(line_json(event));
  std::string text = history_text(page->events);
  if (text.empty())
    text = asked.empty() ? "nothing was said there" : fmt::format("nothing was said there {} that", asked);
  nlohmann::json json{{"lines", std::move(lines)}, {"more", page->more}};
  if (page->more && !page->events.empty()) {
    const bool onwards = asked == "after";
    tell_more(text, json, onwards ? "after" : "before",
              onwards ? page->events.back().id : page->events.front().id);
  }
  return CommandResult::done(std::move(text), std::move(json));
}

std::string name_of(const BufferRows& buffers, const storage::Event& event) {
  for (const storage::BufferId id : event.buffers) {
    const auto at = std::ranges::find(buffers, id, &storage::BufferRow::id);
    if (at != buffers.end()) return at->name.empty() ? std::string(kOwnMessages) : at->name;
  }
  return std::string(kOwnMessages);
}

// A search on its way: the store's pages, until there are enough lines.
struct Finding {
  storage::Store& store;
  storage::SearchQuery query;
  std::size_t limit = 0;
  BufferRows buffers;
  std::vector<std::pair<storage::NetworkId, std::string>> networks;
  std::vector<std::vector<std::string>> rows;  // the newest first
  nlohmann::json lines = nlohmann::json::array();
  std::vector<std::string> times;  // that it was to be before, as they were given
  bool more = false;
  CommandDone done;
};

void take(Finding& finding, const storage::Event& event) {
  const auto network =
      std::ranges::find(finding.networks, event.network, &std::pair<storage::NetworkId, std::string>::first);
  const std::string where = network == finding.networks.end() ? "?" : network->second;
  const std::string target = name_of(finding.buffers, event);
  nlohmann::json line = line_json(event);
  line["network"] = where;
  line["target"] = target;
  finding.lines.push_back(std::move(line));
  finding.rows.push_back({format_time(event.time_ms), where + " " + printable(target), said_text(event)});
}

void finish(Finding& finding) {
  std::ranges::reverse(finding.rows);  // the newest is nearest to the prompt
  std::string text = finding.rows.empty() ? "nothing was found" : text_table(finding.rows);
  nlohmann::json json{{"lines", std::move(finding.lines)}, {"more", finding.more}};
  if (finding.more) {
    tell_more(text, json, "before", finding.query.before);
    for (const std::string& time : finding.times) text += fmt::format(" --before {}", time);
  }
  finding.done(CommandResult::done(std::move(text), std::move(json)));
}

void find_on(const std::shared_ptr<Finding>& finding) {
  finding->store.search(finding->query, [finding](const PageOrWhy& page) {
    if (!page) return finding->done(CommandResult::refuse(page.error()));
    for (const storage::Event& event : page->events) {
      if (finding->rows.size() == finding->limit) {
        finding->more = true;
        return finish(*finding);
      }
      take(*finding, event);
      finding->query.before = event.id;
    }
    finding->more = page->more;
    if (page->more) finding->query.before = page->go_on_before;
    // The store looks at a bounded number of lines for each page, and serves one user after the other.
    if (!page->more || finding->rows.size() >= finding->limit) return finish(*finding);
    find_on(finding);
  });
}

// Times are those that are shown; lines are found in the order of their ids, each of which has one place.
std::string take_bounds(const CommandCall& call, Finding& finding) {
  storage::SearchQuery& query = finding.query;
  for (const std::string_view name : {"before", "after"}) {
    for (const std::string& text : call.parsed.all(name)) {
      const auto place = log_place(name, text);
      if (!place) return place.error();
      const bool before = name == "before";
      if (place->by == storage::Bound::By::kTime) {
        if (before) finding.times.push_back(text);
        before ? query.to_ms = std::min(query.to_ms, std::max<std::int64_t>(place->time_ms, 1))
               : query.from_ms = std::max(query.from_ms, place->time_ms);
        continue;
      }
      const auto id = place->by == storage::Bound::By::kId ? place->id : storage::id_of_msgid(place->msgid);
      if (!id)
        return fmt::format("{} of a search takes msgids of Halley's own, as its answers have them", name);
      before ? query.before = std::min(query.before, *id) : query.after = std::max(query.after, *id);
    }
  }
  return {};
}

}  // namespace

void history(CommandCall& call, CommandDone done) {
  const auto network = call.accounts().require_network(call.user, call.parsed.text("NETWORK"));
  if (!network) return done(CommandResult::refuse(network.error()));
  const auto limit = wanted_lines(call);
  if (!limit) return done(CommandResult::usage(limit.error()));
  const auto before = wanted_place(call, "before"), after = wanted_place(call, "after");
  if (!before || !after) return done(CommandResult::usage(before ? after.error() : before.error()));
  if (call.parsed.has("before") && call.parsed.has("after"))
    return done(
        CommandResult::usage("history goes back, before a place, or on, after one: give one of them"));
  storage::HistoryQuery query;
  query.user = (*network)->user;
  query.limit = *limit;
  std::string_view asked;
  if (call.parsed.has("before")) {
    ask_before(query, *before);
    asked = "before";
  } else if (call.parsed.has("after")) {
    ask_after(query, *after);
    asked = "after";
  } else {
    ask_newest(query);
  }
  std::string target = call.parsed.text("TARGET");
  if (target == kOwnMessages) target.clear();
  storage::Store& store = call.environment.store;
  store.read_buffers(query.user, [&store, query, id = (*network)->id, target, asked, done = std::move(done)](
                                     const std::expected<BufferRows, std::string>& buffers) mutable {
    if (!buffers) return done(CommandResult::refuse(buffers.error()));
    const auto at = std::ranges::find_if(*buffers, [&](const storage::BufferRow& row) {
      return row.network == id && same_name(row.name, target);
    });
    if (at == buffers->end())
      return done(CommandResult::done(fmt::format("nothing was ever said in {} there", printable(target)),
                                      {{"lines", nlohmann::json::array()}, {"more", false}}));
    query.buffer = at->id;
    store.read_history(
        query, [asked, done = std::move(done)](const PageOrWhy& page) { done(history_answer(page, asked)); });
  });
}

void search(CommandCall& call, CommandDone done) {
  const auto refuse = [&done](const std::string& why) { done(CommandResult::usage(why)); };
  const auto limit = wanted_lines(call);
  if (!limit) return refuse(limit.error());
  auto finding = std::make_shared<Finding>(Finding{.store = call.environment.store,
                                                   .query = {},
                                                   .buffers = {},
                                                   .networks = {},
                                                   .rows = {},
                                                   .times = {},
                                                   .done = std::move(done)});
  storage::SearchQuery& query = finding->query;
  query.user = call.accounts().find_user(call.user)->id;
  query.text = call.parsed.text("QUERY");
  if (query.text.empty() || query.text.size() > kMostSearchBytes)
    return finding->done(CommandResult::usage(fmt::format("a search has 1 to {} bytes", kMostSearchBytes)));
  query.limit = *limit;
  if (const std::string why = take_bounds(call, *finding); !why.empty())
    return finding->done(CommandResult::usage(why));
  if (call.parsed.has("network")) {
    const auto network = call.accounts().require_network(call.user, call.parsed.text("network"));
    if (!network) return finding->done(CommandResult::refuse(network.error()));
    query.network = (*network)->id;
  }
  finding->limit = *limit;
  if (call.parsed.has("from")) query.only = said_by(call.parsed.text("from"), irc::CaseMapping::kAscii, ~0U);
  for (const auto* network : call.accounts().networks(query.user))
    finding->networks.emplace_back(network->id, network->name);
  finding->store.read_buffers(query.user, [finding, target = call.parsed.text("target")](
                                              std::expected<BufferRows, std::string> buffers) {
    if (!buffers) return finding->done(CommandResult::refuse(buffers.error()));
    storage::SearchQuery& asked = finding->query;
    for (const storage::BufferRow& row : *buffers) {
      if (!target.empty() && same_name(row.name, target) &&
          (asked.network == 0 || row.network == asked.network))
        asked.buffers.push_back(row.id);
    }
    if (!target.empty() && asked.buffers.empty()) return finish(*finding);
    finding->buffers = std::move(*buffers);
    find_on(finding);
  });
}

}  // namespace halley::cli
