#include "bouncer/downstream/downstream.h"

#include <fmt/format.h>

#include <algorithm>

#include "bouncer/accounts/accounts.h"
#include "bouncer/commands/client_commands.h"
#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/downstream/all_networks.h"
#include "bouncer/irc/fit.h"
#include "bouncer/irc/http_request.h"
#include "bouncer/irc/numerics.h"

namespace halley {

namespace {
constexpr std::uint64_t kRegisterWithinMs = 60'000;
constexpr std::uint64_t kQuietBeforePingMs = 120'000;
constexpr std::uint64_t kDeadAfterMs = 240'000;
// A peer that lets so many bytes wait is not read, before its login and after it.
constexpr std::size_t kMostAnswersBefore = 16 * 1024, kMostAnswers = 256 * 1024;
// CHATHISTORY and the like: as many answers are read from the store at once, and no more are asked for.
constexpr std::size_t kMostStoreQuestions = 4;
// Lists of members that it has asked for with labels, and that are not told yet.
constexpr std::size_t kMostNamesAnswers = 16;
// Bytes that a host may hold for a client that reads no more: their lines are sent again to one that comes
// back.
constexpr std::size_t kMostUnreadByHost = 64 * 1024;
// Pages of a replay are asked for while less than this is queued.
constexpr std::size_t kReplayAhead = 256 * 1024;
constexpr std::size_t kMaxClientLine = irc::kMaxClientTags + irc::kMaxBody;
}  // namespace

Downstream::Downstream(const Parts& parts, std::unique_ptr<net::Stream> stream, net::Peer peer,
                       std::function<void(Downstream&)> ended)
    : parts_(parts), stream_(std::move(stream)), ended_(std::move(ended)), lines_(kMaxClientLine) {
  state_.peer = std::move(peer);
  state_.connected_at_ms = state_.heard_at_ms = now_ms();
  flush_ = parts_.loop.task([this] { flush(); });
  stream_->listen(*this);
  stream_->resume();
}

Downstream::~Downstream() {
  alive_.reset();
  if (state_.waits_for_turn) parts_.input_turns.forget(*this);
}

void Downstream::set_caps(irc::CapSet caps) {
  const bool was_present = present();
  state_.caps = caps;
  style_ = LineStyle::of(caps);
  if (all_) all_->set_caps(caps);
  if (state_.welcomed && user() && present() != was_present) user()->presence_changed();
}

std::string Downstream::description() const {
  const storage::DeviceRow* row = nullptr;
  if (user()) {
    for (const storage::DeviceRow* device_row : parts_.accounts.devices(user()->id())) {
      if (device_row->id == device()) row = device_row;
    }
  }
  std::string shown;
  if (const Network* part = bound_network(); state_.handshake.grant.network == kAllNetworks)
    shown = part ? fmt::format(", of these {}", part->name()) : ", all networks";
  return fmt::format("irc{} {}{}{}{}", state_.peer.tls ? "s" : "", state_.peer.address,
                     row && !row->name.empty() ? " @" : "", row ? row->name : "", shown);
}

// --- Reading

void Downstream::on_data(std::string_view bytes) {
  state_.heard_at_ms = now_ms();
  state_.pinged = false;
  lines_.feed(bytes);
  const std::weak_ptr<int> alive = alive_;
  pump();
  if (!alive.expired()) lines_.save();
}

// A line is read only when the peer takes the answers to those before it, when the journal can take what it
// may cause, and when the network's queue is not full.
bool Downstream::may_read() const {
  if (state_.store_questions >= kMostStoreQuestions) return false;
  if (names_answers() >= kMostNamesAnswers) return false;
  if (out_.bytes() > (state_.welcomed ? kMostAnswers : kMostAnswersBefore)) return false;
  if (!state_.welcomed || !user()) return true;
  if (!user()->has_room(kRoomPerCommand)) return false;
  if (all_) return all_->takes_input();
  const Network* network = bound_network();
  return !network || network->uplink().has_room();
}

void Downstream::pump() {
  if (in_pump_) return;
  in_pump_ = true;
  std::string_view line;
  while (stream_ && !state_.ending && !state_.handshake.checking) {
    if (!may_read() || !has_turn()) break;
    const irc::LineBuffer::Result result = lines_.next(line);
    if (result == irc::LineBuffer::Result::kNeedMore) {
      in_pump_ = false;
      return;
    }
    const bool whole = result == irc::LineBuffer::Result::kLine;
    const std::size_t size = whole ? line.size() : kMaxClientLine;
    const std::uint64_t began = parts_.loop.clock().monotonic_us();
    if (whole) {
      handle(line);
    } else {
      refuse_line(line, irc::kErrInputTooLong,
                  {fmt::format("Line of more than {} bytes: it was left out", kMaxClientLine)});
    }
    has_read(size, parts_.loop.clock().monotonic_us() - began);
  }
  in_pump_ = false;
  if (stream_ && !state_.ending) {
    state_.paused = true;
    stream_->pause();
  }
}

void Downstream::has_read(std::size_t bytes, std::uint64_t us) {
  if (user()) {
    user()->has_read(bytes, us);
  } else {
    parts_.input_turns.spend(bytes + UserTurns::kOfEachLine, us, parts_.strangers);
  }
}

void Downstream::room() {
  if (!state_.paused || state_.waits_for_turn || !stream_) return;
  state_.paused = false;
  pump();
  lines_.save();
  if (stream_ && !state_.paused && !state_.ending) stream_->resume();
}

// The peer has taken some of what it was answered: what it said meanwhile may be read.
void Downstream::answers_taken() {
  if (!state_.paused || state_.waits_for_turn || in_pump_ || !may_read()) return;
  if (!room_) room_ = parts_.loop.task([this] { room(); });
  room_->schedule();
}

void Downstream::handle(std::string_view line) {
  // A browser that a hostile page sent here: nothing of what follows is meant for us.
  if (!state_.welcomed && irc::is_http_request(line)) {
    end("this port speaks IRC, not HTTP");
    return;
  }
  trace(LineTracer::Way::kReceived, line);
  const auto message = irc::parse(line);
  if (!message) {
    refuse_line(line, irc::kErrUnknownCommand, {"*", irc::describe(message.error())});
    return;
  }
  if (const auto label = label_in(message->tags)) {
    handle_labelled(*message, *label);
  } else {
    handle_downstream_line(*this, *message);
  }
}

// --- The log

void Downstream::begin_replay(NetworkId network) {
  const EventId head = user()->head(), asked = std::min(state_.handshake.position, head);
  const EventId known = user()->positions().of(device(), network), seen = asked != 0 ? asked : known;
  // A client that pages for itself is not sent what it did not ask for (IRCv3 chathistory, znc.in/playback).
  if (asked == 0 && pages_by_itself()) {
    replay_from(head, 0);
    return;
  }
  storage::LogQuery query;
  query.network = network;
  // A device that comes for the first time is known from now on, however soon it leaves.
  const bool stranger = seen == 0;
  if (known == 0 && user()->has_room(storage::kMaxRecord)) {
    user()->positions().set(device(), network, std::max<EventId>(stranger ? head : seen, 1));
  }
  query.after = seen;
  query.until = head;
  query.max_rows = stranger ? parts_.config.history.first_lines : parts_.config.history.backlog_lines;
  if (seen >= head || (!stranger && head - seen < query.max_rows)) {  // ids are at least one apart
    replay_from(seen, 0);
    return;
  }
  user()->past().skip_to_newest(
      query, [this, alive = alive(), stranger](std::expected<storage::Skip, std::string> skip) {
        if (alive.expired() || !stream_ || !user()) return;
        if (!skip) {
          end(skip.error());
          return;
        }
        replay_from(skip->after, stranger ? 0 : skip->left_out);
      });
}

void Downstream::replay_from(EventId after, std::uint64_t left_out) {
  state_.saved_position = user()->positions().of(device(), view().bound());
  out_.start_at(std::max(after, state_.saved_position));
  if (left_out > 0) {
    notice(fmt::format("{} older lines were left out: they are in the history (CHATHISTORY, or the browser)",
                       left_out));
  }
  follow(after);
}

void Downstream::deliver(const Delivery& delivery) {
  const storage::Event& event = delivery.event;
  if (!delivery.live) {
    deliver_replayed(delivery);
    return;
  }
  learn_nick(event);
  const bool own = delivery.origin == id() && !state_.caps.has(irc::Cap::kEchoMessage);
  const bool called = (event.flags & event_flag::kHighlight) != 0;
  if (own || user()->detached().hides(event, device()) ||
      !takes(state_.caps, kind_row(static_cast<EventKind>(event.kind)), called)) {
    out_.skip(event.id);
  } else if (!deliver_answer(delivery)) {
    const std::uint64_t key = std::uint64_t{event.network} << 32 | style_.bits();
    const ChunkSpan& span = user()->shared(
        key, event.id, [&](std::string& out) { append_event(out, delivery, style_, state_.nick); });
    if (span.begin == span.end) {
      out_.skip(event.id);
    } else {
      if (user()->tracer() != nullptr)  // looked at first: it is asked for each line and client
        trace(LineTracer::Way::kSent, {span.chunk->data() + span.begin, span.end - span.begin});
      out_.push(span);
    }
  }
  flush_->schedule();
  hold_back_if_full();
}

void Downstream::learn_nick(const storage::Event& event) {
  if ((event.flags & event_flag::kSelf) == 0 || static_cast<EventKind>(event.kind) != EventKind::kNick)
    return;
  if (const auto message = irc::parse(event.line)) state_.nick = message->param(0);
}

void Downstream::deliver_replayed(const Delivery& delivery) {
  // What came after the burst is shown as if live, joins and all: the client's picture of the present needs
  // them.
  const bool as_live = delivery.event.id > state_.burst_head;
  const EventKindRow& row = kind_row(static_cast<EventKind>(delivery.event.kind));
  const bool called = (delivery.event.flags & event_flag::kHighlight) != 0;
  if (as_live) learn_nick(delivery.event);
  const bool own = delivery.origin == id() && !state_.caps.has(irc::Cap::kEchoMessage);
  const bool hidden = user()->detached().hides(delivery.event, device());
  if (own || hidden || !takes(state_.caps, row, called) || (!as_live && !row.replayed)) {
    out_.skip(delivery.event.id);
  } else {
    const std::string_view batch = as_live ? std::string_view{} : batch_for(delivery);
    scratch_.clear();
    Delivery shown = delivery;
    shown.live = as_live;
    append_event(scratch_, shown, style_, state_.nick, {.batch = batch});
    queue_or_skip(delivery.event.id);
  }
  flush_->schedule();
}

// Lines of one buffer belong to one chathistory batch; the batches of a replay stand open side by side until
// its end.
std::string_view Downstream::batch_for(const Delivery& delivery) {
  if (!state_.caps.has(irc::Cap::kBatch) || delivery.event.buffers.empty()) return {};
  const BufferId buffer = delivery.event.buffers[0];
  const auto known = state_.batches.find(buffer);
  if (known != state_.batches.end()) return known->second;
  const std::string* name = delivery.network ? delivery.network->buffers().name(buffer) : nullptr;
  if (!name || name->empty() || name->size() > irc::kMaxTarget) return {};
  const std::string reference = next_batch_reference();
  send(irc::format_line(server_name(), "BATCH", {"+" + reference, "chathistory", *name}));
  return state_.batches.emplace(buffer, reference).first->second;
}

std::string Downstream::next_batch_reference() {
  return fmt::format("h{}", ++state_.batch_count);
}

void Downstream::close_batches() {
  for (const auto& [buffer, reference] : state_.batches)
    send(irc::format_line(server_name(), "BATCH", {"-" + reference}));
  state_.batches.clear();
}

void Downstream::caught_up() {
  close_batches();
  follow_nick();
  follow_address();
  go_on_telling();
  flush_->schedule();
}

bool Downstream::wants_more() const {
  return out_.bytes() < std::min(kReplayAhead, user()->client_queue_limit());
}

bool Downstream::takes_more_names() const {
  return !state_.ending && wants_more();
}

bool Downstream::takes_answers() const {
  return stream_ && !state_.ending && out_.bytes() < kMostAnswers;
}

// A slow reader costs a cursor, not memory: at the bound nothing more is queued, and the log is read on when
// it drained.
void Downstream::hold_back_if_full() {
  if (out_.bytes() < user()->client_queue_limit()) return;
  state_.held_back_at = cursor();
  stop_following();
}

void Downstream::send_history(const Delivery& delivery, std::string_view batch) {
  scratch_.clear();
  LineStyle style = style_;
  style.position = false;  // what is asked for moves nobody on
  append_event(scratch_, delivery, style, state_.nick, {.batch = batch});
  if (!scratch_.empty()) queue(scratch_, 0);
  flush_->schedule();
}

// --- Writing

void Downstream::flush() {
  if (!stream_) return;
  const bool all = out_.flush(*stream_);
  out_.end_turn();
  scratch_.clear();
  if (scratch_.capacity() > irc::kMaxBody) scratch_.shrink_to_fit();
  if (out_.sent_id() > state_.saved_position && state_.welcomed) parts_.positions_move();
  eased();
  answers_taken();
  if (all_) all_->drained();
  if (!user()) return;
  if (state_.held_back_at != 0 && out_.bytes() < user()->client_queue_limit() / 2)
    follow(std::exchange(state_.held_back_at, 0));
  if (stream_ && user() && (all || wants_more())) more();
  if (!stream_ || !user()) return;
  go_on_telling();
  if (answers_) answers_->go_on();
  if (wants_more()) playback_.go_on();
}

std::size_t Downstream::on_the_way() const {
  return out_.bytes() + stream_->unacknowledged() + stream_->queued();
}

bool Downstream::save_position() {
  if (all_) return all_->save_position();
  const NetworkId network = view().bound();
  if (!stream_ || !state_.welcomed || !user() || network == 0) return false;
  if (out_.sent_id() <= state_.saved_position) return false;
  // Over TLS what is still in this process counts as not acknowledged. A host that has not taken all may be
  // one whose client reads no more: what it took last then lies in its buffers, unread.
  const std::size_t on_the_way = stream_->unacknowledged() + stream_->queued();
  const EventId seen = out_.acknowledged_id(on_the_way == 0 ? 0 : on_the_way + kMostUnreadByHost);
  if (seen > state_.saved_position && user()->has_room(storage::kMaxRecord)) {
    state_.saved_position = seen;
    if (seen > user()->positions().of(device(), network)) user()->positions().set(device(), network, seen);
  }
  return out_.sent_id() > state_.saved_position;
}

void Downstream::on_drained() {
  flush();
}

// --- The network's news

bool Downstream::watches_networks() const {
  return state_.welcomed && (all_ || state_.caps.has(irc::Cap::kBouncerNetworksNotify));
}

void Downstream::network_changed(const Network& changed, bool removed) {
  if (state_.welcomed && state_.caps.has(irc::Cap::kBouncerNetworksNotify)) tell_network(changed, removed);
  if (all_) all_->network_changed(changed, removed);
  if (!state_.welcomed || changed.id() != view().bound()) return;
  announce_caps();
  // While events are read from the log, a NICK may be among them.
  if (!live()) return;
  follow_nick();
  follow_address();
}

void Downstream::channel_renamed(const Network& of, const Channel& channel, std::string_view old_name,
                                 std::string_view line) {
  if (is_hidden(of, channel.name, device())) return;
  if (state_.caps.has(irc::Cap::kChannelRename)) {
    pass(of, line);
    rename_telling(of, old_name, channel.name);
  } else {
    Client::channel_renamed(of, channel, old_name, line);
  }
}

// --- The end

void Downstream::tick() {
  if (!stream_ || state_.ending) return;
  const std::uint64_t now = now_ms();
  if (!state_.welcomed) {
    if (now - state_.connected_at_ms > kRegisterWithinMs) end("no login within a minute");
    return;
  }
  expire_batch(*this);
  if (all_) all_->tick();
  if (state_.paused || now - state_.heard_at_ms < kQuietBeforePingMs) return;
  if (!state_.pinged) {
    state_.pinged = true;
    send(fmt::format("PING :{}", server_name()));
    return;
  }
  if (now - state_.heard_at_ms < kDeadAfterMs) return;
  end("no answer to a PING");
}

void Downstream::end(std::string_view reason) {
  if (state_.ending || !stream_) return;
  save_position();  // what follows nobody may read
  if (labels_) labels_->end_all();
  put(irc::format_line({}, "ERROR", {fmt::format("Closing link: {}", reason)}));
  state_.ending = true;
  flush();
  if (stream_) stream_->close();
}

void Downstream::on_closed(std::string_view) {
  // What it had said before is heard, though its turn had not come.
  state_.closed = true;
  const std::weak_ptr<int> alive = alive_;
  if (state_.waits_for_turn) pump();
  if (alive.expired()) return;
  save_position();  // the last word of the peer's host
  state_.ending = true;
  answers_.reset();
  all_.reset();
  detach();
  ended_(*this);
}

}  // namespace halley
