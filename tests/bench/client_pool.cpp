#include "tests/bench/client_pool.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/bench/sockets.h"

namespace bench {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} << 10;
constexpr std::size_t kCarryLimit = std::size_t{64} << 10;
constexpr std::uint64_t kLinesOfMessage = 8;  // with `multiline`
// Indices that are no clients.
constexpr std::uint64_t kControl = UINT64_MAX;
constexpr std::uint64_t kTimer = UINT64_MAX - 1;

}  // namespace

ClientPool::ClientPool(PoolOptions options, MakeSession make_session)
    : options_(options),
      make_session_(std::move(make_session)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      clients_(options.clients),
      buffer_(kReadSize + kCarryLimit) {
  if (epoll_ < 0) fail("epoll_create1");
  if (options_.tls) {
    tls_ = SSL_CTX_new(TLS_client_method());  // certificates are not what is measured: none is verified
    if (tls_ == nullptr) fail("SSL_CTX_new");
  }
  watch(kControl, Control::descriptor(), EPOLLIN, true);
  watch(kTimer, timer_.descriptor(), EPOLLIN, true);
}

ClientPool::~ClientPool() {
  clients_.clear();
  SSL_CTX_free(tls_);
  close(epoll_);
}

void ClientPool::watch(std::size_t index, int descriptor, std::uint32_t events, bool fresh) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = index;
  if (epoll_ctl(epoll_, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) != 0) fail("epoll_ctl");
}

void ClientPool::run() {
  run_ns_ = now_ns();
  connect_some();
  std::array<epoll_event, 256> ready{};
  while (!stopping_) {
    const int wait_ms = all_finished_ns_ > 0 ? 20 : -1;
    const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), wait_ms);
    for (int i = 0; i < count && !stopping_; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      if (event.data.u64 == kControl) {
        if (!control_.read([this](const Words& words) { command(words); })) stopping_ = true;
      } else if (event.data.u64 == kTimer) {
        if (timer_.expirations() > 0) send_due();
      } else {
        on_ready(event.data.u64, event.events);
      }
    }
    if (all_finished_ns_ > 0 && now_ns() > all_finished_ns_ + options_.linger_ms * 1'000'000U) {
      report("result", true);
      stopping_ = true;
    }
  }
}

void ClientPool::connect_some() {
  while (started_ < clients_.size() && (options_.ramp == 0 || started_ - attached_ - lost_ < options_.ramp)) {
    Client& client = clients_[started_];
    client.connected_ns = now_ns();
    client.transport = std::make_unique<Transport>(options_.port, tls_);
    client.session = make_session_(started_);
    client.transport->send(client.session->hello());
    watch(started_, client.transport->descriptor(), EPOLLIN | EPOLLOUT, true);
    ++started_;
  }
}

void ClientPool::on_ready(std::size_t index, std::uint32_t events) {
  Client& client = clients_[index];
  if (!client.transport) return;
  bool alive = true;
  if (events & EPOLLOUT) alive = client.transport->write();
  if (alive && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
    do alive = receive(client);
    while (alive && client.transport->more_buffered());
    // A TLS handshake is driven by reads; what waits to be said follows at once.
    if (alive && client.transport->wants_write()) alive = client.transport->write();
  }
  if (!alive) return lost(index);
  update_watch(index);
}

void ClientPool::update_watch(std::size_t index) {
  Client& client = clients_[index];
  // While a TLS handshake waits for the peer, writability says nothing new: reads drive it.
  const bool wants = client.transport->wants_write() && !options_.tls;
  if (wants == client.writing) return;
  client.writing = wants;
  watch(index, client.transport->descriptor(), wants ? EPOLLIN | EPOLLOUT : EPOLLIN, false);
}

bool ClientPool::receive(Client& client) {
  char* const start = buffer_.data();
  std::memcpy(start, client.carry.data(), client.carry.size());
  const std::int64_t got = client.transport->read(start + client.carry.size(), kReadSize);
  if (got <= 0) return got < 0;
  const std::uint64_t now = now_ns();
  tally_.bytes += static_cast<std::uint64_t>(got);
  const std::string_view bytes(start, client.carry.size() + static_cast<std::size_t>(got));
  const std::size_t used = client.session->consume(bytes, now, tally_);
  client.carry.assign(bytes.substr(used));
  if (client.session->has_answers()) {
    client.transport->send(client.session->take_answers());
    if (!client.transport->write()) return false;
  }
  note_progress(client);
  return client.carry.size() <= kCarryLimit && client.session->refusal().empty();
}

void ClientPool::note_progress(Client& client) {
  if (!client.attached && client.session->attached()) {
    client.attached = true;
    const std::uint64_t now = now_ns();
    tally_.attach.record(now - client.connected_ns);
    if (++attached_ == clients_.size()) {
      all_attached_ns_ = now;
      say("{\"event\":\"attached\",\"seconds\":" + std::to_string(static_cast<double>(now - run_ns_) / 1e9) +
          "}");
    }
    connect_some();
  }
  if (!client.finished && options_.expect > 0 && client.session->received() >= options_.expect) {
    client.finished = true;
    if (++finished_ == clients_.size()) all_finished_ns_ = now_ns();
  }
}

void ClientPool::lost(std::size_t index) {
  Client& client = clients_[index];
  ++lost_;
  if (lost_ <= 3) {
    std::fprintf(stderr, "bench_client: client %zu was cut off after %llu lines: %s\n", index,
                 static_cast<unsigned long long>(client.session->received()),
                 client.session->refusal().c_str());
  }
  client.transport.reset();
  connect_some();
}

// stop | lap | count | send LINES_A_SECOND SECONDS TARGET [FIRST_SEQUENCE [labels | multiline]]
void ClientPool::command(const Words& words) {
  if (words[0] == "stop") {
    report("result", options_.expect == 0 && lost_ == 0);
    stopping_ = true;
  }
  if (words[0] == "count") report("count", true);
  if (words[0] == "lap") {
    report("lap", true);
    tally_ = Tally();
  }
  if (words[0] == "send" && words.size() >= 4) {
    said_before_ = words.size() > 4 ? std::strtoull(words[4].c_str(), nullptr, 10) : 0;
    manner_ = words.size() > 5 ? words[5] : "";
    const std::uint64_t rate = std::max<std::uint64_t>(std::strtoull(words[1].c_str(), nullptr, 10), 1);
    to_send_ = rate * std::strtoull(words[2].c_str(), nullptr, 10);
    sent_ = 0;
    at_once_ = manner_ == "multiline" ? kLinesOfMessage : 1;
    to_send_ -= to_send_ % at_once_;
    target_ = words[3];
    send_period_ns_ = 1'000'000'000U / rate;
    send_started_ns_ = now_ns();
    timer_.every(std::max<std::uint64_t>(send_period_ns_, 50'000));
  }
}

void ClientPool::send_due() {
  const std::uint64_t due = std::min(to_send_, (now_ns() - send_started_ns_) / send_period_ns_);
  if (!clients_[0].transport) return;
  while (sent_ + at_once_ <= due) {
    clients_[0].transport->send(next_said());
    clients_[0].transport->write();
  }
  update_watch(0);
  if (sent_ < to_send_) return;
  timer_.every(0);
  say("{\"event\":\"sent\",\"lines\":" + std::to_string(sent_) + "}");
}

// The next line, or the next message of several, whose number is in its label or reference.
std::string ClientPool::next_said() {
  std::string said;
  const std::string number = std::to_string(sent_);
  const auto append = [&](const std::string& tags) {
    writer_.append_command(said, tags, target_, {said_before_ + sent_++, now_ns()});
  };
  if (manner_ != "multiline") {
    append(manner_ == "labels" ? "@label=" + number : "");
    return said;
  }
  said = "BATCH +" + number + " draft/multiline " + target_ + "\r\n";
  for (std::uint64_t line = 0; line < at_once_; ++line) append("@batch=" + number);
  return said += "BATCH -" + number + "\r\n";
}

void ClientPool::report(const char* event, bool complete) {
  std::uint64_t fewest = UINT64_MAX;
  for (const Client& client : clients_)
    fewest = std::min(fewest, client.session ? client.session->received() : 0);
  const auto since_run = [this](std::uint64_t when) {
    return when > run_ns_ ? static_cast<double>(when - run_ns_) / 1e9 : 0.0;
  };
  char text[320];
  std::snprintf(text, sizeof text,
                "{\"event\":\"%s\",\"complete\":%s,\"clients\":%zu,\"attached\":%zu,\"lost_clients\":%zu,"
                "\"fewest_lines\":%llu,\"attach_seconds\":%.6f,\"until_last_line_seconds\":%.6f,",
                event, complete ? "true" : "false", clients_.size(), attached_, lost_,
                static_cast<unsigned long long>(fewest), since_run(all_attached_ns_),
                since_run(tally_.last_received));
  say(text + tally_.json() + "}");
}

}  // namespace bench
