#include "bouncer/upstream/upstream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bouncer/irc/time_tag.h"
#include "bouncer/net/farewells.h"
#include "bouncer/upstream/handlers.h"

namespace halley {

namespace {
constexpr std::uint64_t kTickMs = 15'000;
constexpr std::uint64_t kQuietBeforePingMs = 90'000;
constexpr std::uint64_t kPingAnsweredWithinMs = 60'000;
constexpr std::uint64_t kRegisterWithinMs = 60'000;
constexpr std::uint64_t kRegainEveryMs = 60'000;
constexpr std::uint64_t kStableAfterMs = 60'000;  // a link that lived this long starts the backoff anew
constexpr std::size_t kMaxQueuedBytes =
    1024 * 1024;  // clients were stopped long before: only our own answers are left
// What one line from the network may append to the journal: an event, a new buffer, and what answers it.
constexpr std::size_t kRoomPerLine = 3 * storage::kMaxRecord;
}  // namespace

Upstream::Upstream(Network& network)
    : network_(network),
      backoff_(*network.user().services().random, network.user().services().config->upstream.reconnect_min,
               network.user().services().config->upstream.reconnect_max),
      lines_(irc::kMaxLine) {
  net::Loop& loop = *services().loop;
  flush_ = loop.task([this] { flush(); });
  connect_timer_ = loop.timer([this] { dial(); });
  tick_timer_ = loop.timer([this] { tick(); });
}

Upstream::~Upstream() = default;

void Upstream::set_link(Link link) {
  if (link_ == link) return;
  link_ = link;
  user().network_changed(network_);
}

void Upstream::start() {
  if (link_ != Link::kDisabled) return;
  wanted_nick_ = network_.row().nick;
  backoff_.reset();
  trouble_.clear();
  schedule_connect(0);
}

void Upstream::schedule_connect(std::uint64_t delay_ms) {
  set_link(Link::kWaiting);
  connect_timer_->start(delay_ms);
}

bool Upstream::next_url(NetworkUrl& url) {
  const std::vector<std::string_view> urls = split_urls(network_.row().urls);
  if (urls.empty()) return false;
  const auto parsed = parse_network_url(urls[url_index_++ % urls.size()]);
  if (!parsed) {
    trouble_ = parsed.error();
    return false;
  }
  url = *parsed;
  return true;
}

void Upstream::dial() {
  NetworkUrl url;
  if (!next_url(url)) {
    lost(trouble_.empty() ? "no address is configured: set one with `halley network set`"
                          : std::string(trouble_),
         true);
    return;
  }
  if (!paced_) {
    // A place in the queue towards this host; then again from here, with the same address.
    paced_ = true;
    const std::uint64_t delay = services().pacer->take(url.host);
    if (delay > 0) {
      --url_index_;
      connect_timer_->start(delay);
      return;
    }
  }
  paced_ = false;
  set_link(Link::kConnecting);
  net::DialTarget target;
  target.host = url.host;
  target.port = url.port;
  target.tls = url.tls;
  target.bind_address = services().config->upstream.bind;
  target.allow_private_hosts = services().config->upstream.allow_private_hosts;
  for (const std::string_view pin : split_urls(network_.row().cert_pins)) target.cert_pins.emplace_back(pin);
  if (!network_.row().sealed_client_cert.empty()) {
    auto pem = services().sealer->unseal("client-cert", network_.row().sealed_client_cert);
    if (!pem) {
      lost("the client certificate cannot be unsealed: " + pem.error(), true);
      return;
    }
    target.client_cert_pem = target.client_key_pem = *pem;
  }
  dial_ = services().dialer->dial(target, [this](std::expected<net::Dialled, std::string> result) {
    // The attempt must outlive its own callback.
    services().loop->defer([dial = std::shared_ptr<net::Dial>(std::move(dial_))] {});
    if (!result) {
      lost(result.error(), false);
    } else {
      connected(std::move(*result));
    }
  });
}

void Upstream::connected(net::Dialled dialled) {
  stream_ = std::move(dialled.stream);
  lines_ = irc::LineBuffer(irc::kMaxLine);
  told_unreadable_ = false;
  out_ = OutQueue();
  registration_ = Registration();
  waiting_.clear();
  requests_.clear();
  tokens_ = services().config->upstream.burst;
  connected_at_ms_ = tokens_at_ms_ = heard_at_ms_ = services().loop->clock().monotonic_ms();
  welcomed_at_ms_ = 0;
  pinged_ = paused_ = nick_try_ = false;
  stream_->listen(*this);
  set_link(Link::kRegistering);
  tick_timer_->start(kTickMs);
  begin_registration(*this);
  stream_->resume();
}

void Upstream::stop(std::string_view reason) {
  connect_timer_->stop();
  dial_.reset();
  if (stream_ && link_ == Link::kConnected) send_now(fmt::format("QUIT :{}", irc::clip_utf8(reason, 300)));
  drop(reason);
  trouble_.clear();
  set_link(Link::kDisabled);
}

void Upstream::restart(std::string_view reason) {
  if (link_ == Link::kDisabled) return;
  stop(reason);
  start();
}

// Lets the stream go, with what is queued flushed first, and tells the clients that the channels are gone.
void Upstream::drop(std::string_view reason) {
  tick_timer_->stop();
  rate_timer_.reset();
  clients_timer_.reset();
  waits_for_clients_ = false;
  if (stream_) {
    out_.flush(*stream_);
    services().farewells->close(std::move(stream_));
  }
  if (link_ != Link::kRegistering && link_ != Link::kConnected) return;
  ++links_;
  leave_channels(*this, reason);
  state().reset();
  waiting_.clear();
  requests_.clear();
}

void Upstream::fail(std::string_view reason, bool for_long) {
  lost(reason, for_long);
}

void Upstream::lost(std::string_view why, bool for_long) {
  const std::string reason(why);
  const bool was_connected = link_ == Link::kConnected;
  const bool stable =
      welcomed_at_ms_ != 0 && services().loop->clock().monotonic_ms() - welcomed_at_ms_ > kStableAfterMs;
  dial_.reset();
  drop(reason);
  if (stable) backoff_.reset();
  if (for_long) backoff_.longest();
  // Told once, not at each of many attempts.
  const bool news = was_connected || trouble_ != reason;
  trouble_ = reason;
  const std::uint64_t delay = backoff_.next_ms();
  schedule_connect(delay);
  if (news)
    tell(fmt::format("{}: {}. Trying again in {} s.", was_connected ? "Connection lost" : "Cannot connect",
                     reason, (delay + 999) / 1000));
}

void Upstream::on_data(std::string_view bytes) {
  heard_at_ms_ = services().loop->clock().monotonic_ms();
  pinged_ = false;
  lines_.feed(bytes);
  pump();
  if (!stream_) return;
  lines_.save();
  if (user().crowded(network_)) wait_for_clients();
}

// Bounded twice: clients call when they have room, and the timer fires.
void Upstream::wait_for_clients() {
  waits_for_clients_ = true;
  stream_->pause();
  if (!clients_timer_) clients_timer_ = services().loop->timer([this] { read_on(); });
  clients_timer_->start(Client::kLongestWaitMs);
}

void Upstream::clients_eased() {
  if (waits_for_clients_ && !user().crowded(network_)) read_on();
}

void Upstream::read_on() {
  clients_timer_->stop();
  waits_for_clients_ = false;
  if (stream_ && !paused_) stream_->resume();
}

void Upstream::pump() {
  if (in_pump_) return;
  in_pump_ = true;
  const std::uint64_t link = links_;
  std::string_view line;
  while (stream_ && links_ == link) {
    if (!services().journal->has_room(kRoomPerLine)) {
      paused_ = true;
      stream_->pause();
      break;
    }
    const irc::LineBuffer::Result result = lines_.next(line);
    if (result == irc::LineBuffer::Result::kNeedMore) break;
    if (result == irc::LineBuffer::Result::kTooLong) {
      tell(fmt::format("A line of more than {} bytes from the network was left out.", irc::kMaxLine));
      continue;
    }
    handle(line);
  }
  in_pump_ = false;
}

void Upstream::room() {
  if (!paused_ || !stream_) return;
  paused_ = false;
  pump();
  if (stream_ && !paused_ && !waits_for_clients_) stream_->resume();
  if (stream_) lines_.save();
}

void Upstream::handle(std::string_view line) {
  auto message = irc::parse(line);
  std::string clean;
  if (!message && message.error() == irc::ParseError::kForbiddenByte) {
    clean = irc::without_forbidden_bytes(line);
    line = clean;
    message = irc::parse(line);
  }
  if (!message) {
    // Once a link: a network that says nothing else must not fill the buffer with it.
    if (message.error() != irc::ParseError::kEmpty && !std::exchange(told_unreadable_, true))
      tell(fmt::format("A line from the network was left out, as others like it will be. {}",
                       irc::describe(message.error())));
    return;
  }
  raw_ = line;
  handle_upstream_line(*this, *message);
}

void Upstream::on_drained() {
  flush();
}

void Upstream::on_closed(std::string_view reason) {
  // Nothing more can be said on it; it must outlive its own callback.
  services().loop->defer([gone = std::shared_ptr<net::Stream>(std::move(stream_))] {});
  lost(reason.empty() ? std::string_view("the network closed the connection") : reason, false);
}

void Upstream::flush() {
  if (!stream_) return;
  const bool was_full = !has_room();
  out_.flush(*stream_);
  out_.end_turn();
  if (out_.bytes() > kMaxQueuedBytes) {
    lost("the network does not read what we send", false);
    return;
  }
  if (was_full && has_room()) user().wake_clients();
}

void Upstream::send_now(std::string_view line) {
  if (!stream_) return;
  scratch_.assign(line);
  scratch_ += "\r\n";
  out_.push_private(scratch_, 0);
  flush_->schedule();
}

bool Upstream::paced() const {
  return network_.user().services().config->upstream.rate > 0 &&
         !network_.state().isupport().has("soju.im/SAFERATE");
}

bool Upstream::send(std::string_view line) {
  if (!stream_) return true;
  if (!paced() && waiting_.empty()) {
    send_now(line);
    return true;
  }
  refill();
  if (waiting_.empty() && tokens_ >= 1) {
    tokens_ -= 1;
    send_now(line);
    return true;
  }
  if (!has_room()) return false;
  waiting_.emplace_back(line);
  pump_waiting();
  return true;
}

void Upstream::refill() {
  const Config::Upstream& config = services().config->upstream;
  const std::uint64_t now = services().loop->clock().monotonic_ms();
  tokens_ =
      std::min<double>(config.burst, tokens_ + static_cast<double>(now - tokens_at_ms_) * config.rate / 1000);
  tokens_at_ms_ = now;
}

void Upstream::pump_waiting() {
  const bool was_full = !has_room();
  refill();
  while (!waiting_.empty() && (tokens_ >= 1 || !paced())) {
    tokens_ -= 1;
    send_now(waiting_.front());
    waiting_.pop_front();
  }
  if (was_full && has_room()) user().wake_clients();
  if (waiting_.empty()) return;
  if (!rate_timer_) rate_timer_ = services().loop->timer([this] { pump_waiting(); });
  const double wait_ms = (1 - tokens_) * 1000 / services().config->upstream.rate;
  if (!rate_timer_->active()) rate_timer_->start(static_cast<std::uint64_t>(wait_ms) + 1);
}

// Every 15 seconds: is the link dead, is registration stuck, is our nick free?
void Upstream::tick() {
  const std::uint64_t now = services().loop->clock().monotonic_ms();
  tick_timer_->start(kTickMs);
  if (link_ == Link::kRegistering && now - connected_at_ms_ > kRegisterWithinMs) {
    lost("the network did not finish the registration within a minute", false);
    return;
  }
  if (!paused_ && now - heard_at_ms_ > kQuietBeforePingMs + kPingAnsweredWithinMs && pinged_) {
    lost("no answer to a PING within a minute: the link is dead", false);
    return;
  }
  if (now - heard_at_ms_ > kQuietBeforePingMs && !pinged_) {
    pinged_ = true;
    send_now("PING :halley");
  }
  if (link_ == Link::kConnected && !state().is_me(wanted_nick_) && now - nick_try_at_ms_ >= kRegainEveryMs) {
    nick_is_free(wanted_nick_);
  }
}

void Upstream::want_nick(std::string_view nick) {
  wanted_nick_ = nick;
}

void Upstream::nick_is_free(std::string_view nick) {
  if (link_ != Link::kConnected || state().is_me(wanted_nick_)) return;
  if (!irc::equal(state().casemapping(), nick, wanted_nick_)) return;
  nick_try_ = true;
  nick_try_at_ms_ = services().loop->clock().monotonic_ms();
  send_now(irc::format_line({}, "NICK", {wanted_nick_}));
}

bool Upstream::swallow_nick_error() {
  return std::exchange(nick_try_, false);
}

void Upstream::welcomed() {
  welcomed_at_ms_ = nick_try_at_ms_ = services().loop->clock().monotonic_ms();
  trouble_.clear();
}

void Upstream::registered() {
  if (link_ != Link::kRegistering) return;
  set_link(Link::kConnected);
  state().set_isupport(services().isupports->intern(state().isupport()));
  join_channels(*this);
}

void Upstream::log(Kind kind, const irc::Message& message, std::span<const BufferId> buffers, bool searchable,
                   std::uint8_t flags) {
  Draft draft{kind, flags, 0, 0, buffers, {}, {}, {}};
  scratch_.clear();
  // A text is written as one, with its colon, however the network spelt it.
  const bool text_last = searchable || kind == Kind::kQuit ||
                         (kind == Kind::kPart && message.param_count > 1) ||
                         (kind == Kind::kKick && message.param_count > 2);
  irc::append_line(scratch_, {}, message.source, message.command, message.parameters(), text_last);
  tag_scratch_.clear();
  irc::for_each_tag(message.tags, [&](std::string_view key, std::string_view value) {
    if (key == "time") {
      draft.time_ms = irc::parse_time(value).value_or(0);
    } else if (key == "msgid") {
      draft.msgid = value;
    } else if (key != "batch" && key != "label") {
      if (!tag_scratch_.empty()) tag_scratch_ += ';';
      tag_scratch_ += key;
      if (!value.empty()) (tag_scratch_ += '=') += value;
    }
  });
  draft.tags = tag_scratch_;
  draft.line = scratch_;
  if (searchable) draft.text_at = static_cast<std::uint16_t>(scratch_.size() - message.last().size());
  user().log(network_, draft);
}

void Upstream::tell(std::string_view text) {
  user().tell(network_, text);
}

void Upstream::pass(const irc::Message& message) {
  scratch_.clear();
  irc::append_line(scratch_, message.tags, message.source, message.command, message.parameters());
  user().pass(network_, scratch_);
}

void Upstream::route(const irc::Message& message) {
  Client* asker = requests_.asker(message.command, services().loop->clock().monotonic_ms());
  if (!asker) {
    pass(message);
    return;
  }
  scratch_.clear();
  irc::append_line(scratch_, message.tags, message.source, message.command, message.parameters());
  asker->pass(&network_, scratch_);
}

}  // namespace halley
