#include "bouncer/upstream/gaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "bouncer/core/user.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/irc/text.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

constexpr std::int64_t kKeptEveryMs = 60'000;
// What came in the last second may have been on its way; what is fetched twice is not logged twice.
constexpr std::int64_t kOverlapMs = 1000;
constexpr std::int64_t kClockMayDifferMs = 5 * 60'000;

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string timestamp(std::int64_t ms) {
  std::string out = "timestamp=";
  irc::append_time(out, ms);
  return out;
}

}  // namespace

Gaps::Gaps(Upstream& up, DurableState& states) : up_(up), states_(states) {
  const storage::NetworkId network = up_.network().id();
  states_.take(StateKind::kHeard, up_.user().id(), [this, network](const storage::StateRow& row) {
    if (row.network == network) heard_ms_ = number_of(row.value);
  });
}

Gaps::~Gaps() = default;

bool Gaps::keeps_history() const {
  using irc::Cap;
  const irc::CapSet needed =
      irc::CapSet::of(Cap::kChathistory, Cap::kBatch, Cap::kServerTime, Cap::kMessageTags);
  return (needed - up_.state().caps).empty();
}

std::size_t Gaps::lines_of_a_page() const {
  const auto most = up_.state().isupport().value("CHATHISTORY");
  const std::int64_t told = most ? number_of(*most) : 0;  // 0: no limit
  return told <= 0 ? kLinesOfAPage : std::min(kLinesOfAPage, static_cast<std::size_t>(told));
}

void Gaps::heard(std::int64_t ms) {
  if (ms <= heard_ms_ || !states_.has_room()) return;
  heard_ms_ = ms;
  const std::string value = fmt::format("{}", ms);
  states_.put(StateKind::kHeard,
              {.user = up_.user().id(), .network = up_.network().id(), .key = {}, .value = value});
}

void Gaps::registered() {
  registered_ = keeps_history();
  if (!registered_) return;
  const std::int64_t now = up_.clock().wall_us() / 1000;
  if (heard_ms_ > now + kClockMayDifferMs) heard_ms_ = 0;  // our clock was wrong then
  if (heard_ms_ == 0) return heard(now);
  work_ = std::make_unique<Work>();
  work_->from_ms = heard_ms_ - kOverlapMs + up_.replays().clock_offset_ms();
  add({});
}

void Gaps::joined(std::string_view channel) {
  if (!work_ || up_.connected_for_ms() > kJoinedWithinMs) return;
  if (up_.network().buffers().find(channel) != 0) add(std::string(channel));
}

// The channels that we were in are joined again, or will not be soon; and all that was asked for is in the
// log.
bool Gaps::fetched() const {
  if (!work_) return true;
  if (!work_->targets.empty() || up_.replays().holding()) return false;
  return up_.connected_for_ms() > kJoinedWithinMs ||
         std::ranges::all_of(up_.network().wanted_channels(), [this](const storage::ChannelRow* channel) {
           return up_.state().find_channel(channel->name) != nullptr;
         });
}

void Gaps::add(std::string name) {
  const irc::CaseMapping mapping = up_.state().casemapping();
  const auto same = [&](const Target& known) { return irc::equal(mapping, known.name, name); };
  if (work_->targets.size() >= kMostGaps || std::ranges::any_of(work_->targets, same)) return;
  work_->targets.push_back({.name = std::move(name), .from_ms = work_->from_ms});
  go_on();
}

void Gaps::go_on() {
  if (!work_ || work_->asked || work_->targets.empty() || up_.replays().holding()) return;
  Target& target = work_->targets.front();
  work_->asked = true;
  work_->asked_at_ms = up_.now_ms();
  work_->batch.clear();
  work_->last_page = false;
  work_->lines = 0;
  work_->newest_ms = target.from_ms;
  ++target.pages;
  const std::string limit = fmt::format("{}", lines_of_a_page());
  const std::string from = timestamp(target.from_ms);
  if (target.name.empty()) {
    const std::string until =
        timestamp(up_.clock().wall_us() / 1000 + up_.replays().clock_offset_ms() + kOverlapMs);
    up_.set_up(irc::format_line({}, "CHATHISTORY", {"TARGETS", from, until, limit}));
  } else {
    up_.set_up(irc::format_line({}, "CHATHISTORY", {"AFTER", target.name, from, limit}));
  }
}

// Is it the answer's beginning?
bool Gaps::opens(const irc::Message& message) {
  if (!work_->batch.empty() || !message.param(0).starts_with('+')) return false;
  const Target& target = work_->targets.front();
  const std::string_view type = message.param(1);
  const bool ours = target.name.empty()
                        ? type == "draft/chathistory-targets"
                        : (type == "chathistory" || type == "draft/chathistory") &&
                              irc::equal(up_.state().casemapping(), message.param(2), target.name);
  if (!ours) return false;
  work_->batch = message.param(0).substr(1);
  work_->last_page = irc::find_tag(message.tags, "draft/chathistory-end").has_value();
  return true;
}

// A line of the answer, or a message of several lines in it.
void Gaps::hear_line(const irc::Message& message) {
  ++work_->lines;
  const bool target = irc::same_command(message.command, "CHATHISTORY");
  const auto time =
      irc::parse_time(target ? message.param(2) : irc::find_tag(message.tags, "time").value_or(""));
  if (time) work_->newest_ms = std::max(work_->newest_ms, *time);
  if (!target || !work_->targets.front().name.empty()) return;
  const std::string_view nick = message.param(1);
  if (irc::is_valid_target(nick) && !up_.state().isupport().is_channel(nick) && !up_.state().is_me(nick))
    add(std::string(nick));
}

bool Gaps::hear(const irc::Message& message) {
  if (!work_ || !work_->asked) return false;
  if (irc::same_command(message.command, "BATCH")) {
    if (opens(message)) return false;
    if (!work_->batch.empty() && message.param(0).starts_with('-') &&
        message.param(0).substr(1) == work_->batch) {
      answered(false);
      return false;
    }
  }
  const bool refused =
      (irc::same_command(message.command, "FAIL") && irc::same_command(message.param(0), "CHATHISTORY")) ||
      (message.command == irc::kErrUnknownCommand && irc::same_command(message.param(1), "CHATHISTORY"));
  if (refused) {
    answered(true);
    return true;
  }
  if (work_->batch.empty() || irc::find_tag(message.tags, "batch") != work_->batch) return false;
  hear_line(message);
  return irc::same_command(message.command, "CHATHISTORY");
}

void Gaps::answered(bool refused) {
  Target& target = work_->targets.front();
  work_->asked = false;
  work_->batch.clear();
  const bool left_out = up_.replays().left_out();
  // A page that is not full need not be the last one; one that brought nothing new is. Others of its last
  // millisecond may have been cut off.
  const bool further = !work_->last_page && work_->lines > 0 && work_->newest_ms - 1 > target.from_ms;
  if (refused || (!left_out && !further)) {
    work_->targets.pop_front();
  } else if (target.pages < kMostGapPages) {
    if (!left_out) target.from_ms = work_->newest_ms - 1;
  } else {
    if (!target.name.empty())
      up_.tell(fmt::format("More was said in {} while Halley was away than was fetched: the network has it.",
                           target.name));
    work_->targets.pop_front();
  }
  // Not from here: the lines are handled first.
  up_.defer([up = &up_, alive = up_.alive()] {
    if (!alive.expired()) up->gaps().go_on();
  });
}

void Gaps::tick() {
  if (!registered_) return;
  if (work_ && work_->asked) {
    if (up_.sets_up()) work_->asked_at_ms = up_.now_ms();  // it may not have gone yet
    if (up_.now_ms() - work_->asked_at_ms > kAnsweredWithinMs) answered(true);
  }
  const std::int64_t now = up_.clock().wall_us() / 1000;
  if (now - heard_ms_ >= kKeptEveryMs && fetched()) heard(up_.heard_wall_ms());
}

void Gaps::link_gone(std::int64_t heard_ms) {
  if (std::exchange(registered_, false) && fetched()) heard(heard_ms);
  work_.reset();
}

}  // namespace halley
