#include "tests/bench/fake_network.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "tests/bench/sockets.h"

namespace bench {
namespace {

std::uint64_t number_at(const Words& words, std::size_t index) {
  return index < words.size() ? std::strtoull(words[index].c_str(), nullptr, 10) : 0;
}

bool has_word(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

FakeNetwork::FakeNetwork(NetworkOptions options, std::uint16_t port)
    : options_(std::move(options)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail("epoll_create1");
  listener_ = listen_on_loopback(port);
  watch(listener_, EPOLLIN, true);
  watch(Control::descriptor(), EPOLLIN, true);
  watch(timer_.descriptor(), EPOLLIN, true);
  say("{\"event\":\"listening\",\"port\":" + std::to_string(port) + "}");
}

FakeNetwork::~FakeNetwork() {
  connections_.clear();
  close(listener_);
  close(epoll_);
}

void FakeNetwork::watch(int descriptor, std::uint32_t events, bool fresh) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  if (epoll_ctl(epoll_, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) != 0) fail("epoll_ctl");
}

void FakeNetwork::run() {
  std::array<epoll_event, 256> ready{};
  while (!stopping_) {
    const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count && !stopping_; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      on_ready(event.data.fd, event.events);
    }
  }
}

void FakeNetwork::on_ready(int descriptor, std::uint32_t events) {
  if (descriptor == listener_) return accept_all();
  if (descriptor == timer_.descriptor()) {
    if (timer_.expirations() > 0) pace();
    return;
  }
  if (descriptor == Control::descriptor()) {
    if (!control_.read([this](const Words& words) { command(words); })) stopping_ = true;
    return;
  }
  const auto found = connections_.find(descriptor);
  if (found == connections_.end()) return;
  NetworkConnection& connection = *found->second;
  const bool wanted = connection.wants_write();
  bool alive = true;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) alive = connection.read();
  if (alive && (events & EPOLLOUT)) alive = connection.write();
  if (!alive) return drop(descriptor);
  if (wanted != connection.wants_write() || (events & EPOLLOUT))
    watch(descriptor, connection.wants_write() ? EPOLLIN | EPOLLOUT : EPOLLIN, false);
  if (flooded_ > 0) finish_flood();
}

void FakeNetwork::drop(int descriptor) {
  std::erase(paced_, connections_[descriptor].get());
  connections_.erase(descriptor);
}

void FakeNetwork::accept_all() {
  for (int descriptor = accept_from(listener_); descriptor >= 0; descriptor = accept_from(listener_)) {
    connections_[descriptor] = std::make_unique<NetworkConnection>(descriptor, options_, writer_, totals_);
    watch(descriptor, EPOLLIN, true);
  }
}

std::vector<NetworkConnection*> FakeNetwork::speakers() const {
  std::vector<NetworkConnection*> found;
  for (const auto& [descriptor, connection] : connections_)
    if (connection->joined()) found.push_back(connection.get());
  return found;
}

void FakeNetwork::command(const Words& words) {
  const std::string& name = words[0];
  if (name == "quit") stopping_ = true;
  if (name == "stats") report();
  if (name == "reset") totals_.latency.clear();
  if (name == "rate") start_rate(words);
  if (name == "flood") start_flood(words);
}

// rate LINES SECONDS [spread]: that many lines a second on every connection, evenly spaced over all of them.
void FakeNetwork::start_rate(const Words& words) {
  paced_ = speakers();
  const std::uint64_t per_second = number_at(words, 1) * paced_.size();
  if (per_second == 0) return say("{\"event\":\"done\",\"lines\":0}");
  spread_ = has_word(words, "spread");
  due_ = per_second * number_at(words, 2);
  spoken_ = 0;
  period_ns_ = 1'000'000'000U / per_second;
  started_ns_ = now_ns();
  timer_.every(std::max<std::uint64_t>(period_ns_, 50'000));
}

void FakeNetwork::pace() {
  const std::uint64_t due = std::min(due_, (now_ns() - started_ns_) / period_ns_);
  bool saturated = paced_.empty();
  while (spoken_ < due && !saturated) {
    NetworkConnection* const speaker = paced_[spoken_++ % paced_.size()];
    speaker->speak(spread_);
    saturated = speaker->overloaded();
    if (speaker->wants_write()) watch(speaker->descriptor(), EPOLLIN | EPOLLOUT, false);
  }
  if (spoken_ < due_ && !saturated) return;
  timer_.every(0);
  char text[160];
  std::snprintf(text, sizeof text, "{\"event\":\"done\",\"lines\":%llu,\"seconds\":%.6f,\"saturated\":%s}",
                static_cast<unsigned long long>(spoken_), static_cast<double>(now_ns() - started_ns_) / 1e9,
                saturated ? "true" : "false");
  say(text);
}

// flood LINES [spread] [ack]: at full speed on every connection; with `ack` a PING closes each one's flood,
// and the time of the last PONG says when the bouncer had handled every line.
void FakeNetwork::start_flood(const Words& words) {
  flooded_ = 0;
  const bool ack = has_word(words, "ack");
  started_ns_ = now_ns();
  const std::vector<NetworkConnection*> all = speakers();
  pongs_wanted_ = totals_.pongs + (ack ? all.size() : 0);
  for (NetworkConnection* speaker : all) {
    speaker->flood(number_at(words, 1), has_word(words, "spread"), ack);
    watch(speaker->descriptor(), EPOLLIN | EPOLLOUT, false);
    flooded_ += number_at(words, 1);
  }
  if (flooded_ == 0) say("{\"event\":\"done\",\"lines\":0}");
}

void FakeNetwork::finish_flood() {
  for (const auto& [descriptor, connection] : connections_)
    if (connection->flooding()) return;
  if (totals_.pongs < pongs_wanted_) return;
  char text[128];
  std::snprintf(text, sizeof text, "{\"event\":\"done\",\"lines\":%llu,\"seconds\":%.6f}",
                static_cast<unsigned long long>(flooded_), static_cast<double>(now_ns() - started_ns_) / 1e9);
  flooded_ = 0;
  say(text);
}

void FakeNetwork::report() const {
  char text[256];
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::snprintf(text, sizeof text,
                "{\"event\":\"stats\",\"connections\":%llu,\"registered\":%llu,\"joined\":%llu,"
                "\"received\":%llu,\"gaps\":%llu,\"late\":%llu,\"latency\":",
                number(connections_.size()), number(totals_.registered), number(totals_.joined),
                number(totals_.received), number(totals_.gaps), number(totals_.late));
  say(text + totals_.latency.json() + "}");
}

}  // namespace bench
