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
#include "bouncer/core/said_by.h"
#include "bouncer/irc/message.h"

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

// 0: not given.
std::expected<std::int64_t, std::string> wanted_time(const CommandCall& call, std::string_view name) {
  if (!call.parsed.has(name)) return 0;
  const auto ms = parse_moment(call.parsed.text(name));
  if (!ms) {
    return std::unexpected(
        fmt::format("{} is a time (UTC): 2026-11-22, 2026-11-22T16:08 or 2026-11-22T16:08:05Z", name));
  }
  return std::max<std::int64_t>(*ms, 1);
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

CommandResult history_answer(const PageOrWhy& page) {
  if (!page) return CommandResult::refuse(page.error());
  nlohmann::json lines = nlohmann::json::array();
  for (const storage::Event& event : page->events) lines.push_back(line_json(event));
  std::string text = history_text(page->events);
  if (text.empty()) text = "nothing was said there";
  if (page->more && !page->events.empty()) {
    std::string before = format_time(page->events.front().time_ms);
    std::ranges::replace(before, ' ', 'T');
    text += fmt::format("\nThere is more: --before {}", before);
  }
  return CommandResult::done(std::move(text), {{"lines", std::move(lines)}, {"more", page->more}});
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
  if (finding.more) text += "\nThere is more: --limit, --before and the like tell what";
  finding.done(
      CommandResult::done(std::move(text), {{"lines", std::move(finding.lines)}, {"more", finding.more}}));
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
    }
    finding->more = page->more;
    finding->query.before = page->go_on_before;
    // The store looks at a bounded number of lines for each page, and serves one user after the other.
    if (!page->more || finding->rows.size() >= finding->limit) return finish(*finding);
    find_on(finding);
  });
}

}  // namespace

void history(CommandCall& call, CommandDone done) {
  const auto network = call.accounts().require_network(call.user, call.parsed.text("NETWORK"));
  if (!network) return done(CommandResult::refuse(network.error()));
  const auto limit = wanted_lines(call);
  if (!limit) return done(CommandResult::usage(limit.error()));
  const auto before = wanted_time(call, "before");
  if (!before) return done(CommandResult::usage(before.error()));
  storage::HistoryQuery query;
  query.user = (*network)->user;
  query.limit = *limit;
  if (*before > 0) {
    query.what = storage::HistoryQuery::What::kBefore;
    query.a.by = storage::Bound::By::kTime;
    query.a.time_ms = *before;
  }
  std::string target = call.parsed.text("TARGET");
  if (target == kOwnMessages) target.clear();
  storage::Store& store = call.environment.store;
  store.read_buffers(query.user, [&store, query, id = (*network)->id, target, done = std::move(done)](
                                     const std::expected<BufferRows, std::string>& buffers) mutable {
    if (!buffers) return done(CommandResult::refuse(buffers.error()));
    const auto at = std::ranges::find_if(*buffers, [&](const storage::BufferRow& row) {
      return row.network == id && same_name(row.name, target);
    });
    if (at == buffers->end()) return done(history_answer(storage::Page{}));
    query.buffer = at->id;
    store.read_history(query,
                       [done = std::move(done)](const PageOrWhy& page) { done(history_answer(page)); });
  });
}

void search(CommandCall& call, CommandDone done) {
  const auto refuse = [&done](const std::string& why) { done(CommandResult::usage(why)); };
  const auto limit = wanted_lines(call);
  if (!limit) return refuse(limit.error());
  const auto before = wanted_time(call, "before"), after = wanted_time(call, "after");
  if (!before || !after) return refuse(before ? after.error() : before.error());
  auto finding = std::make_shared<Finding>(Finding{.store = call.environment.store,
                                                   .query = {},
                                                   .buffers = {},
                                                   .networks = {},
                                                   .rows = {},
                                                   .done = std::move(done)});
  storage::SearchQuery& query = finding->query;
  query.user = call.accounts().find_user(call.user)->id;
  query.text = call.parsed.text("QUERY");
  if (query.text.empty() || query.text.size() > kMostSearchBytes)
    return finding->done(CommandResult::usage(fmt::format("a search has 1 to {} bytes", kMostSearchBytes)));
  query.limit = *limit;
  if (*before > 0) query.to_ms = *before;
  if (*after > 0) query.from_ms = *after;
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
