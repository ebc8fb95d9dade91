#include "bouncer/net/uv_acceptor.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdlib>
#include <list>
#include <optional>
#include <utility>

#include "bouncer/net/address.h"
#include "bouncer/net/error_text.h"
#include "bouncer/net/listen_socket.h"
#include "bouncer/net/tls_stream.h"
#include "bouncer/net/uv_socket.h"

namespace halley::net {

namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::size_t kMostHandshakes = 1024;
constexpr std::uint64_t kRestMs = 1000;

class UvAcceptor final : public Acceptor {
 public:
  struct Parts {
    UvLoop& loop;
    const TlsContext* tls;
    AddressLimits* limits;
    UvAcceptors::OnProblem on_problem;
    std::uint64_t handshake_ms;
  };
  UvAcceptor(Parts parts, ListenSocket socket, const ListenAddress& address, Acceptors::OnAccept on_accept);
  ~UvAcceptor() override;
  std::uint16_t port() const override { return socket_.port(); }
  int give_up() override;

 private:
  struct Block final : UvBlock {
    uv_poll_t handle{};
    UvAcceptor* acceptor = nullptr;  // null: it is gone
  };
  struct TlsHandshake {
    std::unique_ptr<TlsStream> stream;
    Peer peer;
    std::unique_ptr<Timer> timer;
  };
  using Handshakes = std::list<TlsHandshake>;

  void stop();
  void poll();
  void on_ready();
  bool accept_one();
  std::optional<AddressLimits::Slot> place_for(const Address& address, int descriptor);
  void rest(int error);
  void shake(std::unique_ptr<Stream> stream, Peer peer);
  void shaken(Handshakes::iterator at, const std::string& error);
  void timed_out(Handshakes::iterator at);

  UvLoop& loop_;
  ListenSocket socket_;
  const TlsContext* tls_;
  bool ask_certificate_;
  bool counted_;
  std::string crowded_reply_;
  AddressLimits* limits_;
  // Shared, so that a callback may destroy the acceptor that makes it.
  std::shared_ptr<const Acceptors::OnAccept> on_accept_;
  UvAcceptors::OnProblem on_problem_;
  std::uint64_t handshake_ms_;
  Block* block_;  // freed by libuv's closing; null: given up
  std::unique_ptr<Timer> rest_;
  Handshakes handshakes_;  // oldest first
};

UvAcceptor::UvAcceptor(Parts parts, ListenSocket socket, const ListenAddress& address,
                       Acceptors::OnAccept on_accept)
    : loop_(parts.loop),
      socket_(std::move(socket)),
      tls_(address.tls ? parts.tls : nullptr),
      ask_certificate_(address.ask_certificate),
      counted_(address.counted),
      crowded_reply_(address.crowded_reply),
      limits_(parts.limits),
      on_accept_(std::make_shared<const Acceptors::OnAccept>(std::move(on_accept))),
      on_problem_(std::move(parts.on_problem)),
      handshake_ms_(parts.handshake_ms),
      block_(new Block),
      rest_(loop_.timer([this] { poll(); })) {
  block_->acceptor = this;
  if (uv_poll_init(static_cast<uv_loop_t*>(loop_.native()), &block_->handle, socket_.descriptor()) != 0)
    std::abort();
  block_->handle.data = static_cast<UvBlock*>(block_);
  poll();
}

UvAcceptor::~UvAcceptor() {
  stop();
}

void UvAcceptor::stop() {
  if (block_ == nullptr) return;
  block_->acceptor = nullptr;
  close_block(&std::exchange(block_, nullptr)->handle);
}

int UvAcceptor::give_up() {
  stop();
  rest_->stop();
  return socket_.give_up();
}

void UvAcceptor::poll() {
  uv_poll_start(&block_->handle, UV_READABLE, [](uv_poll_t* handle, int, int) noexcept {
    const auto* const block = static_cast<Block*>(static_cast<UvBlock*>(handle->data));
    if (block->acceptor != nullptr) block->acceptor->on_ready();
  });
}

void UvAcceptor::on_ready() {
  const Block* const block = block_;  // lives until libuv's closing, whatever a callback does to us
  for (int count = 0; count < kAcceptsPerTurn && block->acceptor != nullptr; ++count) {
    if (!accept_one()) return;
  }
}

// False: nobody waits, or nobody can be let in.
bool UvAcceptor::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int descriptor =
      accept4(socket_.descriptor(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) return false;
    if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
      return true;  // that one alone
    rest(error);
    return false;
  }
  Peer peer{.address = "unix", .loopback = true, .cert_fingerprint = {}};
  const Address address =
      socket_.is_unix() ? Address() : Address(reinterpret_cast<const sockaddr*>(&from), size);
  if (address.valid())
    peer = {.address = address.text(), .loopback = address.is_loopback(), .cert_fingerprint = {}};
  auto place = place_for(address, descriptor);
  if (!place) return true;
  auto stream = std::make_unique<UvSocket>(loop_, descriptor, std::move(*place));
  if (tls_ != nullptr) {
    shake(std::move(stream), std::move(peer));
  } else {
    const auto on_accept = on_accept_;
    (*on_accept)(std::move(stream), std::move(peer));
  }
  return true;
}

// nullopt: there is none, and the descriptor is closed. The reply is worth one try: whoever knocks this often
// is not waited for.
std::optional<AddressLimits::Slot> UvAcceptor::place_for(const Address& address, int descriptor) {
  if (limits_ == nullptr || !counted_) return AddressLimits::Slot();
  auto place = address.valid() ? limits_->take(address) : limits_->take_unnamed();
  if (place) return place;
  if (tls_ == nullptr && !crowded_reply_.empty()) {
    [[maybe_unused]] const auto sent =
        send(descriptor, crowded_reply_.data(), crowded_reply_.size(), MSG_NOSIGNAL);
  }
  ::close(descriptor);
  on_problem_(AcceptProblem::kCrowded,
              fmt::format("refused a connection on {}: {} has as many as one address may have "
                          "(limits.connections_per_address), or there are as many as there may be in all "
                          "(limits.connections).",
                          socket_.name(), address.valid() ? address.group_text() : "unix"));
  return place;
}

void UvAcceptor::rest(int error) {
  uv_poll_stop(&block_->handle);
  rest_->start(kRestMs);
  on_problem_(
      AcceptProblem::kExhausted,
      fmt::format(
          "cannot accept connections on {}: {}. New ones wait. Raise the limit (ulimit -n, or LimitNOFILE "
          "in the service).",
          socket_.name(), error_text(error)));
}

void UvAcceptor::shake(std::unique_ptr<Stream> stream, Peer peer) {
  if (handshakes_.size() >= kMostHandshakes) handshakes_.pop_front();
  handshakes_.push_back(
      {std::make_unique<TlsStream>(loop_, std::move(stream), TlsEngine::server(*tls_, ask_certificate_)),
       std::move(peer), nullptr});
  const auto at = std::prev(handshakes_.end());
  at->timer = loop_.timer([this, at] { timed_out(at); });
  at->timer->start(handshake_ms_);
  at->stream->handshake([this, at](const std::string& error) { shaken(at, error); });
}

void UvAcceptor::shaken(Handshakes::iterator at, const std::string& error) {
  if (!error.empty()) {
    const std::string sentence =
        fmt::format("TLS handshake with {} on {} failed: {}.", at->peer.address, socket_.name(), error);
    handshakes_.erase(at);
    on_problem_(AcceptProblem::kHandshake, sentence);
    return;
  }
  auto stream = std::move(at->stream);
  Peer peer = std::move(at->peer);
  handshakes_.erase(at);
  peer.tls = true;
  peer.cert_fingerprint = stream->peer_fingerprint();
  peer.cert_sha512 = stream->peer_sha512();
  const auto on_accept = on_accept_;
  (*on_accept)(std::move(stream), std::move(peer));
}

void UvAcceptor::timed_out(Handshakes::iterator at) {
  const std::string sentence =
      fmt::format("TLS handshake with {} on {} took longer than {} s.", at->peer.address, socket_.name(),
                  static_cast<double>(handshake_ms_) / 1000);
  handshakes_.erase(at);
  on_problem_(AcceptProblem::kHandshake, sentence);
}

}  // namespace

std::expected<std::unique_ptr<Acceptor>, std::string> UvAcceptors::listen(const ListenAddress& address,
                                                                          OnAccept on_accept) {
  if (address.tls && tls_ == nullptr) {
    return std::unexpected(
        fmt::format("cannot listen on {} with TLS: no certificate is loaded. Set [tls] cert and key.",
                    host_and_port(address.host, address.port)));
  }
  auto socket = ListenSocket::open(address, inherited_);
  if (!socket) return std::unexpected(socket.error());
  return std::make_unique<UvAcceptor>(UvAcceptor::Parts{.loop = loop_,
                                                        .tls = tls_,
                                                        .limits = limits_,
                                                        .on_problem = on_problem_,
                                                        .handshake_ms = handshake_ms},
                                      std::move(*socket), address, std::move(on_accept));
}

}  // namespace halley::net
