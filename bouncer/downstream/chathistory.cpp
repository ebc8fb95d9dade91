// CHATHISTORY: pages of a buffer's history on request. Source: https://ircv3.net/specs/extensions/chathistory
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/batch.h"
#include "bouncer/downstream/downstream.h"
#include "bouncer/downstream/handlers.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"

namespace halley {

namespace {

using irc::Message;
using storage::Bound;
using storage::HistoryQuery;

// Why a bound cannot be read.
enum class BadBound : std::uint8_t { kType, kValue };

std::expected<Bound, BadBound> parse_bound(std::string_view text) {
  Bound bound;
  const std::size_t equals = text.find('=');
  const std::string_view type = text.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
  if (equals == std::string_view::npos || value.empty()) return std::unexpected(BadBound::kValue);
  if (type == "timestamp") {
    const auto time = irc::parse_time(value);
    if (!time) return std::unexpected(BadBound::kValue);
    bound.by = Bound::By::kTime;
    bound.time_ms = *time;
    return bound;
  }
  if (type != "msgid") return std::unexpected(BadBound::kType);
  bound.by = Bound::By::kMsgid;
  bound.msgid = value;
  return bound;
}

std::optional<std::size_t> parse_limit(std::string_view text) {
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit == 0) return std::nullopt;
  return std::min(limit, kMostHistory);
}

std::uint32_t kinds_for(irc::CapSet caps) {
  using History = EventKindRow::History;
  const History least = caps.has(irc::Cap::kEventPlayback) ? History::kWithPlayback : History::kAlways;
  std::uint32_t kinds = 0;
  for (const EventKindRow& row : kEventKinds)
    if (row.history >= least && takes(caps, row)) kinds |= kind_bit(row.kind);
  return kinds;
}

// `limit`: as it was asked for; with fewer rows there are no more.
void answer_targets(Downstream& client, const Network& network, const std::vector<storage::TargetRow>& rows,
                    std::size_t limit) {
  const Batch batch{.type = "draft/chathistory-targets", .target = {}, .ends_history = rows.size() < limit};
  in_batch(client, batch, [&](const std::string& reference) {
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
  query.from_ms = a->time_ms;
  query.to_ms = b->time_ms;
  query.limit = *limit;
  query.kinds = kMessageKinds;
  query.without = client.user()->detached().of(bound.id(), client.device());
  const AnswerId asked = client.asked_store();
  client.user()->past().targets(query, [&client, asked, alive = client.alive(), limit = *limit](auto rows) {
    if (alive.expired()) return;
    const Answering answering(client, asked);
    const Network* network = client.bound_network();  // removed meanwhile?
    if (!rows) {
      client.fail("CHATHISTORY", "MESSAGE_ERROR", {"TARGETS"}, rows.error());
    } else if (network) {
      answer_targets(client, *network, *rows, limit);
    }
    client.store_answered(asked);
  });
}

struct HistorySubcommand {
  std::string_view name;
  HistoryQuery::What what;
  std::size_t bounds;
};
constexpr HistorySubcommand kHistorySubcommands[] = {
    {"BEFORE", HistoryQuery::What::kBefore, 1},   {"AFTER", HistoryQuery::What::kAfter, 1},
    {"LATEST", HistoryQuery::What::kLatest, 1},   {"AROUND", HistoryQuery::What::kAround, 1},
    {"BETWEEN", HistoryQuery::What::kBetween, 2},
};

void refuse_params(Downstream& client, const HistorySubcommand& sub, std::string_view what) {
  const std::string usage =
      fmt::format("{}: say CHATHISTORY {} target {}limit, bounds as timestamp=... or msgid=...", what,
                  sub.name, sub.bounds == 2 ? "bound bound " : "bound ");
  client.fail("CHATHISTORY", "INVALID_PARAMS", {sub.name}, usage);
}

// Nothing: refused, and told.
std::optional<Bound> read_bound(Downstream& client, const HistorySubcommand& sub, const Message& m,
                                std::size_t at) {
  const auto bound = parse_bound(m.param(at));
  if (bound) return *bound;
  if (bound.error() == BadBound::kType) {
    client.fail("CHATHISTORY", "INVALID_MSGREFTYPE", {sub.name, m.param(1), m.param(at)},
                "A line is named by timestamp=... or msgid=...");
  } else {
    client.fail("CHATHISTORY", "INVALID_PARAMS", {sub.name, m.param(at)},
                "That is neither timestamp=YYYY-MM-DDThh:mm:ss.sssZ nor msgid=...");
  }
  return std::nullopt;
}

std::optional<HistoryQuery> read_query(Downstream& client, const HistorySubcommand& sub, const Message& m) {
  HistoryQuery query;
  query.what = sub.what;
  if (m.param_count != 3 + sub.bounds) {
    refuse_params(client, sub, m.param_count < 3 + sub.bounds ? "Too few parameters" : "Too many parameters");
    return std::nullopt;
  }
  const bool open = sub.what == HistoryQuery::What::kLatest && m.param(2) == "*";
  if (!open) {
    const auto a = read_bound(client, sub, m, 2);
    if (!a) return std::nullopt;
    query.a = *a;
  }
  if (sub.bounds == 2) {
    const auto b = read_bound(client, sub, m, 3);
    if (!b) return std::nullopt;
    query.b = *b;
  }
  const auto limit = parse_limit(m.param(2 + sub.bounds));
  if (!limit) {
    refuse_params(client, sub, "The limit is a number from 1 on");
    return std::nullopt;
  }
  query.limit = *limit;
  return query;
}

// Pages, once the store has them.
void send_page(Downstream& client, const HistoryQuery& query, std::string_view sub,
               const std::string& target) {
  const AnswerId asked = client.asked_store();
  client.user()->past().history(query, [&client, target, sub, asked, alive = client.alive()](auto page) {
    if (alive.expired()) return;
    // Until it has been told whole it is one of the questions that a client may have.
    const auto told = [&client, asked] { client.store_answered(asked); };
    const Answering answering(client, asked);
    const std::string_view refused =
        page ? client.tell_page("chathistory", target, std::move(*page), told) : page.error();
    if (refused.empty()) return;
    client.fail("CHATHISTORY", "MESSAGE_ERROR", {sub, target}, refused);
    client.store_answered(asked);
  });
}

}  // namespace

void handle_chathistory(Downstream& client, Network& bound, const Message& m) {
  if (irc::same_command(m.param(0), "TARGETS")) {
    targets(client, bound, m);
    return;
  }
  const auto* sub =
      std::find_if(std::begin(kHistorySubcommands), std::end(kHistorySubcommands),
                   [&](const HistorySubcommand& s) { return irc::same_command(s.name, m.param(0)); });
  if (sub == std::end(kHistorySubcommands)) {
    client.fail("CHATHISTORY", "INVALID_PARAMS", {m.param(0)},
                "Unknown subcommand: BEFORE, AFTER, LATEST, AROUND, BETWEEN or TARGETS");
    return;
  }
  auto query = read_query(client, *sub, m);
  if (!query) return;
  std::string target(m.param(1));
  query->buffer = bound.buffers().find(target);
  // The batch bears the name as the buffer has it, however the client spelt it.
  if (const std::string* name = bound.buffers().name(query->buffer)) target = *name;
  query->kinds = kinds_for(client.caps());
  if (query->buffer != 0) {
    send_page(client, *query, sub->name, target);
  } else if (irc::is_valid_target(target) && !bound.state().isupport().is_channel(target)) {
    // Nobody spoke with them yet.
    in_batch(client, {.type = "chathistory", .target = target, .ends_history = true}, [](const auto&) {});
  } else {
    client.fail("CHATHISTORY", "INVALID_TARGET", {sub->name, target},
                "There is no history of that name here");
  }
}

}  // namespace halley
