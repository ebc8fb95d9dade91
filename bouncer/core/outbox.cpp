#include "bouncer/core/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

#include "bouncer/core/burst.h"
#include "bouncer/core/network.h"
#include "bouncer/irc/service_words.h"

namespace halley {

namespace {

constexpr std::size_t kShown = 512;  // bytes of a text in a list

// Of a kept line: its first word.
// Each message of several lines has the numbers of as many as it may have to be sent in.
constexpr std::uint64_t kMoreIds = Uplink::kLinesAtOnce - 1;
constexpr unsigned kKeptNotice = 1, kKeptMultiline = 2;

constexpr char kKeptWaiting = 'w', kKeptSent = 's', kKeptUnknown = 'u', kKeptRefused = 'r';

// "STATE LOST FORM TIME EVENT SEQ", then target, tags, text, a line each, as none of them holds a line's
// end, and the client's name.
struct Kept {
  char state = 0;
  unsigned lost = 0, form = 0;  // form: kKeptNotice, kKeptMultiline
  std::int64_t time_ms = 0;
  storage::EventId event = 0;
  std::uint64_t seq = 0;
  std::string_view target, tags, text, client;
};

template <typename Number>
void take_number(std::string_view& from, Number& number) {
  const char* const end = from.data() + from.size();
  const char* at = std::from_chars(from.data(), end, number).ptr;
  if (at != end) ++at;  // the space behind it
  from = {at, static_cast<std::size_t>(end - at)};
}

std::string_view take_row(std::string_view& from) {
  const std::size_t end = std::min(from.find('\n'), from.size());
  const std::string_view row = from.substr(0, end);
  from = from.substr(std::min(end + 1, from.size()));
  return row;
}

Kept parse_kept(std::string_view value) {
  Kept kept;
  std::string_view head = take_row(value);
  if (head.size() < 2) return kept;
  kept.state = head[0];
  head.remove_prefix(2);
  take_number(head, kept.lost);
  take_number(head, kept.form);
  take_number(head, kept.time_ms);
  take_number(head, kept.event);
  take_number(head, kept.seq);
  kept.target = take_row(value);
  kept.tags = take_row(value);
  kept.text = take_row(value);
  kept.client = value;
  return kept;
}

}  // namespace

Outbox::Outbox(Network& network, DurableState& states) : network_(network), states_(states) {
  states_.take(StateKind::kOutbox, network.user().id(), [this](const storage::StateRow& row) {
    if (row.network == network_.id()) load(row);
  });
  if (open_) open_->lines.sort([](const Line& a, const Line& b) { return a.id < b.id; });
}

Outbox::Open& Outbox::make_open() {
  if (!open_) open_ = std::make_unique<Open>();
  return *open_;
}

// REQUIRES: the caller looks at nothing of it any more.
void Outbox::close_when_idle() {
  if (open_ && open_->lines.empty() && open_->fence == 0 && !open_->going_on) open_.reset();
}

void Outbox::load(const storage::StateRow& row) {
  Line line;
  std::from_chars(row.key.data(), row.key.data() + row.key.size(), line.id);
  const Kept kept = parse_kept(row.value);
  line.kept = true;
  line.notice = (kept.form & kKeptNotice) != 0;
  line.multiline = (kept.form & kKeptMultiline) != 0;
  network_.user().outbox_ids().seen(line.id + (line.multiline ? kMoreIds : 0));
  line.lost = static_cast<std::uint8_t>(kept.lost);
  line.time_ms = kept.time_ms;
  line.event = kept.event;
  line.target = kept.target;
  line.tags = kept.tags;
  line.text = kept.text;
  line.seq = kept.seq;
  line.client = kept.client;
  line.refused = kept.state == kKeptRefused;
  make_open().bytes += line.text.size() + line.tags.size();
  ++open_->waiting;
  open_->lines.push_back(std::move(line));
  Line& put = open_->lines.back();
  if (put.refused) {
    set_stage(put, Stage::kTakenBack);
  } else if (kept.state != kKeptWaiting) {
    set_stage(put, Stage::kUnknown);  // sent, and not settled when the process ended
  }
}

void Outbox::loaded() {
  if (!open_) return;
  std::size_t unknown = 0;
  for (At at = open_->lines.begin(); at != open_->lines.end();) {
    const At line = at++;
    if (line->stage == Stage::kUnknown) {
      ++unknown;
      keep_if_room(*line);
    }
    if (line->event != 0) {
      take_back(line, line->stage);
    } else if (line->stage == Stage::kTakenBack) {
      erase(line);
    }
  }
  if (unknown == 0) return;
  network_.user().tell(
      network_,
      fmt::format("{} line{} said here, and nobody knows whether {} heard: see /msg *halley outbox", unknown,
                  unknown == 1 ? " was" : "s were", unknown == 1 ? "it was" : "they were"));
}

// --- On disk ---

void Outbox::keep(Line& line) {
  if (line.secret) return;
  char state = kKeptWaiting;
  if (line.stage == Stage::kSent || line.stage == Stage::kSaid) state = kKeptSent;
  if (line.stage == Stage::kUnknown) state = kKeptUnknown;
  if (line.stage == Stage::kTakenBack) state = kKeptRefused;
  const std::string value =
      fmt::format("{} {} {} {} {} {}\n{}\n{}\n{}\n{}", state, line.lost,
                  (line.notice ? kKeptNotice : 0) | (line.multiline ? kKeptMultiline : 0), line.time_ms,
                  line.event, line.seq, line.target, line.tags, line.text, line.client);
  const std::string key = std::to_string(line.id);
  storage::StateRecord record;
  record.user = network_.user().id();
  record.network = network_.id();
  record.key = key;
  record.value = value;
  states_.put(StateKind::kOutbox, record);
  line.kept = true;
}

// Outside of what a client's line was given room for. When the disk is so far behind, the state that it has
// stays: after a crash the line would be called unknown.
void Outbox::keep_if_room(Line& line) {
  if (network_.user().has_room(2 * storage::kMaxRecord)) keep(line);
}

// The state that is removed may wait for room: a crash until then finds the line unknown.
void Outbox::unkeep(Line& line) {
  if (!line.kept) return;
  storage::StateRecord none;
  const std::string key = std::to_string(line.id);
  none.user = network_.user().id();
  none.network = network_.id();
  none.key = key;
  states_.put(StateKind::kOutbox, none);
  line.kept = false;
}

void Outbox::erase(At line) {
  unkeep(*line);
  set_stage(*line, Stage::kTakenBack);
  open_->bytes -= line->text.size() + line->tags.size();
  open_->lines.erase(line);
}

void Outbox::set_stage(Line& line, Stage stage) {
  const auto flies = [](Stage s) {
    return s == Stage::kQueued || s == Stage::kSent || s == Stage::kSaid ? 1U : 0U;
  };
  const auto rests = [](Stage s) { return s == Stage::kWaiting || s == Stage::kUnknown ? 1U : 0U; };
  open_->in_flight = open_->in_flight - flies(line.stage) + flies(stage);
  open_->waiting = open_->waiting - rests(line.stage) + rests(stage);
  if (stage == Stage::kWaiting) {
    open_->stuck = false;
    line.answer = 0;
  }
  line.stage = stage;
}

// --- From clients ---

bool Outbox::is_secret(std::string_view target, std::string_view text) {
  return irc::without_password(target, text).has_value();
}

std::uint64_t Outbox::now_ms() const {
  return network_.user().now_ms();
}

std::string_view Outbox::channel_of(std::string_view target) const {
  const irc::Isupport& isupport = network_.state().isupport();
  const std::string_view bare = isupport.without_status(target);
  return isupport.is_channel(bare) ? bare : std::string_view{};
}

bool Outbox::awaits_join(std::string_view target) const {
  const std::string_view channel = channel_of(target);
  return !channel.empty() && !network_.state().find_channel(channel) && network_.find_wanted(channel);
}

bool Outbox::waits_for(std::string_view target) const {
  return open_ && open_->waiting > 0 && std::ranges::any_of(open_->lines, [&](const Line& line) {
           return line.stage == Stage::kWaiting &&
                  irc::equal(network_.state().casemapping(), line.target, target);
         });
}

// On a link that is in use our JOIN goes before what is said now: only the order is to be kept.
bool Outbox::must_wait(std::string_view target) const {
  return network_.link() != Link::kConnected || waits_for(target);
}

std::string Outbox::full(std::size_t lines, std::size_t more_bytes) const {
  std::size_t all = 0;
  for (const auto& network : network_.user().networks()) all += network->outbox().size();
  const std::size_t waiting = open_ ? open_->waiting : 0, bytes = open_ ? open_->bytes : 0;
  if (waiting + lines <= kMostWaitingLines && all + lines <= kMostLinesOfUser &&
      bytes + more_bytes <= kMostWaitingBytes)
    return {};
  return fmt::format("{} lines wait for {} already: nothing was sent; see /msg *halley outbox", size(),
                     network_.name());
}

std::expected<Outbox::Taken, std::string> Outbox::say(const Saying& saying) {
  if (std::string why = full(1, saying.text.size() + saying.tags.size()); !why.empty())
    return std::unexpected(std::move(why));
  const bool secret = is_secret(saying.target, saying.text);
  if (secret && network_.link() != Link::kConnected) {
    return std::unexpected(fmt::format(
        "not connected to {}, and what may hold a password is not kept until it is: nothing was sent",
        network_.name()));
  }
  const bool wait = !secret && must_wait(saying.target);
  Line fresh;
  fresh.id = network_.user().outbox_ids().next();
  if (saying.multiline) network_.user().outbox_ids().reserve(kMoreIds);
  fresh.from = saying.from;
  if (!wait) fresh.answer = saying.answer;
  fresh.notice = saying.notice;
  fresh.multiline = saying.multiline;
  fresh.secret = secret;
  fresh.time_ms = network_.user().wall_ms();
  fresh.target = saying.target;
  fresh.text = saying.text;
  fresh.tags = saying.tags;
  fresh.client = saying.command.client;
  fresh.seq = saying.command.seq;
  make_open().lines.push_back(std::move(fresh));
  ++open_->waiting;
  open_->bytes += saying.text.size() + saying.tags.size();
  const At line = std::prev(open_->lines.end());
  if (wait) {
    if (network_.link() != Link::kConnected) look_again();
    keep(*line);
    tell_fate(*line, SaidNews::Fate::kQueued);
    return Taken::kWaits;
  }
  if (speak(line)) return Taken::kSent;
  erase(line);
  return std::unexpected(
      fmt::format("too many lines wait for {}: nothing was sent; try again in a moment", network_.name()));
}

// Of the lines as they go out, which are more where one of them is long.
bool Outbox::goes_whole(std::string_view target, std::string_view text) const {
  const std::size_t room = irc::text_room(Burst(network_, {}).own_mask().size(), "PRIVMSG", target);
  return irc::fits({.bytes = irc::multiline_size(text).bytes, .lines = irc::wire_lines(text, room)},
                   network_.uplink().multiline());
}

// A network that does not take several lines as a whole gets them one by one: another one than when they were
// said, as it was on the other side of a lost link. The first has the number of the whole, and takes its
// place on disk.
Outbox::At Outbox::take_apart(At line) {
  const std::size_t room = irc::text_room(Burst(network_, {}).own_mask().size(),
                                          line->notice ? "NOTICE" : "PRIVMSG", line->target);
  std::vector<std::string_view> parts = irc::single_lines(line->text, room);
  if (parts.size() > kMoreIds) parts.resize(kMoreIds);  // as many at most were let in
  std::uint64_t id = line->id;
  At first = line;
  for (const std::string_view part : parts) {
    Line one = *line;
    one.multiline = false;
    one.event = 0;
    one.text = part;
    if (first != line) {
      one.id = ++id;
      one.kept = one.shown = false;
      one.tags.clear();
      one.seq = 0;
    }
    open_->bytes += one.text.size() + one.tags.size();
    ++open_->waiting;
    const At at = open_->lines.insert(line, std::move(one));
    if (first == line) first = at;
    keep_if_room(*at);
  }
  const At next = std::next(line);
  const bool none = first == line;
  if (!none) line->kept = false;
  erase(line);
  return none ? next : first;
}

std::string Outbox::wire_form(const Line& line) const {
  const bool tags = network_.state().caps.has(irc::Cap::kMessageTags);
  const std::string_view shown_tags = tags ? std::string_view(line.tags) : std::string_view{};
  const std::string_view command = line.notice ? "NOTICE" : "PRIVMSG";
  std::string out;
  if (!line.multiline) {
    const std::string_view params[] = {line.target, line.text};
    irc::append_line(out, {.tags = shown_tags, .command = command, .params = params, .colon = true});
    return out;
  }
  const std::size_t room = irc::text_room(Burst(network_, {}).own_mask().size(), command, line.target);
  for (const std::string& one : irc::multiline_batch({.tags = shown_tags,
                                .command = command,
                                .target = line.target,
                                .text = line.text,
                                .reference = fmt::format("halley{}", line.id),
                                .room = room}))
    (out += out.empty() ? "" : "\r\n") += one;
  return out;
}

// The bytes leave the process at the end of the loop's turn: until then the line is on disk.
bool Outbox::speak(At line) {
  const std::string out = wire_form(*line);
  line->number = ++state_.last_number;
  const AskedBy asker = line->from == kNobody ? AskedBy(kEverybody) : AskedBy(line->from, line->answer);
  switch (network_.uplink().speak(asker, out, line->number)) {
    case Uplink::Spoken::kFull:
      line->number = 0;
      return false;
    case Uplink::Spoken::kQueued:
      set_stage(*line, Stage::kQueued);
      if (!line->kept) keep(*line);
      tell_fate(*line, SaidNews::Fate::kAccepted);
      return true;
    case Uplink::Spoken::kSent:
      left(*line);
      return true;
  }
  return false;
}

void Outbox::left(Line& line) {
  const NetworkState& state = network_.state();
  line.sent_ms = now_ms();
  line.passed = false;
  if (state.caps.has(irc::Cap::kEchoMessage) || state.is_me(line.target)) {
    set_stage(line, Stage::kSent);
  } else {
    log_said(line);
    set_stage(line, Stage::kSaid);
  }
  keep(line);
  tell_fate(line, SaidNews::Fate::kSent);
}

// As the network's echo would have been.
void Outbox::log_said(Line& line) {
  // What is said to services is kept without the passwords.
  const auto clean = irc::without_password(line.target, line.text);
  const std::string_view kept = clean ? std::string_view(*clean) : std::string_view(line.text);
  const std::string_view params[] = {line.target, kept};
  const std::string mask = Burst(network_, {}).own_mask();
  std::string out;
  irc::append_line(
      out, {.source = mask, .command = line.notice ? "NOTICE" : "PRIVMSG", .params = params, .colon = true});
  const std::string_view channel = channel_of(line.target);
  const BufferId buffer = network_.buffers().make(channel.empty() ? std::string_view(line.target) : channel,
                                                  Buffers::MadeBy::kUser);
  const bool tags = network_.state().caps.has(irc::Cap::kMessageTags);
  line.event = network_.user().log(
      network_,
      {.kind = line.notice ? EventKind::kNotice : EventKind::kPrivmsg,
       .flags = static_cast<std::uint8_t>(event_flag::kSelf | (line.multiline ? event_flag::kMultiline : 0)),
       .text_at = static_cast<std::uint16_t>(out.size() - kept.size()),
       .buffers = {&buffer, 1},
       .tags = tags ? std::string_view(line.tags) : std::string_view{},
       .line = out},
      line.from, {line.from, line.answer});
}

// --- For people ---

std::vector<Outbox::Shown> Outbox::list() const {
  std::vector<Shown> shown;
  if (!open_) return shown;
  for (const Line& line : open_->lines) {
    if (line.stage == Stage::kSaid || line.stage == Stage::kTakenBack || line.secret) continue;
    const std::string_view state = line.stage == Stage::kWaiting   ? "waiting"
                                   : line.stage == Stage::kUnknown ? "unknown"
                                                                   : "sending";
    shown.push_back({.id = line.id,
                     .state = state,
                     .notice = line.notice,
                     .target = line.target,
                     .text = std::string(irc::clip_utf8(line.text, kShown)),
                     .time_ms = line.time_ms,
                     .client = line.client,
                     .seq = line.seq});
  }
  return shown;
}

Outbox::At Outbox::find_id(std::uint64_t id) {
  return std::ranges::find(open_->lines, id, &Line::id);
}

bool Outbox::knows(std::uint64_t id) const {
  if (!open_) return false;
  const auto line = std::ranges::find(open_->lines, id, &Line::id);
  return line != open_->lines.end() && line->stage != Stage::kSaid && line->stage != Stage::kTakenBack;
}

std::expected<void, std::string> Outbox::cancel(std::uint64_t id) {
  if (!knows(id)) return std::unexpected(fmt::format("no line {} waits for {}", id, network_.name()));
  const At line = find_id(id);
  if (line->stage == Stage::kSent) return std::unexpected(fmt::format("line {} is on its way already", id));
  tell_fate(*line, SaidNews::Fate::kCancelled);
  erase(line);
  return {};
}

std::expected<void, std::string> Outbox::send_again(std::uint64_t id) {
  if (!knows(id)) return std::unexpected(fmt::format("no line {} waits for {}", id, network_.name()));
  const At line = find_id(id);
  if (line->stage != Stage::kUnknown) return std::unexpected(fmt::format("line {} goes out by itself", id));
  line->lost = 0;
  set_stage(*line, Stage::kWaiting);
  keep_if_room(*line);
  tell_fate(*line, SaidNews::Fate::kQueued);
  go_on();
  return {};
}

}  // namespace halley
