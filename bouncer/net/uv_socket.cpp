#include "bouncer/net/uv_socket.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "bouncer/net/address.h"
#include "bouncer/net/error_text.h"

namespace halley::net {

namespace {

constexpr std::size_t kMaxSlices = 64;
constexpr std::uint64_t kLingerMs = 2000;

// A peer that vanished without a word is noticed after two minutes: by probes when the line is idle (the
// first after one minute), by TCP_USER_TIMEOUT when there is something to send.
void tune_tcp(int descriptor) {
  const auto set = [descriptor](int level, int name, int value) {
    setsockopt(descriptor, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 120'000);
}

bool is_tcp(int descriptor) {
  int domain = AF_UNSPEC;
  socklen_t size = sizeof domain;
  getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size);
  return domain == AF_INET || domain == AF_INET6;
}

ssize_t receive(int descriptor, std::span<char> buffer) {
  for (;;) {
    const ssize_t got = recv(descriptor, buffer.data(), buffer.size(), 0);
    if (got >= 0 || errno != EINTR) return got;
  }
}

ssize_t transmit(int descriptor, std::span<iovec> parts) {
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  for (;;) {
    // One part is the most common case, and the kernel has a shorter way for it.
    const ssize_t taken = parts.size() == 1
                              ? send(descriptor, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL)
                              : sendmsg(descriptor, &message, MSG_NOSIGNAL);
    if (taken >= 0 || errno != EINTR) return taken;
  }
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

struct UvSocket::Block final : UvBlock {
  uv_poll_t handle{};
  UvSocket* socket = nullptr;  // null: the socket is gone
  Lingering* lingering = nullptr;

  static Block& of(uv_poll_t* handle) { return *static_cast<Block*>(static_cast<UvBlock*>(handle->data)); }
};

class UvSocket::Lingering final : public UvLoop::Orphan {
 public:
  Lingering(UvLoop& loop, Block* block, int descriptor, AddressLimits::Slot place)
      : loop_(loop),
        block_(block),
        descriptor_(descriptor),
        place_(std::move(place)),
        timer_(loop.timer([this] { loop_.drop(*this); })) {
    block_->socket = nullptr;
    block_->lingering = this;
    uv_poll_start(&block_->handle, UV_READABLE, [](uv_poll_t* handle, int, int) noexcept {
      if (Lingering* const lingering = Block::of(handle).lingering) lingering->discard();
    });
    timer_->start(kLingerMs);
  }
  ~Lingering() override {
    block_->lingering = nullptr;
    close_block(&block_->handle);
    ::close(descriptor_);
  }

 private:
  void discard() {
    const ssize_t got = receive(descriptor_, loop_.read_buffer());
    if (got == 0 || (got < 0 && !would_block(errno))) loop_.drop(*this);
  }

  UvLoop& loop_;
  Block* block_;
  int descriptor_;
  AddressLimits::Slot place_;
  std::unique_ptr<Timer> timer_;
};

UvSocket::UvSocket(UvLoop& loop, int descriptor, AddressLimits::Slot place)
    : loop_(loop),
      block_(new Block),
      place_(std::move(place)),
      descriptor_(descriptor),
      tcp_(is_tcp(descriptor)) {
  block_->socket = this;
  // Fails only for a descriptor that cannot be polled: our own mistake.
  if (uv_poll_init(static_cast<uv_loop_t*>(loop.native()), &block_->handle, descriptor) != 0) std::abort();
  block_->handle.data = static_cast<UvBlock*>(block_);
  if (tcp_) tune_tcp(descriptor);
}

UvSocket::~UvSocket() {
  release();
}

// Lets go of descriptor and block: left lingering after close(), else closed at once.
void UvSocket::release() {
  if (descriptor_ < 0) return;
  const int descriptor = std::exchange(descriptor_, -1);
  block_->socket = nullptr;
  if (closing_ && error_ == 0) {
    loop_.adopt(std::make_unique<Lingering>(loop_, block_, descriptor, std::move(place_)));
  } else {
    close_block(&block_->handle);
    ::close(descriptor);
  }
  block_ = nullptr;
}

std::size_t UvSocket::write(std::span<const std::string_view> slices) {
  if (closing_ || closed_ || error_ != 0) return 0;
  iovec parts[kMaxSlices];
  std::size_t count = 0, offered = 0;
  for (const auto slice : slices.first(std::min(slices.size(), kMaxSlices))) {
    parts[count++] = {const_cast<char*>(slice.data()), slice.size()};
    offered += slice.size();
  }
  if (offered == 0) return 0;
  const ssize_t taken = transmit(descriptor_, {parts, count});
  if (taken == static_cast<ssize_t>(offered)) return offered;
  if (taken < 0 && !would_block(errno)) {
    // What the peer said before it broke off is still to be read; the end of that input then tells the
    // listener.
    error_ = errno;
    shutdown(descriptor_, SHUT_RDWR);
    if (!reading_) loop_.schedule(*this);
    return 0;
  }
  want_write_ = true;
  arm(armed_ | UV_WRITABLE);
  return taken < 0 ? 0 : static_cast<std::size_t>(taken);
}

std::size_t UvSocket::unacknowledged() const {
  int bytes = 0;
  if (!tcp_ || descriptor_ < 0 || ioctl(descriptor_, SIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<std::size_t>(bytes);
}

std::string UvSocket::local_address() const {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (descriptor_ < 0 || getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return {};
  const Address address(reinterpret_cast<const sockaddr*>(&bound), size);
  return address.valid() ? address.text() : std::string();
}

void UvSocket::pause() {
  reading_ = false;
  if (error_ != 0 && !closed_) loop_.schedule(*this);
}

void UvSocket::resume() {
  if (closing_ || closed_) return;
  reading_ = true;
  arm(armed_ | UV_READABLE);
}

void UvSocket::close() {
  if (closing_ || closed_) return;
  closing_ = true;
  reading_ = want_write_ = false;
  shutdown(descriptor_, SHUT_WR);
  loop_.schedule(*this);
}

// As if it were closed, but for the descriptor itself.
std::expected<int, std::string> UvSocket::give_up() {
  if (closing_ || closed_) return std::unexpected("the connection is being closed");
  if (error_ != 0) return std::unexpected(error_text(error_));
  closed_ = true;
  reading_ = want_write_ = false;
  arm(0);
  block_->socket = nullptr;
  close_block(&std::exchange(block_, nullptr)->handle);
  return std::exchange(descriptor_, -1);
}

void UvSocket::at_end_of_turn() {
  if (closed_) return;
  if (closing_) {
    finish(error_);
  } else if (!reading_) {
    finish(error_);
  }
}

void UvSocket::arm(int events) {
  if (events == armed_) return;
  armed_ = events;
  if (events == 0) {
    uv_poll_stop(&block_->handle);
    return;
  }
  uv_poll_start(&block_->handle, events, [](uv_poll_t* handle, int status, int ready) noexcept {
    if (UvSocket* const socket = Block::of(handle).socket) socket->on_poll(status, ready);
  });
}

void UvSocket::on_poll(int status, int events) {
  if (closing_ || closed_) return arm(0);
  if (status < 0) return on_poll_error();
  Block* const block = block_;
  if ((events & UV_READABLE) != 0) {
    if (!reading_) {
      arm(armed_ & ~UV_READABLE);
    } else if (!read_once()) {
      return;
    }
  }
  if ((events & UV_WRITABLE) == 0) return;
  if (std::exchange(want_write_, false)) {
    listener_->on_drained();
    if (block->socket == nullptr || closing_ || closed_) return;
  }
  if (!want_write_) arm(armed_ & ~UV_WRITABLE);
}

// The kernel reports a fault, and libuv has stopped polling. Input that came before the fault is read first;
// a paused listener gets it, and the fault, when it resumes.
void UvSocket::on_poll_error() {
  armed_ = 0;
  if (reading_) {
    if (read_once()) arm(UV_READABLE | (want_write_ ? UV_WRITABLE : 0));
  } else if (want_write_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    finish(error != 0 ? error : ECONNRESET);
  }
}

// False when the socket was closed or destroyed: nothing of it may be touched then.
bool UvSocket::read_once() {
  Block* const block = block_;
  const auto buffer = loop_.read_buffer();
  const ssize_t got = receive(descriptor_, buffer);
  if (got > 0) {
    listener_->on_data({buffer.data(), static_cast<std::size_t>(got)});
    return block->socket != nullptr && !closing_ && !closed_;
  }
  if (got < 0 && would_block(errno)) return true;
  finish(got == 0 ? error_ : errno);
  return false;
}

void UvSocket::finish(int error) {
  closed_ = true;
  arm(0);
  Block* const block = block_;
  if (listener_ != nullptr) listener_->on_closed(error == 0 ? std::string() : error_text(error));
  if (block->socket != nullptr) release();
}

}  // namespace halley::net
