#include "bouncer/upstream/nick_keeper.h"

#include <algorithm>

#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {
constexpr std::uint64_t kFirstRetryMs = 60'000, kLongestRetryMs = 60 * 60'000;
constexpr std::uint64_t kAnsweredWithinMs = 60'000;
}  // namespace

bool NickKeeper::same(std::string_view a, std::string_view b) const {
  return irc::equal(up_.state().casemapping(), a, b);
}

void NickKeeper::want(std::string_view nick) {
  wanted_ = nick;
  requested_.clear();
  stop_watching();
  accepted_ = taken_ = false;
  next_ms_ = delay_ms_ = 0;
}

void NickKeeper::ask(std::string_view nick) {
  if (up_.link() != Link::kConnected) {
    requested_ = nick;
    return;
  }
  add_try(nick, true);
}

void NickKeeper::add_try(std::string_view nick, bool by_client) {
  if (tries_.size() == kMostTries) tries_.erase(tries_.begin());
  tries_.push_back({std::string(nick), by_client, up_.now_ms()});
}

bool NickKeeper::waits() const {
  return up_.link() == Link::kConnected && !accepted_ && !up_.state().is_me(wanted_);
}

void NickKeeper::take_back() {
  if (!waits()) return;
  if (std::ranges::any_of(tries_, [](const Try& entry) { return !entry.by_client; })) return;
  add_try(wanted_, false);
  delay_ms_ = std::clamp(delay_ms_ * 2, kFirstRetryMs, kLongestRetryMs);
  next_ms_ = up_.now_ms() + delay_ms_;
  up_.send_now(irc::format_line({}, "NICK", {wanted_}));
}

bool NickKeeper::request_refused() {
  if (requested_.empty()) return false;
  requested_.clear();
  return true;
}

void NickKeeper::registered_as(std::string_view nick, bool after_refusals) {
  const bool granted = !requested_.empty() && nick == requested_;
  requested_.clear();
  if (granted) {
    wanted_ = nick;
    up_.network().keep_nick(nick);
  }
  // Nothing was refused, and yet it is another: cut to the network's length, or of the services' choice.
  accepted_ = !after_refusals && !same(nick, wanted_);
  taken_ = false;
  delay_ms_ = 0;
  next_ms_ = up_.now_ms() + kFirstRetryMs;
}

void NickKeeper::in_use() {
  if (!waits() || !up_.state().isupport().has("MONITOR")) return;
  monitored_ = wanted_;
  up_.monitor().add(kNobody, wanted_);
}

void NickKeeper::link_gone() {
  tries_.clear();
  stop_watching();
}

void NickKeeper::stop_watching() {
  if (!monitored_.empty()) up_.monitor().remove(kNobody, monitored_);
  monitored_.clear();
}

void NickKeeper::renamed(std::string_view nick) {
  const auto tried = std::ranges::find_if(tries_, [&](const Try& entry) { return same(entry.nick, nick); });
  if (tried != tries_.end()) {
    // Answers come in order: what was tried before it was passed over.
    const bool by_client = tried->by_client;
    tries_.erase(tries_.begin(), tried + 1);
    if (by_client && nick != wanted_) {
      wanted_ = nick;
      up_.network().keep_nick(nick);
    }
    accepted_ = false;
  } else {
    accepted_ = !same(nick, wanted_);
  }
  if (!waits()) stop_watching();
}

void NickKeeper::is_free(std::string_view nick) {
  if (!same(nick, wanted_)) return;
  taken_ = false;
  take_back();
}

void NickKeeper::is_taken(std::string_view nick) {
  if (same(nick, wanted_)) taken_ = true;
}

NickKeeper::Refusal NickKeeper::refused(std::span<const std::string_view> params) {
  // The first is who we are.
  const auto named = params.empty() ? params : params.subspan(1);
  auto tried = std::ranges::find_if(tries_, [&](const Try& entry) {
    return std::ranges::any_of(named, [&](std::string_view param) { return same(entry.nick, param); });
  });
  if (tried == tries_.end()) tried = tries_.begin();  // some numerics do not name it: the oldest is answered
  if (tried == tries_.end()) return Refusal::kNotOurs;
  const bool by_client = tried->by_client;
  tries_.erase(tried);
  return by_client ? Refusal::kAsked : Refusal::kQuiet;
}

void NickKeeper::tick() {
  const std::uint64_t now = up_.now_ms();
  std::erase_if(tries_, [now](const Try& entry) { return now - entry.at_ms > kAnsweredWithinMs; });
  if (!taken_ && now >= next_ms_) take_back();
}

}  // namespace halley
