#include "bouncer/core/monitor_lists.h"

#include <algorithm>

namespace halley {

bool MonitorLists::add(ClientId who, std::string_view nick, std::size_t limit, Delta& delta) {
  std::string key = irc::fold(mapping_, nick);
  const auto known = targets_.find(key);
  if (known == targets_.end() && targets_.size() >= std::min(limit, kMostWatched)) return false;
  Watched& target = known == targets_.end() ? targets_[std::move(key)] : known->second;
  if (target.watchers.empty()) {
    target.name = nick;
    delta.add.emplace_back(nick);
  }
  if (std::ranges::find(target.watchers, who) == target.watchers.end()) target.watchers.push_back(who);
  return true;
}

void MonitorLists::remove(ClientId who, std::string_view nick, Delta& delta) {
  const auto known = targets_.find(irc::fold(mapping_, nick));
  if (known == targets_.end() || std::erase(known->second.watchers, who) == 0) return;
  if (!known->second.watchers.empty()) return;
  delta.remove.push_back(std::move(known->second.name));
  targets_.erase(known);
}

void MonitorLists::forget(ClientId who, Delta& delta) {
  for (auto entry = targets_.begin(); entry != targets_.end();) {
    Watched& target = entry->second;
    const bool last = std::erase(target.watchers, who) > 0 && target.watchers.empty();
    if (last) delta.remove.push_back(std::move(target.name));
    entry = last ? targets_.erase(entry) : std::next(entry);
  }
}

const MonitorLists::Watched* MonitorLists::find(std::string_view nick) const {
  const auto known = targets_.find(irc::fold(mapping_, nick));
  return known == targets_.end() ? nullptr : &known->second;
}

std::vector<const MonitorLists::Watched*> MonitorLists::of(ClientId who) const {
  std::vector<const Watched*> found;
  for (const auto& [key, target] : targets_) {
    if (std::ranges::find(target.watchers, who) != target.watchers.end()) found.push_back(&target);
  }
  std::ranges::sort(found, {}, &Watched::name);
  return found;
}

std::vector<std::string> MonitorLists::all() const {
  std::vector<std::string> names;
  names.reserve(targets_.size());
  for (const auto& [key, target] : targets_) names.push_back(target.name);
  std::ranges::sort(names);
  return names;
}

const MonitorLists::Watched* MonitorLists::learn(std::string_view nick, std::string_view mask,
                                                 Presence presence) {
  const auto known = targets_.find(irc::fold(mapping_, nick));
  if (known == targets_.end()) return nullptr;
  known->second.presence = presence;
  known->second.mask = mask;
  return &known->second;
}

void MonitorLists::link_lost() {
  for (auto& [key, target] : targets_) {
    target.presence = Presence::kUnknown;
    target.mask.clear();
  }
}

void MonitorLists::set_casemapping(irc::CaseMapping mapping) {
  if (mapping == mapping_) return;
  mapping_ = mapping;
  std::unordered_map<std::string, Watched> old = std::move(targets_);
  targets_.clear();
  for (auto& [key, target] : old) {
    Watched& now = targets_[irc::fold(mapping_, target.name)];
    if (now.name.empty()) {
      now = std::move(target);
      continue;
    }
    // Two names have become one.
    for (const ClientId who : target.watchers) {
      if (std::ranges::find(now.watchers, who) == now.watchers.end()) now.watchers.push_back(who);
    }
  }
}

}  // namespace halley
