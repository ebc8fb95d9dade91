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
  state_.wanted = nick;
  state_.requested.clear();
  stop_watching();
  state_.accepted = state_.taken = false;
  state_.next_ms = state_.delay_ms = 0;
}

void NickKeeper::ask(std::string_view nick) {
  if (up_.link() != Link::kConnected) {
    state_.requested = nick;
    return;
  }
  add_try(nick, true);
}

void NickKeeper::add_try(std::string_view nick, bool by_client) {
  if (state_.tries.size() == kMostNicksAsked) state_.tries.erase(state_.tries.begin());
  state_.tries.push_back({std::string(nick), by_client, up_.now_ms()});
}

bool NickKeeper::waits() const {
  return up_.link() == Link::kConnected && !state_.accepted && !up_.state().is_me(state_.wanted);
}

void NickKeeper::take_back() {
  if (!waits()) return;
  if (std::ranges::any_of(state_.tries, [](const Try& entry) { return !entry.by_client; })) return;
  add_try(state_.wanted, false);
  state_.delay_ms = std::clamp(state_.delay_ms * 2, kFirstRetryMs, kLongestRetryMs);
  state_.next_ms = up_.now_ms() + state_.delay_ms;
  up_.send_now(irc::format_line({}, "NICK", {state_.wanted}));
}

bool NickKeeper::request_refused() {
  if (state_.requested.empty()) return false;
  state_.requested.clear();
  return true;
}

void NickKeeper::registered_as(std::string_view nick, bool after_refusals) {
  const bool granted = !state_.requested.empty() && nick == state_.requested;
  state_.requested.clear();
  if (granted) {
    state_.wanted = nick;
    up_.network().keep_nick(nick);
  }
  // Nothing was refused, and yet it is another: cut to the network's length, or of the services' choice.
  state_.accepted = !after_refusals && !same(nick, state_.wanted);
  state_.taken = false;
  state_.delay_ms = 0;
  state_.next_ms = up_.now_ms() + kFirstRetryMs;
}

void NickKeeper::in_use() {
  if (!waits() || !up_.state().isupport().has("MONITOR")) return;
  state_.monitored = state_.wanted;
  up_.monitor().add(kNobody, state_.wanted);
}

void NickKeeper::link_gone() {
  state_.tries.clear();
  stop_watching();
}

void NickKeeper::stop_watching() {
  if (!state_.monitored.empty()) up_.monitor().remove(kNobody, state_.monitored);
  state_.monitored.clear();
}

void NickKeeper::renamed(std::string_view nick) {
  const auto tried =
      std::ranges::find_if(state_.tries, [&](const Try& entry) { return same(entry.nick, nick); });
  if (tried != state_.tries.end()) {
    // Answers come in order: what was tried before it was passed over.
    const bool by_client = tried->by_client;
    state_.tries.erase(state_.tries.begin(), tried + 1);
    if (by_client && nick != state_.wanted) {
      state_.wanted = nick;
      up_.network().keep_nick(nick);
    }
    state_.accepted = false;
  } else {
    state_.accepted = !same(nick, state_.wanted);
  }
  if (!waits()) stop_watching();
}

void NickKeeper::is_free(std::string_view nick) {
  if (!same(nick, state_.wanted)) return;
  state_.taken = false;
  take_back();
}

void NickKeeper::is_taken(std::string_view nick) {
  if (same(nick, state_.wanted)) state_.taken = true;
}

WhoseTry NickKeeper::refused(std::span<const std::string_view> params) {
  // The first is who we are.
  const auto named = params.empty() ? params : params.subspan(1);
  auto tried = std::ranges::find_if(state_.tries, [&](const Try& entry) {
    return std::ranges::any_of(named, [&](std::string_view param) { return same(entry.nick, param); });
  });
  if (tried == state_.tries.end())
    tried = state_.tries.begin();  // some numerics do not name it: the oldest is answered
  if (tried == state_.tries.end()) return WhoseTry::kNobodys;
  const bool by_client = tried->by_client;
  state_.tries.erase(tried);
  return by_client ? WhoseTry::kClients : WhoseTry::kOwn;
}

void NickKeeper::tick() {
  const std::uint64_t now = up_.now_ms();
  std::erase_if(state_.tries, [now](const Try& entry) { return now - entry.at_ms > kAnsweredWithinMs; });
  if (!state_.taken && now >= state_.next_ms) take_back();
}

}  // namespace halley
