#include "bouncer/upstream/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bouncer/core/client.h"
#include "bouncer/irc/text.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

using Presence = MonitorLists::Presence;
using Watched = MonitorLists::Watched;

constexpr std::size_t kTargetsFit = 380;  // bytes of targets in one line

template <typename Visit>
void each_target(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (const auto target = list.substr(0, comma); !target.empty()) visit(target);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
}

// Calls line(list) with as many names as fit, separated by commas.
template <typename Line>
void in_lines(const std::vector<std::string>& names, Line&& line) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty() && list.size() + name.size() > kTargetsFit) {
      line(list);
      list.clear();
    }
    (list += list.empty() ? "" : ",") += name;
  }
  if (!list.empty()) line(list);
}

bool can_be_watched(std::string_view nick) {
  return nick.size() <= irc::kMaxNick && nick.find_first_of(" !@*") == std::string_view::npos;
}

}  // namespace

std::size_t Monitor::limit() const {
  return std::min(up_.state().isupport().number("MONITOR", MonitorLists::kMostWatched),
                  MonitorLists::kMostWatched);
}

void Monitor::change(MonitorLists::Delta delta) {
  if (up_.link() != Link::kConnected || !up_.state().isupport().has("MONITOR")) return;
  if (delta.add.empty() && delta.remove.empty()) return;
  if (!changes_) changes_ = std::make_unique<MonitorChanges>();
  for (std::string& nick : delta.remove) changes_->remove(std::move(nick));
  for (std::string& nick : delta.add) changes_->add(std::move(nick));
  if (changes_->empty()) {
    changes_.reset();
  } else {
    up_.say_behind();
  }
}

std::string Monitor::take_line() {
  std::string line = changes_->take_line(kTargetsFit);
  if (changes_->empty()) changes_.reset();
  return line;
}

void Monitor::reply(ClientId to, std::string_view numeric, const std::vector<std::string>& names) {
  in_lines(names, [&](const std::string& list) {
    Client* client = up_.user().client(to);
    if (!client) return;
    client->pass(up_.network(),
                 fmt::format(":{} {} {} :{}", up_.server(), numeric, up_.network().nick(), list));
  });
}

void Monitor::say_full(ClientId to, std::string_view limit, std::string_view targets) {
  if (Client* client = up_.user().client(to)) {
    client->pass(up_.network(), fmt::format(":{} 734 {} {} {} :Monitor list is full", up_.server(),
                                            up_.network().nick(), limit, targets));
  }
}

void Monitor::tell_presence(ClientId to, const std::vector<const Watched*>& targets) {
  std::vector<std::string> online, offline;
  for (const Watched* target : targets) {
    if (target->presence == Presence::kOnline) online.push_back(target->mask);
    if (target->presence == Presence::kOffline) offline.push_back(target->name);
  }
  reply(to, "730", online);
  reply(to, "731", offline);
}

void Monitor::command(ClientId from, const irc::Message& message) {
  const std::string_view sub = message.param(0);
  if (sub == "+") {
    add(from, message.param(1));
  } else if (sub == "-") {
    remove(from, message.param(1));
  } else if (irc::same_command(sub, "C")) {
    forget(from);
  } else if (irc::same_command(sub, "S")) {
    tell_presence(from, lists_.of(from));
  } else if (irc::same_command(sub, "L")) {
    std::vector<std::string> names;
    for (const Watched* target : lists_.of(from)) names.push_back(target->name);
    reply(from, "732", names);
    reply(from, "733", {"End of MONITOR list"});
  }
}

void Monitor::add(ClientId who, std::string_view targets) {
  MonitorLists::Delta delta;
  std::vector<const Watched*> known;
  std::string refused;
  each_target(targets, [&](std::string_view nick) {
    if (!can_be_watched(nick)) return;
    const Watched* before = lists_.find(nick);
    if (!lists_.add(who, nick, limit(), delta)) {
      (refused += refused.empty() ? "" : ",") += nick;
    } else if (before) {
      known.push_back(before);
    }
  });
  change(std::move(delta));
  tell_presence(who, known);
  if (!refused.empty()) say_full(who, std::to_string(limit()), refused);
}

void Monitor::remove(ClientId who, std::string_view targets) {
  MonitorLists::Delta delta;
  each_target(targets, [&](std::string_view nick) { lists_.remove(who, nick, delta); });
  change(std::move(delta));
}

void Monitor::forget(ClientId who) {
  MonitorLists::Delta delta;
  lists_.forget(who, delta);
  change(std::move(delta));
}

void Monitor::in_use() {
  lists_.set_casemapping(up_.state().casemapping());
  change({.add = lists_.all(), .remove = {}});
}

void Monitor::link_gone() {
  changes_.reset();
  lists_.link_lost();
}

void Monitor::told(const irc::Message& message, bool online) {
  std::map<ClientId, std::vector<std::string>> news;
  each_target(message.last(), [&](std::string_view told) {
    const std::string_view nick = irc::parse_prefix(told).nick;
    const std::string_view mask = irc::clip_utf8(told, kTargetsFit);
    const Watched* target = lists_.learn(nick, mask, online ? Presence::kOnline : Presence::kOffline);
    if (!target) return;
    for (const ClientId who : target->watchers) news[who].emplace_back(online ? mask : nick);
  });
  for (const auto& [who, names] : news) {
    if (who != kNobody) reply(who, online ? "730" : "731", names);
  }
  for (const std::string& name : news[kNobody]) {
    const std::string_view nick = irc::parse_prefix(name).nick;
    online ? up_.nicks().is_taken(nick) : up_.nicks().is_free(nick);
  }
}

bool Monitor::watched(std::string_view nick) const {
  return lists_.find(nick) != nullptr;
}

void Monitor::pass_to_watchers(std::string_view nick, std::string_view line) {
  const Watched* target = lists_.find(nick);
  if (!target) return;
  // One that is told may leave.
  for (const ClientId who : std::vector<ClientId>(target->watchers)) {
    if (Client* client = up_.user().client(who)) client->pass_watched(up_.network(), line);
  }
}

// Those targets were not taken: nobody watches them, and whoever thought so is told.
void Monitor::list_full(const irc::Message& message) {
  std::map<ClientId, std::string> losers;
  each_target(message.param(2), [&](std::string_view nick) {
    const Watched* target = lists_.find(nick);
    if (!target) return;
    if (changes_) changes_->forget(target->name);
    for (const ClientId who : std::vector<ClientId>(target->watchers)) {
      (losers[who] += losers[who].empty() ? "" : ",") += nick;
      MonitorLists::Delta not_sent;
      lists_.remove(who, nick, not_sent);
    }
  });
  if (changes_ && changes_->empty()) changes_.reset();
  for (const auto& [who, targets] : losers) say_full(who, message.param(1), targets);
}

}  // namespace halley
