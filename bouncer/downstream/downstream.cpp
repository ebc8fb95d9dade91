#include "bouncer/downstream/downstream.h"

#include <fmt/format.h>

#include "bouncer/core/network.h"
#include "bouncer/core/user.h"
#include "bouncer/irc/numerics.h"
#include "bouncer/upstream/upstream.h"

namespace halley {

namespace {
constexpr std::uint64_t kRegisterWithinMs = 60'000;
constexpr std::uint64_t kQuietBeforePingMs = 120'000;
constexpr std::uint64_t kDeadAfterMs = 240'000;
constexpr std::size_t kRoomPerLine = 16 * storage::kMaxRecord;  // a message to ten targets, in parts
// Pages of a replay are asked for while less than this is queued.
constexpr std::size_t kReplayAhead = 256 * 1024;
constexpr std::size_t kMaxLine = irc::kMaxClientTags + irc::kMaxBody;
// Lines without a row are not in the log to be read later: a client that lets this much pile up is cut.
constexpr std::size_t kPassedBoundFactor = 16;
}  // namespace

Downstream::Downstream(const Services& services, Login& login, std::unique_ptr<net::Stream> stream,
                       net::Peer peer, std::function<void(Downstream&)> ended)
    : services_(services),
      login_(login),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      ended_(std::move(ended)),
      lines_(kMaxLine) {
  connected_at_ms_ = heard_at_ms_ = services_.loop->clock().monotonic_ms();
  flush_ = services_.loop->task([this] { flush(); });
  stream_->listen(*this);
  stream_->resume();
}

Downstream::~Downstream() {
  alive_.reset();
}

std::string Downstream::description() const {
  const storage::DeviceRow* row = nullptr;
  if (user()) {
    for (const storage::DeviceRow* device_row : services_.accounts->devices(user()->id())) {
      if (device_row->id == device()) row = device_row;
    }
  }
  return fmt::format("irc{} {}{}{}", peer_.tls ? "s" : "", peer_.address,
                     row && !row->name.empty() ? " @" : "", row ? row->name : "");
}

// --- Reading
// ---------------------------------------------------------------------------------------------------------

void Downstream::on_data(std::string_view bytes) {
  heard_at_ms_ = services_.loop->clock().monotonic_ms();
  pinged_ = false;
  lines_.feed(bytes);
  const std::weak_ptr<int> alive = alive_;
  pump();
  if (!alive.expired()) lines_.save();
}

// A line is read only when the journal can take what it may cause, and the network's queue is not full.
bool Downstream::may_read() const {
  if (!welcomed_) return true;
  if (!services_.journal->has_room(kRoomPerLine)) return false;
  return !network() || network()->upstream().has_room();
}

void Downstream::pump() {
  if (in_pump_) return;
  in_pump_ = true;
  std::string_view line;
  while (stream_ && !ending_ && !registration_.checking) {
    if (!may_read()) break;
    const irc::LineBuffer::Result result = lines_.next(line);
    if (result == irc::LineBuffer::Result::kNeedMore) {
      in_pump_ = false;
      return;
    }
    if (result == irc::LineBuffer::Result::kTooLong) {
      reply(irc::kErrInputTooLong, {fmt::format("Line of more than {} bytes: it was left out", kMaxLine)});
      continue;
    }
    handle(line);
  }
  in_pump_ = false;
  if (stream_ && !ending_) {
    paused_ = true;
    stream_->pause();
  }
}

void Downstream::room() {
  if (!paused_ || !stream_) return;
  paused_ = false;
  pump();
  lines_.save();
  if (stream_ && !paused_ && !ending_) stream_->resume();
}

void Downstream::handle(std::string_view line) {
  const auto message = irc::parse(line);
  if (!message) {
    reply(irc::kErrUnknownCommand, {"*", irc::describe(message.error())});
    return;
  }
  handle_downstream_line(*this, *message);
}

// --- The log
// --------------------------------------------------------------------------------------------------------

void Downstream::begin_replay() {
  const EventId head = user()->head();
  const EventId seen = user()->position(device(), network()->id());
  // A client that pages for itself is not sent what it did not ask for (IRCv3 chathistory).
  if (caps_.has(irc::Cap::kChathistory)) {
    replay_from(head, 0);
    return;
  }
  storage::LogQuery query;
  query.user = user()->id();
  query.network = network()->id();
  // A device that comes for the first time is known from now on, however soon it leaves.
  const bool stranger = seen == 0;
  if (stranger && services_.journal->has_room(storage::kMaxRecord)) {
    user()->set_position(device(), network()->id(), std::max<EventId>(head, 1));
  }
  query.after = seen;
  query.until = head;
  query.max_rows = stranger ? services_.config->history.first_lines : services_.config->history.backlog_lines;
  if (seen >= head || (!stranger && head - seen < query.max_rows)) {  // ids are at least one apart
    replay_from(seen, 0);
    return;
  }
  const std::weak_ptr<int> alive = alive_;
  services_.store->skip_to_newest(query,
                                  [this, alive, stranger](std::expected<storage::Skip, std::string> skip) {
                                    if (alive.expired() || !stream_ || !user()) return;
                                    if (!skip) {
                                      end(skip.error());
                                      return;
                                    }
                                    replay_from(skip->after, stranger ? 0 : skip->left_out);
                                  });
}

void Downstream::replay_from(EventId after, std::uint64_t left_out) {
  saved_position_ = user()->position(device(), network()->id());
  out_.start_at(std::max(after, saved_position_));
  if (left_out > 0) {
    notice(fmt::format("{} older lines were left out: they are in the history (CHATHISTORY, or the browser)",
                       left_out));
  }
  follow(after);
}

void Downstream::deliver(const Delivery& delivery) {
  const storage::Event& event = delivery.event;
  const auto kind = static_cast<Kind>(event.kind);
  if (!delivery.live) {
    deliver_replayed(delivery);
    return;
  }
  learn_nick(event);
  const bool own = delivery.origin == this && !caps_.has(irc::Cap::kEchoMessage);
  if (own || (kind == Kind::kInvite && !caps_.has(irc::Cap::kInviteNotify) &&
              (event.flags & event_flag::kHighlight) == 0)) {
    out_.skip(event.id);
  } else {
    const std::uint64_t key = std::uint64_t{network()->id()} << 32 | style_.bits();
    out_.push(
        user()->shared(key, event.id, [&](std::string& out) { append_event(out, delivery, style_, nick_); }));
  }
  flush_->schedule();
  hold_back_if_full();
}

void Downstream::learn_nick(const storage::Event& event) {
  if ((event.flags & event_flag::kSelf) == 0 || static_cast<Kind>(event.kind) != Kind::kNick) return;
  if (const auto message = irc::parse(event.line)) nick_ = message->param(0);
}

void Downstream::deliver_replayed(const Delivery& delivery) {
  // What came after the burst is shown as if live, joins and all: the client's picture of the present needs
  // them.
  const bool as_live = delivery.event.id > burst_head_;
  const auto kind = static_cast<Kind>(delivery.event.kind);
  if (as_live) learn_nick(delivery.event);
  const bool own = delivery.origin == this && !caps_.has(irc::Cap::kEchoMessage);
  if (own || (!as_live && !replayed(kind))) {
    out_.skip(delivery.event.id);
  } else {
    scratch_.clear();
    Delivery shown = delivery;
    shown.live = as_live;
    append_event(scratch_, shown, style_, nick_, as_live ? std::string_view{} : batch_for(delivery));
    out_.push_private(scratch_, delivery.event.id);
  }
  flush_->schedule();
}

// Lines of one buffer belong to one chathistory batch; the batches of a replay stand open side by side until
// its end.
std::string_view Downstream::batch_for(const Delivery& delivery) {
  if (!caps_.has(irc::Cap::kBatch) || delivery.event.buffers.empty()) return {};
  const BufferId buffer = delivery.event.buffers[0];
  const auto known = batches_.find(buffer);
  if (known != batches_.end()) return known->second;
  const std::string* name = network()->buffer_name(buffer);
  if (!name || name->empty()) return {};
  const std::string reference = next_batch_reference();
  const std::string begin =
      irc::format_line(server_name(), "BATCH", {"+" + reference, "chathistory", *name}) + "\r\n";
  out_.push_private(begin, 0);
  return batches_.emplace(buffer, reference).first->second;
}

std::string Downstream::next_batch_reference() {
  return fmt::format("h{}", ++batch_count_);
}

void Downstream::close_batches() {
  for (const auto& [buffer, reference] : batches_)
    send(irc::format_line(server_name(), "BATCH", {"-" + reference}));
  batches_.clear();
}

void Downstream::caught_up() {
  close_batches();
  follow_nick();
  for (const std::string& name : std::exchange(late_channels_, {})) {
    if (const Channel* channel = network()->state().find_channel(name))
      channel_complete(*network(), *channel);
  }
  flush_->schedule();
}

bool Downstream::wants_more() const {
  return out_.bytes() < kReplayAhead;
}

// A slow reader costs a cursor, not memory: at the bound nothing more is queued, and the log is read on when
// it drained.
void Downstream::hold_back_if_full() {
  if (out_.bytes() < services_.config->limits.client_queue) return;
  held_back_at_ = cursor();
  stop_following();
}

void Downstream::send_history(const Delivery& delivery, std::string_view batch) {
  scratch_.clear();
  append_event(scratch_, delivery, style_, nick_, batch);
  out_.push_private(scratch_, 0);
  flush_->schedule();
}

// --- Writing
// --------------------------------------------------------------------------------------------------------

void Downstream::send(std::string_view line) {
  if (!stream_) return;
  scratch_.assign(line);
  scratch_ += "\r\n";
  out_.push_private(scratch_, 0);
  flush_->schedule();
}

void Downstream::reply(std::string_view numeric, std::initializer_list<std::string_view> params) {
  const std::string target = welcomed_                    ? nick_
                             : registration_.nick.empty() ? std::string("*")
                                                          : registration_.nick;
  std::vector<std::string_view> all{target};
  all.insert(all.end(), params.begin(), params.end());
  std::string line;
  irc::append_line(line, {}, server_name(), numeric, all, true);
  send(line);
}

void Downstream::notice(std::string_view text) {
  std::string line;
  const std::string_view params[] = {welcomed_ ? std::string_view(nick_) : std::string_view("*"), text};
  irc::append_line(line, {}, server_name(), "NOTICE", params, true);
  send(line);
}

void Downstream::pass(const Network*, std::string_view line) {
  if (!stream_ || !welcomed_) return;
  const auto message = irc::parse(line);
  if (!message || !understands(caps_, message->command)) return;
  if (out_.bytes() > services_.config->limits.client_queue * kPassedBoundFactor) {
    end("you read too slowly");
    return;
  }
  scratch_.clear();
  append_passed(scratch_, line, caps_, services_.loop->clock().wall_us() / 1000);
  out_.push_private(scratch_, 0);
  flush_->schedule();
}

void Downstream::flush() {
  if (!stream_) return;
  const bool all = out_.flush(*stream_);
  out_.end_turn();
  scratch_.clear();
  if (scratch_.capacity() > irc::kMaxBody) scratch_.shrink_to_fit();
  save_position();
  eased();
  if (held_back_at_ != 0 && out_.bytes() < services_.config->limits.client_queue / 2)
    follow(std::exchange(held_back_at_, 0));
  if (stream_ && (all || wants_more())) more();
}

void Downstream::save_position() {
  if (!welcomed_ || !user() || !network()) return;
  const EventId sent = out_.sent_id();
  // Over TLS the last record may still be in this process: then the position waits for the next flush.
  if (sent <= saved_position_ || stream_->queued() != 0 || !services_.journal->has_room(storage::kMaxRecord))
    return;
  saved_position_ = sent;
  if (sent > user()->position(device(), network()->id()))
    user()->set_position(device(), network()->id(), sent);
}

void Downstream::on_drained() {
  flush();
}

// --- The network's news
// ---------------------------------------------------------------------------------------------

void Downstream::network_changed(const Network& changed, bool) {
  if (!welcomed_ || &changed != network()) return;
  announce_caps();
  // While events are read from the log, a NICK may be among them.
  if (live()) follow_nick();
}

// The network knows us by another nick than the client does, and no NICK line told it (a new link).
void Downstream::follow_nick() {
  const std::string& now = network()->state().nick;
  if (now.empty() || now == nick_) return;
  send(irc::format_line(fmt::format("{}!{}@{}", nick_, nick_, server_name()), "NICK", {now}));
  nick_ = now;
}

void Downstream::channel_complete(const Network& of, const Channel& channel) {
  if (!live()) {
    late_channels_.push_back(channel.name);
    return;
  }
  const Burst burst(of, names_style());
  const auto sink = [this, &of](std::string_view line) { pass(&of, line); };
  burst.topic(channel, sink);
  burst.names(channel, sink);
}

void Downstream::channel_names(const Network& of, const Channel& channel) {
  Burst(of, names_style()).names(channel, [this, &of](std::string_view line) { pass(&of, line); });
}

// --- The end
// --------------------------------------------------------------------------------------------------------

void Downstream::tick() {
  if (!stream_ || ending_) return;
  const std::uint64_t now = services_.loop->clock().monotonic_ms();
  if (!welcomed_) {
    if (now - connected_at_ms_ > kRegisterWithinMs) end("no login within a minute");
    return;
  }
  if (paused_ || now - heard_at_ms_ < kQuietBeforePingMs) return;
  if (!pinged_) {
    pinged_ = true;
    send(fmt::format("PING :{}", server_name()));
    return;
  }
  if (now - heard_at_ms_ < kDeadAfterMs) return;
  // Nobody is there any more: what the peer's host never acknowledged was never seen. The position goes back
  // to it.
  const EventId acknowledged = out_.acknowledged_id(stream_->unacknowledged());
  if (user() && network() && acknowledged != 0 && acknowledged < saved_position_ &&
      user()->position(device(), network()->id()) == saved_position_ &&
      services_.journal->has_room(storage::kMaxRecord)) {
    user()->set_position(device(), network()->id(), acknowledged);
  }
  saved_position_ = ~EventId{0};
  end("no answer to a PING");
}

void Downstream::end(std::string_view reason) {
  if (ending_ || !stream_) return;
  send(irc::format_line({}, "ERROR", {fmt::format("Closing link: {}", reason)}));
  ending_ = true;
  flush();
  if (stream_) stream_->close();
}

void Downstream::on_closed(std::string_view) {
  ending_ = true;
  detach();
  ended_(*this);
}

}  // namespace halley
