// The outbox's side towards the link: what became of the lines that are on their way.
#include <fmt/format.h>

#include <algorithm>

#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/core/outbox.h"

namespace halley {

namespace {

constexpr std::uint64_t kEchoWithinMs = 30'000;
// A network's host acknowledges within that time; a link where it has not is dead.
constexpr std::uint64_t kFreshMs = 5'000;
// A line that is not refused within that time, when a later one is, was taken.
constexpr std::uint64_t kRefusedWithinMs = 2'000;
// A fence is sent at once when so many are on their way: else the sender would soon wait for the next tick.
constexpr std::size_t kUrgent = 200;
constexpr std::size_t kSaidRemembered = Outbox::kMostInFlight / 2;
constexpr std::size_t kRoomToSay = 2 * storage::kMaxRecord;
constexpr std::size_t kReason = 120;  // bytes of a network's reason in a sentence

// Without colours and other formatting: networks strip it where a channel's mode says so. Nor does it matter
// where a long line of several was cut for the wire.
std::string bare_text(std::string_view text) {
  std::string bare;
  const auto digits = [&](std::size_t& at, std::size_t most, auto&& is_digit) {
    for (std::size_t count = 0; count < most && at + 1 < text.size() && is_digit(text[at + 1]); ++count) ++at;
  };
  const auto decimal = [](char c) { return c >= '0' && c <= '9'; };
  const auto hexadecimal = [&](char c) {
    return decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == irc::kLineJoin[0] && text.substr(at).starts_with(irc::kLineJoin)) {
      at += irc::kLineJoin.size() - 1;
      continue;
    }
    if (c == '\x03' || c == '\x04') {
      const bool hex = c == '\x04';
      const std::size_t most = hex ? 6 : 2;
      const auto number = [&](std::size_t& from) {
        hex ? digits(from, most, hexadecimal) : digits(from, most, decimal);
      };
      const std::size_t before = at;
      number(at);
      if (at > before && at + 2 < text.size() && text[at + 1] == ',' &&
          (hex ? hexadecimal(text[at + 2]) : decimal(text[at + 2]))) {
        ++at;
        number(at);
      }
    } else if (std::string_view("\x02\x0f\x11\x16\x1d\x1e\x1f").find(c) == std::string_view::npos) {
      bare += c;
    }
  }
  while (bare.ends_with(' ')) bare.pop_back();
  return bare;
}

}  // namespace

// REQUIRES: open.
Outbox::At Outbox::find(std::uint64_t number) {
  if (number == 0) return open_->lines.end();
  return std::ranges::find_if(open_->lines, [number](const Line& line) {
    return line.number == number &&
           (line.stage == Stage::kQueued || line.stage == Stage::kSent || line.stage == Stage::kSaid);
  });
}

// --- Going out ---

// In their order; what its channel does not know yet stays, with all that was said there behind it.
void Outbox::go_on() {
  if (!open_ || open_->going_on || open_->stuck || open_->waiting == 0) return;
  const auto has_room = [this] {
    return network_.uplink().has_room() && network_.user().has_room(kRoomToSay);
  };
  if (network_.link() != Link::kConnected || !has_room()) return;
  open_->going_on = open_->stuck = true;
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    ++looked_at_;
    if (line->stage != Stage::kWaiting || awaits_join(line->target)) continue;
    if (line->multiline && !goes_whole(line->target, line->text)) {
      at = take_apart(line);
      continue;
    }
    if (has_room() && speak(line)) continue;
    open_->stuck = false;
    break;
  }
  open_->going_on = false;
}

void Outbox::partner_renamed(std::string_view from, std::string_view to) {
  if (!open_) return;
  const irc::CaseMapping mapping = network_.state().casemapping();
  const std::size_t mask = Burst(network_, {}).own_mask().size();
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    const bool here = line->stage == Stage::kWaiting || line->stage == Stage::kQueued;
    if (!here || !irc::equal(mapping, line->target, from)) continue;
    // Several lines that are queued bear the old name, each.
    const bool fits =
        line->multiline ? line->stage == Stage::kWaiting
                        : line->text.size() <= irc::text_room(mask, line->notice ? "NOTICE" : "PRIVMSG", to);
    if (!fits) {
      const std::string why =
          line->multiline
              ? fmt::format("{} is {} now: say it again", from, to)
              : fmt::format("{} is {} now, and the line too long for that: say it in two", from, to);
      refuse_ourselves(line, why);
      continue;
    }
    line->target = to;
    if (line->kept) keep_if_room(*line);
  }
}

void Outbox::channel_changed(std::string_view channel) {
  if (!open_ || open_->waiting == 0) return;
  const bool awaited = std::ranges::any_of(open_->lines, [&](const Line& line) {
    return line.stage == Stage::kWaiting &&
           irc::equal(network_.state().casemapping(), channel_of(line.target), channel);
  });
  if (!awaited) return;
  look_again();
  go_on();
}

Outbox::Leave Outbox::leave(std::uint64_t number) {
  if (!open_) return Leave::kDrop;
  const At line = find(number);
  if (line == open_->lines.end()) return Leave::kDrop;
  if (!network_.user().has_room(kRoomToSay)) return Leave::kNoRoom;
  left(*line);
  return Leave::kGo;
}

void Outbox::flushed(std::uint64_t number) {
  if (!open_) return;
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    if (line->stage != Stage::kSaid || line->number > number) continue;
    // Nobody is held up by a network that confirms nothing: of a flood the oldest count as said.
    if (open_->in_flight > kSaidRemembered) {
      erase(line);
    } else {
      unkeep(*line);
    }
  }
}

// --- Confirmed ---

// REQUIRES: open.
Outbox::Echo Outbox::find_echo(const irc::Message& message) {
  const irc::CaseMapping mapping = network_.state().casemapping();
  const bool notice = irc::same_command(message.command, "NOTICE");
  const std::string_view text = message.param(1);
  const At none = open_->lines.end();
  std::string bare;
  At changed = none, oldest = none, elsewhere = none;
  std::size_t compared = 0;
  for (At line = open_->lines.begin(); line != none; ++line) {
    if (line->stage != Stage::kSent || line->notice != notice) continue;
    const bool there = irc::equal(mapping, line->target, message.param(0));
    if (line->text == text) {
      if (there) return {line, true};
      if (elsewhere == none) elsewhere = line;  // "nick@server" comes back as the nick alone
    }
    if (!there) continue;
    if (oldest == none) oldest = line;
    if (changed != none || ++compared > kMostEchoCandidates) continue;
    if (bare.empty()) bare = bare_text(text);
    if (!bare.empty() && bare_text(line->text).starts_with(bare))
      changed = line;  // stripped, or cut, or both
  }
  if (changed != none) return {changed, false};
  return {oldest != none ? oldest : elsewhere, false};
}

// A note to oneself comes twice where there are echoes: as one, and as what somebody said to us. The second
// is known by its text, unless the very same is on its way again.
Outbox::Confirmed Outbox::confirm(const irc::Message& message, std::uint64_t number) {
  if (!open_) return {};
  const bool note = network_.state().is_me(message.param(0));
  const Echo echo = number != 0 ? Echo{find(number), true} : find_echo(message);
  const At line = echo.line;
  const bool known = line != open_->lines.end() && line->stage == Stage::kSent;
  if (!known || !echo.exact) {
    const auto copy = note ? std::ranges::find(open_->copies, message.param(1)) : open_->copies.end();
    if (copy != open_->copies.end()) {
      open_->copies.erase(copy);
      return {.what = Confirmed::What::kAgain};
    }
    if (!known) return {};
  }
  if (note && network_.state().caps.has(irc::Cap::kEchoMessage)) {
    if (open_->copies.size() == kMostCopies) open_->copies.erase(open_->copies.begin());
    open_->copies.emplace_back(message.param(1));
  }
  // Each client is shown a note, as what comes from the network.
  return {.what = Confirmed::What::kSaid, .origin = note ? kNobody : line->from, .number = line->number};
}

void Outbox::replayed(const irc::Message& message) {
  if (!open_ || open_->waiting == 0) return;
  const bool notice = irc::same_command(message.command, "NOTICE");
  const At line = std::ranges::find_if(open_->lines, [&](const Line& one) {
    const bool open = one.stage == Stage::kUnknown || (one.stage == Stage::kWaiting && one.lost > 0);
    return open && one.notice == notice && bare_text(one.text) == bare_text(message.param(1)) &&
           irc::equal(network_.state().casemapping(), one.target, message.param(0));
  });
  if (line == open_->lines.end()) return;
  tell_fate(*line, SaidNews::Fate::kConfirmed);
  erase(line);
}

void Outbox::settle(std::uint64_t number, storage::EventId event) {
  if (!open_) return;
  const At line = find(number);
  if (line == open_->lines.end()) return;
  line->event = event;
  tell_fate(*line, SaidNews::Fate::kConfirmed);
  erase(line);
}

void Outbox::accepted(std::uint64_t number) {
  if (!open_) return;
  const At line = find(number);
  if (line == open_->lines.end() || line->stage != Stage::kSaid) return;
  tell_fate(*line, SaidNews::Fate::kConfirmed);
  erase(line);
}

void Outbox::log_and_erase(At line) {
  log_said(*line);
  tell_fate(*line, SaidNews::Fate::kConfirmed);
  erase(line);
}

std::uint64_t Outbox::next_fence(bool urgent) {
  if (!open_ || open_->fence != 0 || open_->in_flight == 0 || (urgent && open_->in_flight < kUrgent))
    return 0;
  for (const Line& line : open_->lines) {
    const bool open = (line.stage == Stage::kSent || line.stage == Stage::kSaid) && !line.passed;
    if (open) open_->fence = std::max(open_->fence, line.number);
  }
  return open_->fence;
}

void Outbox::fence_back(std::uint64_t number) {
  if (!open_ || number == 0 || number != open_->fence) return;  // of an older link
  open_->fence = 0;
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    if (line->number > number) continue;
    if (line->stage == Stage::kSaid) {
      tell_fate(*line, SaidNews::Fate::kConfirmed);
      erase(line);
    } else if (line->stage == Stage::kSent) {
      line->passed = true;
    }
  }
  close_when_idle();
}

// The network has come past it, without refusing it and without an echo.
void Outbox::tick() {
  if (!open_) return;
  look_again();
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    if (line->stage != Stage::kSent || !line->passed || now_ms() - line->sent_ms < kEchoWithinMs) continue;
    if (!network_.user().has_room(kRoomToSay)) return;
    log_and_erase(line);
  }
  close_when_idle();
}

// --- Refused ---

std::optional<Outbox::InFlight> Outbox::in_flight_to(std::string_view target) const {
  if (!open_ || open_->in_flight == 0) return std::nullopt;
  const auto line = std::ranges::find_if(open_->lines, [&](const Line& one) {
    return (one.stage == Stage::kSent || one.stage == Stage::kSaid) &&
           irc::equal(network_.state().casemapping(), one.target, target);
  });
  if (line == open_->lines.end()) return std::nullopt;
  return InFlight{line->from, line->number};
}

// A network without echoes says nothing of what it took: what was said well before a later line to the same
// target would have been refused before that was said. REQUIRES: open.
std::uint64_t Outbox::likely_refused(std::uint64_t number) const {
  const Line* line = nullptr;
  for (const Line& one : open_->lines) {
    if (one.stage != Stage::kSaid || one.passed) continue;
    if (!line) {
      if (one.number == number) line = &one;
    } else if (irc::equal(network_.state().casemapping(), one.target, line->target) &&
               one.sent_ms > line->sent_ms + kRefusedWithinMs) {
      line = &one;
    }
  }
  return line ? line->number : number;
}

std::optional<Outbox::InFlight> Outbox::multiline_in_flight() const {
  if (!open_ || open_->in_flight == 0) return std::nullopt;
  const auto line = std::ranges::find_if(open_->lines, [](const Line& one) {
    return one.multiline && (one.stage == Stage::kSent || one.stage == Stage::kSaid);
  });
  if (line == open_->lines.end()) return std::nullopt;
  return InFlight{line->from, line->number};
}

void Outbox::refused(std::uint64_t number, std::string_view why, bool labelled) {
  if (!open_) return;
  const At line = find(labelled ? number : likely_refused(number));
  if (line != open_->lines.end()) refuse(line, why);
}

// Nobody else says so: not the network, which has not had it. REQUIRES: open.
void Outbox::refuse_ourselves(At line, std::string_view why) {
  const std::string note = not_sent_note(*line, why);
  line->refused = true;
  tell_fate(*line, SaidNews::Fate::kRefused, irc::clip_utf8(why, kReason));
  if (line->event != 0) {
    take_back(line, Stage::kTakenBack);
  } else {
    erase(line);
  }
  network_.user().tell(network_, note);
}

// REQUIRES: open.
void Outbox::refuse(At line, std::string_view why) {
  line->refused = true;
  tell_fate(*line, SaidNews::Fate::kRefused, irc::clip_utf8(why, kReason));
  const std::string note = fmt::format("{} ({})", note_of(*line), irc::clip_utf8(why, kReason));
  const User& user = network_.user();
  const bool heard = line->from == kNobody ? !user.clients().empty() : user.client(line->from) != nullptr;
  if (line->event != 0) {
    if (line->from != kNobody) tell_others(*line, note);  // who were shown it as said
    take_back(line, Stage::kTakenBack);
    return;
  }
  erase(line);
  if (!heard) network_.user().tell(network_, note);
}

// The log says from now on what became of the line. REQUIRES: its event is in the log. The line may be gone
// afterwards.
void Outbox::take_back(At line, Stage then) {
  set_stage(*line, then);
  keep_if_room(*line);
  const std::string note = note_of(*line);
  std::string out;
  const std::string_view params[] = {network_.nick(), note};
  irc::append_line(
      out, {.source = network_.user().hostname(), .command = "NOTICE", .params = params, .colon = true});
  Correction correction{.buffer = network_.buffers().make(""),
                        .text_at = static_cast<std::uint16_t>(out.size() - note.size()),
                        .line = std::move(out)};
  network_.user().correct(
      line->event, std::move(correction),
      [this, alive = std::weak_ptr<int>(open_->alive), id = line->id, event = line->event] {
        if (!alive.expired()) corrected(id, event);
      });
}

void Outbox::corrected(std::uint64_t id, storage::EventId event) {
  const At line = find_id(id);
  if (line == open_->lines.end() || line->event != event) return;  // cancelled, or sent again, meanwhile
  if (line->stage == Stage::kTakenBack) {
    erase(line);
    return;
  }
  line->event = 0;
  if (line->kept) keep_if_room(*line);
}

// --- The link has ended ---

void Outbox::link_gone(std::uint64_t acknowledged, bool in_order) {
  if (!open_) return;
  open_->fence = 0;
  open_->stuck = false;
  open_->copies.clear();
  // We leave behind what we said, on a link that may be taken to live.
  const auto through = [&](const Line& line) {
    return in_order && (line.number <= acknowledged || now_ms() - line.sent_ms < kFreshMs);
  };
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    if (line->stage == Stage::kQueued) {
      line->secret ? left_open(line) : wait_again(line);
    } else if (line->stage == Stage::kSent) {
      through(*line) && network_.user().has_room(kRoomToSay) ? log_and_erase(line) : left_open(line);
    } else if (line->stage == Stage::kSaid && (line->number <= acknowledged || through(*line))) {
      tell_fate(*line, SaidNews::Fate::kConfirmed);
      erase(line);
    } else if (line->stage == Stage::kSaid) {
      left_open(line);
    }
  }
}

void Outbox::wait_again(At line) {
  set_stage(*line, Stage::kWaiting);
  tell_fate(*line, SaidNews::Fate::kQueued);
}

void Outbox::left_open(At line) {
  const bool again = line->lost == 0 && !line->secret;
  ++line->lost;
  if (line->event != 0) {
    const Stage then = again ? Stage::kWaiting : line->secret ? Stage::kTakenBack : Stage::kUnknown;
    set_stage(*line, then);
    tell_fate(*line, again ? SaidNews::Fate::kQueued : SaidNews::Fate::kUnknown);
    tell_others(*line, note_of(*line));
    take_back(line, then);
    return;
  }
  set_stage(*line, again ? Stage::kWaiting : Stage::kUnknown);
  keep_if_room(*line);
  tell_fate(*line, again ? SaidNews::Fate::kQueued : SaidNews::Fate::kUnknown);
  if (again) return;
  network_.user().tell(network_, note_of(*line));
  if (line->secret) erase(line);
}

}  // namespace halley
