#include "bouncer/net/uv_connect.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "bouncer/net/error_text.h"

namespace halley::net {

std::vector<Address> take_turns(const std::vector<Address>& addresses) {
  std::vector<Address> first, other, turns;
  for (const Address& address : addresses)
    (address.family() == addresses.front().family() ? first : other).push_back(address);
  for (std::size_t i = 0; i < std::max(first.size(), other.size()); ++i) {
    if (i < first.size()) turns.push_back(first[i]);
    if (i < other.size()) turns.push_back(other[i]);
  }
  turns.resize(std::min(turns.size(), kMaxAddresses));
  return turns;
}

namespace {
// Known as soon as connect() has been called: it chooses the port.
Address local_end(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return {};
  return {reinterpret_cast<const sockaddr*>(&bound), size};
}
}  // namespace

struct UvConnect::Block final : UvBlock {
  uv_poll_t handle{};
  UvConnect* connect = nullptr;  // null: it is gone, or the attempt over
  Attempts::iterator at;
};

UvConnect::UvConnect(UvLoop& loop, std::vector<Address> addresses, const Address& bound, Done done,
                     std::uint64_t delay_ms)
    : loop_(loop),
      addresses_(std::move(addresses)),
      bound_(bound),
      done_(std::move(done)),
      delay_ms_(delay_ms),
      delay_(loop.timer([this] { start_next(); })) {}

UvConnect::~UvConnect() {
  while (!attempts_.empty()) close(attempts_.begin());
}

void UvConnect::start_next() {
  delay_->stop();
  while (next_ < addresses_.size()) {
    const Address& address = addresses_[next_++];
    if (const int error = begin(address); error != 0) {
      note_failure(address, error);
      continue;
    }
    if (next_ < addresses_.size()) delay_->start(delay_ms_);
    return;
  }
  if (attempts_.empty()) finish(std::unexpected(failures_));
}

// 0, and the attempt is under way; or why it is not.
int UvConnect::begin(const Address& address) {
  const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  const bool bound = !bound_.valid() || bind(descriptor, bound_.get(), bound_.size()) == 0;
  if (!bound || (connect(descriptor, address.get(), address.size()) != 0 && errno != EINPROGRESS)) {
    const int error = errno;
    ::close(descriptor);
    return error;
  }
  if (on_attempt) on_attempt(local_end(descriptor), address);
  attempts_.push_back({address, descriptor, new Block});
  poll(std::prev(attempts_.end()));
  return 0;
}

void UvConnect::poll(Attempts::iterator at) {
  Block* const block = at->block;
  block->connect = this;
  block->at = at;
  // Fails only for a descriptor that cannot be polled: our own mistake.
  if (uv_poll_init(static_cast<uv_loop_t*>(loop_.native()), &block->handle, at->descriptor) != 0)
    std::abort();
  block->handle.data = static_cast<UvBlock*>(block);
  uv_poll_start(&block->handle, UV_WRITABLE, [](uv_poll_t* handle, int, int) noexcept {
    const auto* const ready = static_cast<Block*>(static_cast<UvBlock*>(handle->data));
    if (ready->connect != nullptr) ready->connect->on_ready(ready->at);
  });
}

void UvConnect::on_ready(Attempts::iterator at) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(at->descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) {
    stop_polling(*at);  // it ends before the socket's own begins
    return finish(Connected{std::exchange(at->descriptor, -1), at->address});
  }
  note_failure(at->address, error);
  close(at);
  start_next();
}

void UvConnect::note_failure(const Address& address, int error) {
  failures_ += fmt::format("{}{} ({})", failures_.empty() ? "" : ", ", error_text(error), address.text());
}

void UvConnect::stop_polling(Attempt& attempt) {
  attempt.block->connect = nullptr;
  close_block(&std::exchange(attempt.block, nullptr)->handle);
}

void UvConnect::close(Attempts::iterator at) {
  if (at->block != nullptr) stop_polling(*at);
  if (at->descriptor >= 0) ::close(at->descriptor);
  attempts_.erase(at);
}

// The last thing that is done: the callback may destroy this.
void UvConnect::finish(std::expected<Connected, std::string> result) {
  delay_->stop();
  while (!attempts_.empty()) close(attempts_.begin());
  const auto done = std::move(done_);
  done(std::move(result));
}

}  // namespace halley::net
