#include "bouncer/upstream/upstream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/core/line_tracer.h"
#include "bouncer/irc/time_tag.h"
#include "bouncer/net/farewells.h"
#include "bouncer/upstream/handlers.h"

namespace halley {

namespace {
constexpr std::uint64_t kTickMs = 15'000;
constexpr std::uint64_t kQuietBeforePingMs = 90'000;
constexpr std::uint64_t kPingAnsweredWithinMs = 60'000;
constexpr std::uint64_t kRegisterWithinMs = 60'000;
constexpr std::uint64_t kSaslAppearsWithinMs = 10'000;
constexpr std::uint64_t kWelcomeDoneWithinMs = 10'000;
constexpr std::uint64_t kStableAfterMs = 60'000;  // a link that lived this long starts the backoff anew
constexpr std::size_t kMaxQueuedBytes =
    1024 * 1024;  // clients were stopped long before: only our own answers are left
// What one line from the network may append to the journal: an event, a new buffer, and what answers it.
constexpr std::size_t kRoomPerLine = 3 * storage::kMaxRecord;
}  // namespace

Upstream::Upstream(Network& network, const Parts& parts)
    : network_(network),
      parts_(parts),
      away_(parts.states, network.user().id(), network.id()),
      sts_(parts.states, network.user().id(), network.id()),
      gaps_(*this, parts.states),
      lines_(irc::kMaxLine) {
  flush_ = parts_.loop.task([this] { flush(); });
  connect_timer_ = parts_.loop.timer([this] { dial(); });
  tick_timer_ = parts_.loop.timer([this] { tick(); });
}

Upstream::~Upstream() {
  if (state_.waits_for_turn) user().input_turns().forget(*this);
}

void Upstream::set_link(Link link) {
  if (state_.link == link) return;
  state_.link = link;
  user().network_changed(network_);
}

void Upstream::start() {
  if (state_.link != Link::kDisabled) return;
  nicks_.want(network_.row().nick);
  state_.backoff.reset();
  state_.trouble.clear();
  schedule_connect(0);
}

void Upstream::schedule_connect(std::uint64_t delay_ms) {
  set_link(Link::kWaiting);
  dial_in(delay_ms);
}

void Upstream::dial_in(std::uint64_t delay_ms) {
  state_.connect_at_ms = now_ms() + delay_ms;
  connect_timer_->start(delay_ms);
}

void Upstream::connected(net::Dialled dialled) {
  stream_ = std::move(dialled.stream);
  lines_ = irc::LineBuffer(irc::kMaxLine);
  state_.told_unreadable = false;
  out_ = OutQueue();
  state_.registration = Registration();
  state_.waiting.clear();
  forget_held_back();
  state_.ours.clear();
  state_.own_questions.clear();
  state_.requests.clear();
  release_answers();
  state().set_hash_key(parts_.random.next());
  state_.tokens = parts_.config.burst;
  state_.connected_at_ms = state_.tokens_at_ms = state_.heard_at_ms = now_ms();
  state_.welcomed_at_ms = 0;
  state_.pinged = state_.paused = state_.closed = false;
  replays_.new_link();
  multilines_.new_link();
  link_alive_ = std::make_shared<int>(0);
  stream_->listen(*this);
  set_link(Link::kRegistering);
  tick_timer_->start(kTickMs);
  stream_->resume();
  begin_registration(*this);  // last: it may lose the link
}

void Upstream::stop(std::string_view reason) {
  connect_timer_->stop();
  state_.connect_at_ms = 0;
  dial_.reset();
  if (stream_ && state_.link == Link::kConnected)
    send_now(fmt::format("QUIT :{}", irc::clip_utf8(reason, 300)));
  drop(reason, true);
  state_.trouble.clear();
  set_link(Link::kDisabled);
}

void Upstream::restart(std::string_view reason) {
  if (state_.link == Link::kDisabled) return;
  stop(reason);
  start();
}

// Lets the stream go, with what is queued flushed first, and tells the clients that the channels are gone.
// `in_order`: it is us who leave.
void Upstream::drop(std::string_view reason, bool in_order) {
  idents_.reset();
  tick_timer_->stop();
  rate_timer_.reset();
  clients_timer_.reset();
  state_.waits_for_clients = false;
  if (std::exchange(state_.waits_for_turn, false)) user().input_turns().forget(*this);
  std::uint64_t acknowledged = 0;
  if (stream_) {
    out_.flush(*stream_);
    acknowledged = acknowledged_number();
    if (state_.closed) {
      // Nothing more can be said on it; it must outlive its own callback.
      parts_.loop.defer([gone = std::shared_ptr<net::Stream>(std::move(stream_))] {});
    } else {
      parts_.farewells.close(std::move(stream_));
    }
  }
  if (state_.link != Link::kRegistering && state_.link != Link::kConnected) return;
  ++links_;
  network_.outbox().link_gone(acknowledged, in_order);
  leave_channels(*this, reason);
  channels_.link_gone();
  nicks_.link_gone();
  away_.link_gone();
  sts_.link_gone(clock().wall_us() / 1'000'000);
  auto_away_.link_gone();
  monitor_.link_gone();
  gaps_.link_gone(heard_wall_ms());
  state().reset();
  const bool was_full = !has_room();
  state_.waiting.clear();
  forget_held_back();
  state_.ours.clear();
  state_.own_questions.clear();
  state_.requests.clear();
  release_answers();
  if (was_full) user().wake_clients();  // who waited for this queue has nothing to wait for any more
}

// Up to which line of the outbox the network's host has it all.
std::uint64_t Upstream::acknowledged_number() const {
  return stream_ ? out_.acknowledged_id(stream_->unacknowledged() + stream_->queued()) : 0;
}

void Upstream::fail(std::string_view reason, bool for_long) {
  lost(reason, for_long);
}

void Upstream::lost(std::string_view why, bool for_long) {
  const std::string reason(why);
  const bool was_connected = state_.link == Link::kConnected;
  const bool stable = state_.welcomed_at_ms != 0 && now_ms() - state_.welcomed_at_ms > kStableAfterMs;
  dial_.reset();
  drop(reason, false);
  const Backoff::Bounds bounds{parts_.config.reconnect_min, parts_.config.reconnect_max};
  if (stable) state_.backoff.reset();
  if (for_long) state_.backoff.longest(bounds);
  // Told once, not at each of many attempts.
  const bool news = was_connected || state_.trouble != reason;
  state_.trouble = reason;
  const std::uint64_t delay = state_.backoff.next_ms(parts_.random, bounds);
  schedule_connect(delay);
  if (news) network_.log_state((was_connected ? "connection lost: " : "cannot connect: ") + reason);
  if (news)
    tell(fmt::format("{}: {}. Trying again in {} s.", was_connected ? "Connection lost" : "Cannot connect",
                     reason, (delay + 999) / 1000));
}

void Upstream::on_data(std::string_view bytes) {
  state_.heard_at_ms = now_ms();
  state_.pinged = false;
  lines_.feed(bytes);
  handle_input();
}

void Upstream::handle_input() {
  pump();
  if (!stream_) return;
  lines_.save();
  if (!state_.waits_for_clients && user().crowded(network_)) wait_for_clients();
}

// What a network says in a flood is handled in pieces: others' lines go in between.
void Upstream::wait_for_turn() {
  stream_->pause();
  if (!std::exchange(state_.waits_for_turn, true)) user().input_turns().wait(user().id(), *this);
}

void Upstream::take_turn() {
  state_.waits_for_turn = false;
  handle_input();
  read_if_free();
}

void Upstream::read_if_free() {
  if (stream_ && !state_.paused && !state_.waits_for_clients && !state_.waits_for_turn) stream_->resume();
}

// Bounded twice: clients call when they have room, and the timer fires.
void Upstream::wait_for_clients() {
  state_.waits_for_clients = true;
  stream_->pause();
  if (!clients_timer_) clients_timer_ = parts_.loop.timer([this] { read_on(); });
  clients_timer_->start(Client::kLongestWaitMs);
}

void Upstream::clients_eased() {
  if (state_.waits_for_clients && !user().crowded(network_)) read_on();
}

void Upstream::read_on() {
  clients_timer_->stop();
  state_.waits_for_clients = false;
  read_if_free();
}

void Upstream::pump() {
  if (in_pump_) return;
  in_pump_ = true;
  const std::uint64_t link = links_;
  std::uint64_t began = clock().monotonic_us();
  std::string_view line;
  while (stream_ && links_ == link) {
    if (!user().has_room(kRoomPerLine)) {
      state_.paused = true;
      stream_->pause();
      break;
    }
    if (!state_.closed && !user().has_turn()) {
      wait_for_turn();
      break;
    }
    const irc::LineBuffer::Result result = lines_.next(line);
    if (result == irc::LineBuffer::Result::kNeedMore) break;
    const bool whole = result == irc::LineBuffer::Result::kLine;
    const std::size_t size = whole ? line.size() : irc::kMaxLine;
    if (whole) {
      handle(line);
    } else {
      tell(fmt::format("A line of more than {} bytes from the network was left out.", irc::kMaxLine));
    }
    const std::uint64_t done = clock().monotonic_us();
    user().has_read(size, done - std::exchange(began, done));
  }
  in_pump_ = false;
  // What was read may have been an answer.
  if (stream_ && waits_behind()) pump_waiting();
}

void Upstream::room() {
  if (stream_ && !state_.waiting.empty()) pump_waiting();
  network_.outbox().go_on();
  replays_.room();
  if (!state_.paused || !stream_) return;
  state_.paused = false;
  handle_input();
  read_if_free();
}

void Upstream::handle(std::string_view line) {
  if (LineTracer* tracer = user().tracer()) tracer->network_lines(network_, LineTracer::Way::kReceived, line);
  auto message = irc::parse(line);
  std::string clean;
  if (!message && message.error() == irc::ParseError::kForbiddenByte) {
    clean = irc::without_forbidden_bytes(line);
    line = clean;
    message = irc::parse(line);
  }
  if (!message) {
    // Once a link: a network that says nothing else must not fill the buffer with it.
    if (message.error() != irc::ParseError::kEmpty && !std::exchange(state_.told_unreadable, true))
      tell(fmt::format("A line from the network was left out, as others like it will be. {}",
                       irc::describe(message.error())));
    return;
  }
  if (state_.link == Link::kRegistering) replays_.hear_clock(*message, false);
  if (gaps_.hear(*message)) return;
  // Of the past only what people said is taken: the rest would change the picture of the present.
  if (replays_.in_past_batch(*message) && !irc::same_command(message->command, "PRIVMSG") &&
      !irc::same_command(message->command, "NOTICE") && !irc::same_command(message->command, "BATCH")) {
    return;
  }
  state_.in_line = true;
  handle_upstream_line(*this, *message);
  state_.in_line = false;
  state_.confirmed_for = {};
  release_answers();
}

void Upstream::on_drained() {
  flush();
}

void Upstream::on_closed(std::string_view reason) {
  const std::string why(reason);
  const std::uint64_t link = links_;
  state_.closed = true;
  if (state_.waits_for_turn) pump();  // what it had said before
  if (links_ == link) lost(why.empty() ? std::string_view("the network closed the connection") : why, false);
}

void Upstream::flush() {
  if (!stream_) return;
  const bool was_full = !has_room();
  out_.flush(*stream_);
  out_.end_turn();
  if (out_.sent_id() > std::exchange(state_.flushed, out_.sent_id()))
    network_.outbox().flushed(state_.flushed);
  if (out_.bytes() > kMaxQueuedBytes) {
    lost("the network does not read what we send", false);
    return;
  }
  wake_if(was_full);
}

// Every 15 seconds: is the link dead, is registration stuck, is our nick free?
void Upstream::tick() {
  const std::uint64_t now = now_ms();
  tick_timer_->start(kTickMs);
  if (state_.link == Link::kRegistering && now - state_.connected_at_ms > kRegisterWithinMs) {
    lost("the network did not finish the registration within a minute", false);
    return;
  }
  if (state_.link == Link::kRegistering && waits_for_sasl(*this) &&
      now - state_.connected_at_ms > kSaslAppearsWithinMs) {
    sasl_refused(*this, "the network does not offer SASL");
    return;
  }
  if (state_.welcomed_at_ms != 0 && now - state_.welcomed_at_ms > kWelcomeDoneWithinMs) registered();
  if (!state_.paused && now - state_.heard_at_ms > kQuietBeforePingMs + kPingAnsweredWithinMs &&
      state_.pinged) {
    lost("no answer to a PING within a minute: the link is dead", false);
    return;
  }
  if (now - state_.heard_at_ms > kQuietBeforePingMs && !state_.pinged) {
    state_.pinged = true;
    send_now("PING :halley");
  }
  if (state_.link != Link::kConnected) return;
  channels_.tick();
  auto_away_.look();
  nicks_.tick();
  gaps_.tick();
  send_speech_fence(false);
  const bool was_full = !has_room();
  network_.outbox().tick();
  network_.outbox().go_on();
  wake_if(was_full);
}

bool Upstream::work(std::function<void()> job, std::function<void()> done) {
  if (!working_.expired()) return false;
  auto place = std::make_shared<int>(0);
  working_ = place;
  parts_.loop.work(std::move(job),
                   [place, alive = std::weak_ptr<int>(link_alive_), done = std::move(done)]() mutable {
                     place.reset();
                     if (!alive.expired()) done();
                   });
  return true;
}

bool Upstream::take_ctcp_answer() {
  constexpr double kAtOnce = 3, kPerSecond = 0.1;
  if (state_.ours.size() >= kMostOurs) return false;
  const std::uint64_t now = now_ms();
  state_.ctcp_answers = std::min(
      kAtOnce, state_.ctcp_answers + static_cast<double>(now - state_.ctcp_at_ms) * kPerSecond / 1000);
  if (state_.ctcp_at_ms == 0) state_.ctcp_answers = kAtOnce;
  state_.ctcp_at_ms = now;
  if (state_.ctcp_answers < 1) return false;
  state_.ctcp_answers -= 1;
  return true;
}

void Upstream::welcomed() {
  state_.welcomed_at_ms = now_ms();
  state_.trouble.clear();
  nicks_.registered_as(state().nick, state_.registration.nick_tries > 0);
}

void Upstream::registered() {
  if (state_.link != Link::kRegistering) return;
  set_link(Link::kConnected);
  network_.log_state("connected as " + network_.nick());
  state().set_isupport(parts_.isupports.intern(state().isupport()));
  network_.learn_naming();
  gaps_.registered();
  join_channels(*this);
  set_up_presence(*this);
  auto_away_.look();
  nicks_.in_use();
  // Own lines are shown, and cut, by this mask.
  if (state().user.empty() || state().host.empty())
    (void)ask(kNobody, irc::format_line({}, "USERHOST", {state().nick}));
  network_.outbox().go_on();
}

EventId Upstream::log(EventKind kind, const irc::Message& message, std::span<const BufferId> buffers,
                      bool searchable, std::uint8_t flags) {
  Draft draft{.kind = kind, .flags = flags, .buffers = buffers};
  scratch_.clear();
  // A text is written as one, with its colon, however the network spelt it.
  const bool text_last = searchable || kind == EventKind::kQuit ||
                         (kind == EventKind::kPart && message.param_count > 1) ||
                         (kind == EventKind::kKick && message.param_count > 2);
  irc::append_line(scratch_, {.source = message.source,
                              .command = message.command,
                              .params = message.parameters(),
                              .colon = text_last});
  tag_scratch_.clear();
  irc::for_each_tag(message.tags, [&](std::string_view key, std::string_view value) {
    if (key == "time") {
      draft.time_ms = irc::parse_time(value).value_or(0);
    } else if (key == "msgid") {
      draft.msgid = value;
    } else if (key == irc::kMultilineTag) {
      // Ours; whoever else says it is taken at their word as far as it costs no more.
      if (irc::fits(irc::multiline_size(message.last()), irc::kHeardMultiline))
        draft.flags |= event_flag::kMultiline;
    } else if (key != "batch" && key != "label") {
      if (!tag_scratch_.empty()) tag_scratch_ += ';';
      tag_scratch_ += key;
      if (!value.empty()) (tag_scratch_ += '=') += value;
    }
  });
  draft.past = (flags & event_flag::kPast) != 0;
  if (draft.past && draft.time_ms != 0) draft.time_ms -= replays_.clock_offset_ms();
  draft.tags = tag_scratch_;
  draft.line = scratch_;
  if (searchable) draft.text_at = static_cast<std::uint16_t>(scratch_.size() - message.last().size());
  return user().log(network_, draft, state_.said_by, state_.confirmed_for);
}

void Upstream::tell(std::string_view text) {
  user().tell(network_, text);
}

}  // namespace halley
