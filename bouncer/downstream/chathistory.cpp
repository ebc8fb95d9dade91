// CHATHISTORY: pages of a buffer's history on request. Source: https://ircv3.net/specs/extensions/chathistory
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/time_tag.h"

namespace halley {

namespace {

using irc::Message;
using storage::Bound;
using storage::HistoryQuery;

std::optional<Bound> parse_bound(std::string_view text) {
  Bound bound;
  if (text.starts_with("timestamp=")) {
    const auto time = irc::parse_time(text.substr(10));
    if (!time) return std::nullopt;
    bound.by = Bound::By::kTime;
    bound.time_ms = *time;
    return bound;
  }
  if (text.starts_with("msgid=") && text.size() > 6) {
    bound.by = Bound::By::kMsgid;
    bound.msgid = text.substr(6);
    return bound;
  }
  return std::nullopt;
}

std::optional<std::size_t> parse_limit(std::string_view text) {
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit == 0) return std::nullopt;
  return std::min(limit, kMostHistory);
}

std::uint32_t kinds_for(irc::CapSet caps) {
  constexpr std::uint32_t kEvents = kind_bit(Kind::kJoin) | kind_bit(Kind::kPart) | kind_bit(Kind::kQuit) |
                                    kind_bit(Kind::kNick) | kind_bit(Kind::kMode) | kind_bit(Kind::kTopic) |
                                    kind_bit(Kind::kKick);
  return caps.has(irc::Cap::kEventPlayback) ? kMessageKinds | kEvents : kMessageKinds;
}

// Opens a batch where the client knows batches, runs `lines` with its reference, and closes it.
template <typename Lines>
void in_batch(Downstream& client, std::string_view type, std::string_view target, Lines&& lines) {
  std::string reference;
  if (client.caps().has(irc::Cap::kBatch)) {
    reference = client.next_batch_reference();
    std::vector<std::string> params{"+" + reference, std::string(type)};
    if (!target.empty()) params.emplace_back(target);
    const std::vector<std::string_view> views(params.begin(), params.end());
    std::string line;
    irc::append_line(line, {.source = client.server_name(), .command = "BATCH", .params = views});
    client.send(line);
  }
  lines(reference);
  if (!reference.empty()) client.send(irc::format_line(client.server_name(), "BATCH", {"-" + reference}));
}

void answer_history(Downstream& client, const Network& network, const std::string& target,
                    const storage::Page& page) {
  in_batch(client, "chathistory", target, [&](const std::string& reference) {
    for (const storage::Event& event : page.events) {
      client.send_history({.event = event, .prev = 0, .network = &network, .live = false}, reference);
    }
  });
}

void answer_targets(Downstream& client, const Network& network, const std::vector<storage::TargetRow>& rows) {
  in_batch(client, "draft/chathistory-targets", {}, [&](const std::string& reference) {
    for (const storage::TargetRow& row : rows) {
      const std::string* name = network.buffers().name(row.buffer);
      if (!name || name->empty()) continue;
      std::string line = reference.empty() ? std::string() : "@batch=" + reference + " ";
      std::string time;
      irc::append_time(time, row.latest_ms);
      line += irc::format_line(client.server_name(), "CHATHISTORY", {"TARGETS", *name, time});
      client.send(line);
    }
  });
}

void targets(Downstream& client, const Network& bound, const Message& m) {
  const auto a = parse_bound(m.param(1)), b = parse_bound(m.param(2));
  const auto limit = parse_limit(m.param(3));
  if (!a || !b || a->by != Bound::By::kTime || b->by != Bound::By::kTime || !limit) {
    client.fail("CHATHISTORY", "INVALID_PARAMS", {"TARGETS"},
                "Say CHATHISTORY TARGETS timestamp=... timestamp=... limit");
    return;
  }
  storage::TargetsQuery query;
  query.network = bound.id();
  query.from_ms = std::min(a->time_ms, b->time_ms);
  query.to_ms = std::max(a->time_ms, b->time_ms);
  query.limit = *limit;
  query.kinds = kMessageKinds;
  client.asked_store();
  client.user()->past().targets(query, [&client, alive = client.alive()](auto rows) {
    if (alive.expired()) return;
    client.store_answered();
    const Network* network = client.bound_network();  // removed meanwhile?
    if (!network) return;
    if (!rows) {
      client.fail("CHATHISTORY", "MESSAGE_ERROR", {"TARGETS"}, rows.error());
      return;
    }
    answer_targets(client, *network, *rows);
  });
}

struct Subcommand {
  std::string_view name;
  HistoryQuery::What what;
  std::size_t bounds;
};
constexpr Subcommand kSubcommands[] = {
    {"BEFORE", HistoryQuery::What::kBefore, 1},   {"AFTER", HistoryQuery::What::kAfter, 1},
    {"LATEST", HistoryQuery::What::kLatest, 1},   {"AROUND", HistoryQuery::What::kAround, 1},
    {"BETWEEN", HistoryQuery::What::kBetween, 2},
};

std::optional<HistoryQuery> parse_query(const Subcommand& sub, const Message& m) {
  HistoryQuery query;
  query.what = sub.what;
  if (m.param_count != 3 + sub.bounds) return std::nullopt;
  const auto limit = parse_limit(m.param(2 + sub.bounds));
  if (!limit) return std::nullopt;
  query.limit = *limit;
  const bool open = sub.what == HistoryQuery::What::kLatest && m.param(2) == "*";
  if (!open) {
    const auto a = parse_bound(m.param(2));
    if (!a) return std::nullopt;
    query.a = *a;
  }
  if (sub.bounds == 2) {
    const auto b = parse_bound(m.param(3));
    if (!b) return std::nullopt;
    query.b = *b;
  }
  return query;
}

}  // namespace

void handle_chathistory(Downstream& client, Network& bound, const Message& m) {
  if (irc::same_command(m.param(0), "TARGETS")) {
    targets(client, bound, m);
    return;
  }
  const auto* sub = std::find_if(std::begin(kSubcommands), std::end(kSubcommands),
                                 [&](const Subcommand& s) { return irc::same_command(s.name, m.param(0)); });
  if (sub == std::end(kSubcommands)) {
    client.fail("CHATHISTORY", "INVALID_PARAMS", {m.param(0)},
                "Unknown subcommand: BEFORE, AFTER, LATEST, AROUND, BETWEEN or TARGETS");
    return;
  }
  auto query = parse_query(*sub, m);
  if (!query) {
    client.fail("CHATHISTORY", "INVALID_PARAMS", {sub->name},
                fmt::format("Say CHATHISTORY {} target {}limit, bounds as timestamp=... or msgid=...",
                            sub->name, sub->bounds == 2 ? "bound bound " : "bound "));
    return;
  }
  std::string target(m.param(1));
  query->buffer = bound.buffers().find(target);
  // The batch bears the name as the buffer has it, however the client spelt it.
  if (const std::string* name = bound.buffers().name(query->buffer)) target = *name;
  query->kinds = kinds_for(client.caps());
  if (query->buffer == 0) {
    if (!bound.state().isupport().is_channel(target)) {
      answer_history(client, bound, target, {});  // nobody spoke with them yet
    } else {
      client.fail("CHATHISTORY", "INVALID_TARGET", {sub->name, target},
                  "There is no history of that name here");
    }
    return;
  }
  client.asked_store();
  client.user()->past().history(*query,
                                [&client, target, name = sub->name, alive = client.alive()](auto page) {
                                  if (alive.expired()) return;
                                  client.store_answered();
                                  const Network* network = client.bound_network();  // removed meanwhile?
                                  if (!network) return;
                                  if (!page) {
                                    client.fail("CHATHISTORY", "MESSAGE_ERROR", {name, target}, page.error());
                                    return;
                                  }
                                  answer_history(client, *network, target, *page);
                                });
}

}  // namespace halley
