#include "tests/bench/relay.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "tests/bench/sockets.h"

namespace bench {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} << 10;

std::string make_greeting(const RelayOptions& options) {
  std::string text = ":relay 001 bench :hello\r\n:relay 422 bench :MOTD File is missing\r\n";
  const std::string line = ":relay 353 bench = #c0 :" + std::string(476, 'n') + "\r\n";
  while (text.size() < options.greeting_bytes) text += line;
  for (std::size_t i = 0; i < options.channels; ++i)
    text += ":relay 366 bench #c" + std::to_string(i) + " :End of /NAMES list.\r\n";
  return text;
}

}  // namespace

Relay::Relay(const RelayOptions& options)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      options_(options),
      greeting_(make_greeting(options)),
      buffer_(kReadSize) {
  if (epoll_ < 0) fail("epoll_create1");
  std::uint16_t port = 0;
  listener_ = listen_on_loopback(port);
  for (std::size_t number = 0; number < options_.users; ++number) connect_upstream(number);
  watch(listener_, EPOLLIN, true);
  watch(Control::descriptor(), EPOLLIN, true);
  say("{\"event\":\"listening\",\"port\":" + std::to_string(port) + "}");
}

void Relay::connect_upstream(std::size_t number) {
  const int descriptor = connect_to_loopback(options_.network_port);
  const std::string name = "relay" + std::to_string(number);
  std::string hello = "NICK " + name + "\r\nUSER relay 0 * :relay\r\n";
  for (std::size_t i = 0; i < options_.channels; ++i) hello += "JOIN #c" + std::to_string(i) + "\r\n";
  // A loopback connect is done at once; the few bytes fit the empty socket buffer.
  if (send(descriptor, hello.data(), hello.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(hello.size()))
    fail("send to the network");
  watch(descriptor, EPOLLIN, true);
  order_.push_back(descriptor);
  upstreams_[descriptor];
}

Relay::~Relay() {
  for (const auto& [descriptor, client] : clients_) close(descriptor);
  for (const int descriptor : order_) close(descriptor);
  close(listener_);
  close(epoll_);
}

void Relay::watch(int descriptor, std::uint32_t events, bool fresh) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  if (epoll_ctl(epoll_, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) != 0) fail("epoll_ctl");
}

void Relay::run() {
  std::array<epoll_event, 256> ready{};
  while (!stopping_) {
    const int count = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready[static_cast<std::size_t>(i)];
      on_ready(event.data.fd, event.events);
    }
    for (const int descriptor : dead_) drop(descriptor);
    dead_.clear();
  }
}

void Relay::on_ready(int descriptor, std::uint32_t events) {
  if (descriptor == listener_) return accept_all();
  if (descriptor == Control::descriptor()) {
    if (!control_.read([](const Words&) {})) stopping_ = true;
    return;
  }
  if (const auto upstream = upstreams_.find(descriptor); upstream != upstreams_.end())
    return from_upstream(descriptor, upstream->second);
  const auto found = clients_.find(descriptor);
  if (found == clients_.end()) return;
  if (events & EPOLLOUT) drain(descriptor, found->second);
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) from_client(descriptor, found->second);
}

void Relay::accept_all() {
  for (int descriptor = accept_from(listener_); descriptor >= 0; descriptor = accept_from(listener_)) {
    watch(descriptor, EPOLLIN, true);
    const int upstream = order_[accepted_++ % order_.size()];
    upstreams_[upstream].clients.push_back(descriptor);
    give(descriptor, clients_[descriptor] = {upstream, {}}, greeting_.data(), greeting_.size());
  }
}

void Relay::from_upstream(int descriptor, Upstream& upstream) {
  const ssize_t got = recv(descriptor, buffer_.data(), buffer_.size(), 0);
  if (got == 0) stopping_ = true;
  if (got <= 0) return;
  for (const int client : upstream.clients)
    give(client, clients_[client], buffer_.data(), static_cast<std::size_t>(got));
}

void Relay::from_client(int descriptor, const Client& client) {
  const ssize_t got = recv(descriptor, buffer_.data(), buffer_.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return dead_.push_back(descriptor);
  std::size_t at = 0;
  while (at < static_cast<std::size_t>(got)) {  // the network always reads; a floor need not queue this way
    const ssize_t sent =
        send(client.upstream, buffer_.data() + at, static_cast<std::size_t>(got) - at, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return;
    if (sent > 0) at += static_cast<std::size_t>(sent);
  }
}

void Relay::give(int descriptor, Client& client, const char* bytes, std::size_t length) {
  std::size_t at = 0;
  if (client.pending.empty()) {
    const ssize_t sent = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return dead_.push_back(descriptor);
    at = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    if (at == length) return;
    watch(descriptor, EPOLLIN | EPOLLOUT, false);
    if (upstreams_[client.upstream].full++ == 0) watch(client.upstream, 0, false);
  }
  client.pending.append(bytes + at, length - at);
}

void Relay::drain(int descriptor, Client& client) {
  const ssize_t sent = send(descriptor, client.pending.data(), client.pending.size(), MSG_NOSIGNAL);
  if (sent < 0) return;
  client.pending.erase(0, static_cast<std::size_t>(sent));
  if (!client.pending.empty()) return;
  watch(descriptor, EPOLLIN, false);
  no_longer_full(client.upstream);
}

void Relay::no_longer_full(int upstream) {
  if (--upstreams_[upstream].full == 0) watch(upstream, EPOLLIN, false);
}

void Relay::drop(int descriptor) {
  const auto found = clients_.find(descriptor);
  if (found == clients_.end()) return;
  const Client& client = found->second;
  if (!client.pending.empty()) no_longer_full(client.upstream);
  std::erase(upstreams_[client.upstream].clients, descriptor);
  clients_.erase(found);
  close(descriptor);
}

}  // namespace bench
