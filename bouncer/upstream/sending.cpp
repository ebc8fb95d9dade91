// What Halley says to a network: what people say and do, in its order; behind all of it, by turns, what
// clients only ask and what is Halley's own. All are paced by the configured rate.
#include <algorithm>
#include <array>

#include "bouncer/core/line_tracer.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/service_words.h"
#include "bouncer/upstream/question_kinds.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {

// Does the line only ask? What changes something keeps its place among what is said ("MODE #c -m", then
// words), and so do passwords for services. All else waits behind, whatever the network makes of it.
bool only_asks(const irc::Isupport& isupport, std::string_view line) {
  const auto message = irc::parse(line);
  if (!message || !irc::line_secrets(line).hidden.empty() || irc::is_service(message->command)) return false;
  // "MODE #c +b" asks for the list.
  if (irc::same_command(message->command, "MODE") && message->param_count == 2 &&
      std::ranges::all_of(message->param(1),
                          [&](char c) { return c == '+' || c == '-' || isupport.mode_group(c) == 'A'; }))
    return true;
  return !question_kind(question_kind_of(*message)).changes;
}

// Of the pace. A message of several lines costs as many, though it goes as a whole.
double cost_of(std::string_view text) {
  return 1 + static_cast<double>(std::ranges::count(text, '\n'));
}

}  // namespace

void Upstream::send_now(std::string_view line, std::uint64_t number) {
  if (!stream_) return;
  if (LineTracer* tracer = user().tracer()) tracer->network_lines(network_, LineTracer::Way::kSent, line);
  scratch_.assign(line);
  scratch_ += "\r\n";
  out_.push_private(scratch_, number);
  flush_->schedule();
}

bool Upstream::paced() const {
  return parts_.config.rate > 0 && !network_.state().isupport().has("soju.im/SAFERATE");
}

bool Upstream::send(std::string_view line) {
  return put(line, 0) != Spoken::kFull;
}

// `number`: of a line of the outbox, which is asked again when its turn has come.
Uplink::Spoken Upstream::put(std::string_view line, std::uint64_t number) {
  if (!stream_) return Spoken::kSent;
  if (!paced() && state_.waiting.empty()) {
    send_now(line, number);
    return Spoken::kSent;
  }
  refill();
  if (state_.waiting.empty() && state_.tokens >= 1) {
    state_.tokens -= cost_of(line);
    send_now(line, number);
    return Spoken::kSent;
  }
  if (state_.waiting.size() >= kMostPacedLines + kLinesAtOnce) return Spoken::kFull;
  state_.waiting.push_back({std::string(line), number});
  // Not from within: the outbox is to know first that it is queued.
  if (number == 0) {
    pump_waiting();
  } else {
    wait_for_pace();
  }
  return Spoken::kQueued;
}

bool Upstream::ask(AskedBy asker, std::string_view line) {
  if (!stream_) return true;
  hold_answer(asker);
  if (!only_asks(state().isupport(), line)) {
    fence_off(asker, line);
    return ask_now(asker, line, 0) != Spoken::kFull;
  }
  // Questions wait for themselves, so that they never fill the queue of what is said.
  if (asker.client == kNobody) {
    if (state_.own_questions.size() >= kMostOwnQuestions) return false;
    state_.own_questions.emplace_back(line);
  } else {
    const auto of_asker = std::ranges::count_if(
        state_.held_back, [&](const HeldBack& one) { return one.asker.client == asker.client; });
    if (static_cast<std::size_t>(of_asker) >= kMostHeldBackOfClient ||
        state_.held_back.size() >= kMostHeldBack) {
      release_answer(asker);
      return false;
    }
    state_.held_back.push_back({asker, std::string(line)});
  }
  pump_waiting();
  return true;
}

void Upstream::refill() {
  const Config::UpstreamConfig& config = parts_.config;
  const std::uint64_t now = now_ms();
  state_.tokens = std::min<double>(
      config.burst, state_.tokens + static_cast<double>(now - state_.tokens_at_ms) * config.rate / 1000);
  state_.tokens_at_ms = now;
}

void Upstream::set_up(std::string_view line) {
  if (!stream_) return;
  state_.ours.emplace_back(line);
  pump_waiting();
}

void Upstream::say_behind() {
  if (stream_) pump_waiting();
}

bool Upstream::waits_behind() const {
  return !state_.held_back.empty() || !state_.own_questions.empty() || own_waits() || fence_due() <= now_ms();
}

// Does a question of our own wait for the answers to those before it? They go one after the other's, so that
// a hundred channels joined at once are no flood; one that the network never answers holds the rest up for a
// while only.
bool Upstream::own_questions_rest() const {
  return state_.own_questions.empty() || (state_.requests.count(kNobody) >= kMostOwnAsked &&
                                          now_ms() < state_.own_asked_at_ms + kOwnAnsweredWithinMs);
}

// A client's question, the oldest of whoever asked: the rest of theirs are behind the others' now. False:
// there is none.
bool Upstream::ask_next() {
  if (state_.held_back.empty()) return false;
  const HeldBack question = std::move(state_.held_back.front());
  state_.held_back.pop_front();
  std::list<HeldBack> of_asker;
  for (auto at = state_.held_back.begin(); at != state_.held_back.end();) {
    const auto next = std::next(at);
    if (at->asker.client == question.asker.client) of_asker.splice(of_asker.end(), state_.held_back, at);
    at = next;
  }
  state_.held_back.splice(state_.held_back.end(), of_asker);
  (void)ask_now(question.asker, question.line, 0);
  return true;
}

bool Upstream::let_go_of(Behind kind) {
  switch (kind) {
    case Behind::kAsked:
      return held_until() == 0 && ask_next();
    case Behind::kOurs: {
      if (state_.ours.empty()) return false;
      const std::string line = std::move(state_.ours.front());
      state_.ours.pop_front();
      (void)put(line, 0);
      return true;
    }
    case Behind::kMonitor:
      if (!monitor_.waits()) return false;
      (void)put(monitor_.take_line(), 0);
      return true;
    case Behind::kOwnQuestions: {
      if (own_questions_rest()) return false;
      const std::string line = std::move(state_.own_questions.front());
      state_.own_questions.pop_front();
      (void)ask_now(kNobody, line, 0);
      return true;
    }
  }
  return false;
}

// One of what stands behind what is said: what clients ask has half of the turns, while it waits. False:
// there is none that may go now. REQUIRES: there is a place for it.
bool Upstream::let_go_behind() {
  using enum Behind;
  constexpr std::array kTurns{kAsked, kOurs, kAsked, kMonitor, kAsked, kOwnQuestions};
  for (std::size_t i = 0; i < kTurns.size(); ++i) {
    const std::size_t turn = (state_.turn_behind + i) % kTurns.size();
    if (!let_go_of(kTurns[turn])) continue;
    state_.turn_behind = static_cast<std::uint8_t>((turn + 1) % kTurns.size());
    return true;
  }
  return false;
}

void Upstream::pump_waiting() {
  const bool was_full = !has_room();
  refill();
  state_.requests.now(now_ms());
  while (!state_.waiting.empty() && (state_.tokens >= 1 || !paced())) {
    if (!let_go()) return;  // until the journal has room
  }
  // One place is left for what somebody may say next.
  const double needed = std::min<double>(2, parts_.config.burst);
  while (state_.waiting.empty() && (state_.tokens >= needed || !paced())) {
    if (!let_go_behind()) break;
  }
  send_fence();
  wake_if(was_full);
  network_.outbox().go_on();
  wait_for_pace();
}

// The first of those that wait goes. False: the journal has no room for what is said.
bool Upstream::let_go() {
  Paced& line = state_.waiting.front();
  const Outbox::Leave leave = line.number == 0 ? Outbox::Leave::kGo : network_.outbox().leave(line.number);
  if (leave == Outbox::Leave::kNoRoom) return false;
  if (leave == Outbox::Leave::kGo) {
    state_.tokens -= cost_of(line.text);
    send_now(line.text, line.number);
  }
  state_.waiting.pop_front();
  return true;
}

// What keeps its place cannot wait for an answer that it would be given in another's stead: a fence stands
// between them.
void Upstream::fence_off(AskedBy asker, std::string_view line) {
  const auto message = irc::parse(line);
  state_.requests.now(now_ms());
  if (state_.link != Link::kConnected || !message ||
      state_.requests.held_until(asker.client, *message, state().casemapping()) == 0)
    return;
  (void)put("PING " + state_.requests.next_fence(), 0);
}

void Upstream::wait_for_pace() {
  if (!state_.waiting.empty() && !paced()) return;  // it is the journal that has no room
  const std::uint64_t now = now_ms(), held = held_until(), fence = fence_due();
  // One place is left for what somebody may say next.
  const double needed = std::min<double>(2, parts_.config.burst);
  const double missing = (state_.waiting.empty() ? needed : 1) - state_.tokens;
  const double pace_ms = paced() ? std::max(0.0, missing) * 1000 / parts_.config.rate : 0;
  const std::uint64_t by_pace = now + static_cast<std::uint64_t>(pace_ms);
  std::uint64_t at = fence == Requests::kNever ? fence : std::max(fence, by_pace);
  if (!state_.waiting.empty() || own_waits()) at = std::min(at, by_pace);
  if (!state_.held_back.empty()) at = std::min(at, std::max(held, by_pace));
  if (!state_.own_questions.empty())
    at = std::min(at, own_questions_rest() ? now + kOwnAnsweredWithinMs : by_pace);
  if (at == Requests::kNever) return;
  ++at;
  if (!rate_timer_) rate_timer_ = parts_.loop.timer([this] { pump_waiting(); });
  if (rate_timer_->active() && rate_timer_at_ms_ <= at) return;
  rate_timer_at_ms_ = at;
  rate_timer_->start(at - now);
}

}  // namespace halley
