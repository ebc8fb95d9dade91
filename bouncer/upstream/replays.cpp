#include "bouncer/upstream/replays.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <expected>
#include <functional>
#include <utility>

#include "bouncer/irc/time_tag.h"
#include "bouncer/upstream/handlers.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

// A line that is older than this, by the network's own clock, was said before it was heard.
constexpr std::int64_t kOldMs = 5 * 60 * 1000;
// A network whose lines look old is asked what time it has, at most so often.
constexpr std::uint64_t kAskClockMs = 60'000;
// Of a line without a msgid: as far apart the times of two that are the same may be, and among so many of the
// newest lines it is looked for.
constexpr std::int64_t kSameMs = 2000;
constexpr std::size_t kLookedAt = 200;
constexpr std::array<std::string_view, 4> kPastTypes = {"chathistory", "draft/chathistory", "znc.in/playback",
                                                        "playback"};

// 0: it has none.
std::uint64_t hash_of_msgid(const irc::Message& message) {
  const auto msgid = irc::find_tag(message.tags, "msgid");
  return msgid && !msgid->empty() ? std::hash<std::string_view>{}(*msgid) | 1U : 0;
}

bool knows(const storage::Page& page, const irc::Message& message, std::string_view line) {
  const auto msgid = irc::find_tag(message.tags, "msgid");
  const std::int64_t time_ms = irc::parse_time(irc::find_tag(message.tags, "time").value_or("")).value_or(0);
  return std::ranges::any_of(page.events, [&](const storage::Event& event) {
    if (msgid && !msgid->empty() && !event.msgid.empty()) return event.msgid == *msgid;
    return std::abs(event.time_ms - time_ms) <= kSameMs && event.line == line;
  });
}

}  // namespace

std::int64_t Replays::now_ms() const {
  return up_.clock().wall_us() / 1000;
}

void Replays::new_link() {
  state_.batches.clear();
  state_.clock_offset_ms = 0;
  state_.clock_asked_ms = 0;
}

void Replays::hear_clock(const irc::Message& message, bool surely) {
  if ((state_.clock_offset_ms != 0 && !surely) || message.tags.empty()) return;
  const auto time = irc::find_tag(message.tags, "time");
  const auto heard = time ? irc::parse_time(*time) : std::nullopt;
  if (!heard) return;
  const std::int64_t offset = *heard - now_ms();
  state_.clock_offset_ms = std::abs(offset) > kOldMs ? offset : 0;
}

// A line looks old: it is a replay, or the network's clock has been set since, or is slow and was not heard
// while registering.
void Replays::ask_clock() {
  const std::uint64_t now = up_.now_ms();
  if (state_.clock_asked_ms != 0 && now < state_.clock_asked_ms + kAskClockMs) return;
  state_.clock_asked_ms = now;
  up_.set_up("PING halley-clock");
}

void Replays::batch(const irc::Message& message) {
  const std::string_view reference = message.param(0);
  if (reference.size() < 2) return;
  std::erase_if(state_.batches, [&](const OpenBatch& open) { return open.reference == reference.substr(1); });
  if (reference[0] != '+') return;
  if (state_.batches.size() == kMostBatches) state_.batches.erase(state_.batches.begin());
  const bool past =
      std::ranges::find(kPastTypes, message.param(1)) != kPastTypes.end() || in_past_batch(message);
  state_.batches.push_back({std::string(reference.substr(1)), past});
}

bool Replays::in_past_batch(const irc::Message& message) const {
  if (state_.batches.empty() || message.tags.empty()) return false;
  const auto reference = irc::find_tag(message.tags, "batch");
  return reference && std::ranges::any_of(state_.batches, [&](const OpenBatch& open) {
           return open.past && open.reference == *reference;
         });
}

bool Replays::is_old(const irc::Message& message) const {
  if (message.tags.empty()) return false;
  const auto time = irc::find_tag(message.tags, "time");
  const auto said = time ? irc::parse_time(*time) : std::nullopt;
  return said && *said < now_ms() + state_.clock_offset_ms - kOldMs;
}

bool Replays::heard_lately(std::uint64_t msgid) const {
  return msgid != 0 && std::ranges::find(state_.recent, msgid) != state_.recent.end();
}

void Replays::remember(std::uint64_t msgid) {
  if (msgid == 0) return;
  if (state_.recent.size() < kMostRecentMsgids) {
    state_.recent.push_back(msgid);
  } else {
    state_.recent[state_.recent_at] = msgid;
    state_.recent_at = (state_.recent_at + 1) % kMostRecentMsgids;
  }
}

bool Replays::take(const irc::Message& message) {
  const std::uint64_t msgid = hash_of_msgid(message);
  if (heard_lately(msgid)) return true;
  const bool past = in_past_batch(message), looks_old = is_old(message), old = past || looks_old;
  if (looks_old && !past) ask_clock();
  state_.left_out = state_.left_out || (old && is_full());
  if (old && is_full()) return true;
  remember(msgid);
  if (!old) return false;
  std::string line;
  irc::append_message(line, message, true);
  state_.held_bytes += line.size();
  state_.held.push_back(std::move(line));
  look_up();
  return true;
}

void Replays::look_up() {
  if (looking_up_ || state_.waits_for_room) return;
  if (state_.held.empty()) return up_.gaps().replayed();
  looking_up_ = true;
  const auto message = irc::parse(state_.held.front());
  storage::HistoryQuery query;
  query.buffer = message ? up_.network().buffers().find(buffer_of(up_, *message)) : 0;
  if (query.buffer == 0) {
    // Nothing was ever said there. Not from here: it may be the handler of the line itself.
    up_.defer([this, alive = std::weak_ptr<int>(alive_)] {
      if (!alive.expired()) looked_up(false);
    });
    return;
  }
  const auto msgid = irc::find_tag(message->tags, "msgid");
  if (msgid && !msgid->empty()) {
    query.what = storage::HistoryQuery::What::kAround;
    query.a = {.by = storage::Bound::By::kMsgid, .msgid = std::string(*msgid)};
    query.limit = 1;
  } else {
    query.limit = kLookedAt;
  }
  up_.user().past().history(std::move(query), [this, alive = std::weak_ptr<int>(alive_)](
                                                  std::expected<storage::Page, std::string> page) {
    if (alive.expired()) return;
    const auto asked = irc::parse(state_.held.front());
    std::string line;
    if (asked)
      irc::append_line(
          line,
          {.source = asked->source, .command = asked->command, .params = asked->parameters(), .colon = true});
    // An error is a msgid that nobody knows.
    looked_up(page && asked && knows(*page, *asked, line));
  });
}

// A line that is new waits while the journal has no room: whoever has asked for it takes it for fetched.
void Replays::looked_up(bool known) {
  if (!known && !up_.user().has_room(2 * storage::kMaxRecord)) {
    looking_up_ = false;
    state_.waits_for_room = true;
    return;
  }
  const std::string line = std::move(state_.held.front());
  state_.held.pop_front();
  state_.held_bytes -= line.size();
  looking_up_ = false;
  const auto message = irc::parse(line);
  if (message && !known) {
    if (up_.state().is_me(irc::parse_prefix(message->source).nick)) up_.network().outbox().replayed(*message);
    log_past(up_, *message);
  }
  look_up();
}

void Replays::room() {
  if (std::exchange(state_.waits_for_room, false)) look_up();
}

}  // namespace halley
