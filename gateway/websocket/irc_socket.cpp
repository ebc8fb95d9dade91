#include "gateway/websocket/irc_socket.h"

#include <algorithm>
#include <utility>

namespace halley::gateway {
namespace {

constexpr std::size_t kMostMessage = 16 * 1024;
constexpr std::size_t kMostUnsent = 64 * 1024;   // bytes of frames; with more the far end waits
constexpr std::size_t kShortUnsent = 16 * 1024;  // with less it may go on
constexpr std::size_t kKeptOfFrames = 4096;

}  // namespace

// What serves ordinary clients sees of it.
class IrcSocket::FarEnd final : public net::Stream {
 public:
  explicit FarEnd(IrcSocket& socket) : socket_(&socket) {}
  ~FarEnd() override {
    if (!socket_) return;
    socket_->far_ = nullptr;
    socket_->leave(net::WsCode::kGoingAway, {});
  }

  void listen(Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override {
    return socket_ ? socket_->write(slices) : 0;
  }
  std::size_t queued() const override {
    return socket_ ? socket_->unsent() + socket_->state_.partial.size() : 0;
  }
  std::size_t unacknowledged() const override { return socket_ ? socket_->stream_.unacknowledged() : 0; }
  void pause() override {
    paused_ = true;
    if (socket_) socket_->stream_.pause();
  }
  void resume() override {
    paused_ = false;
    if (!socket_) return;
    socket_->read();
    if (!paused_ && socket_ && !socket_->state_.gone) socket_->stream_.resume();
  }
  void close() override {
    if (socket_) socket_->leave(net::WsCode::kNormal, {});
  }

 private:
  friend class IrcSocket;
  IrcSocket* socket_;  // null: it is gone
  Listener* listener_ = nullptr;
  bool paused_ = true;
};

IrcSocket::IrcSocket(net::Stream& stream, std::string_view head, bool text)
    : stream_(stream), state_{.out = std::string(head), .text = text}, reader_(kMostMessage) {
  flush();
}

IrcSocket::~IrcSocket() {
  if (far_) far_->socket_ = nullptr;
}

std::unique_ptr<net::Stream> IrcSocket::far_end() {
  auto end = std::make_unique<FarEnd>(*this);
  far_ = end.get();
  return end;
}

// --- From the client ---

void IrcSocket::received(std::string_view bytes) {
  state_.in += bytes;
  read();
}

void IrcSocket::read() {
  if (reading_) return;
  reading_ = true;
  std::string bytes = std::exchange(state_.in, {});
  std::size_t at = 0;
  // Answers (pongs) are the bound of what is read, as is a far end that does not read.
  while (at < bytes.size() && !state_.leaving && far_ && !far_->paused_ && unsent() <= kMostUnsent) {
    std::size_t taken = 0;
    const auto result = reader_.feed(std::string_view(bytes).substr(at), taken);
    at += taken;
    answer(result);
  }
  reading_ = false;
  if (state_.leaving || !far_) return;  // what comes behind the end is passed over
  bytes.erase(0, at);
  state_.in = std::move(bytes);
  if (state_.in.empty())
    decltype(state_.in){}.swap(state_.in);
  else
    stream_.pause();
  flush();
}

void IrcSocket::answer(net::WebSocketReader::Result result) {
  using Result = net::WebSocketReader::Result;
  switch (result) {
    case Result::kText:
    case Result::kBinary:
      return hear(reader_.payload());
    case Result::kPing:
      return net::append_ws_frame(state_.out, net::WsOpcode::kPong, reader_.payload());
    case Result::kClose:
    case Result::kFailed:
      return leave(reader_.code(), result == Result::kFailed ? reader_.payload() : std::string_view{});
    case Result::kPong:
    case Result::kNeedMore:
      return;
  }
}

void IrcSocket::hear(std::string_view message) {
  while (message.ends_with('\n') || message.ends_with('\r')) message.remove_suffix(1);
  if (message.empty() || !far_ || !far_->listener_) return;
  std::string line(message);
  line += "\r\n";
  far_->listener_->on_data(line);
}

// --- Towards the client ---

std::size_t IrcSocket::write(std::span<const std::string_view> slices) {
  std::size_t taken = 0;
  for (const std::string_view slice : slices) {
    std::string_view rest = slice;
    while (!rest.empty()) {
      if (state_.leaving || state_.gone || unsent() > kMostUnsent) flush();
      if (state_.leaving || state_.gone || unsent() > kMostUnsent) {
        blocked_ = true;
        return taken;
      }
      const std::size_t end = rest.find('\n');
      const std::string_view part = rest.substr(0, end == std::string_view::npos ? end : end + 1);
      taken += part.size();
      rest.remove_prefix(part.size());
      if (end == std::string_view::npos) {
        state_.partial += part;
      } else if (state_.partial.empty()) {
        put_line(part);
      } else {
        state_.partial += part;
        put_line(state_.partial);
        decltype(state_.partial){}.swap(state_.partial);
      }
    }
  }
  flush();
  return taken;
}

void IrcSocket::put_line(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  net::Utf8Check check;
  if (!state_.text || (check.feed(line) && check.whole())) {
    net::append_ws_frame(state_.out, state_.text ? net::WsOpcode::kText : net::WsOpcode::kBinary, line);
    return;
  }
  std::string mended;
  append_utf8(mended, line);
  net::append_ws_frame(state_.out, net::WsOpcode::kText, mended);
}

void IrcSocket::leave(net::WsCode code, std::string_view reason) {
  if (state_.leaving || state_.gone) return;
  state_.leaving = true;
  net::append_ws_close(state_.out, code, reason);
  decltype(state_.in){}.swap(state_.in);
  stream_.resume();  // so that the peer's end is heard
  flush();
}

void IrcSocket::flush() {
  while (!state_.gone && unsent() > 0) {
    const std::string_view rest = std::string_view(state_.out).substr(state_.out_at);
    const std::size_t taken = stream_.write({&rest, 1});
    state_.out_at += taken;
    if (taken < rest.size()) break;
  }
  if (unsent() == 0) {
    if (state_.out.capacity() > kKeptOfFrames)
      decltype(state_.out){}.swap(state_.out);
    else
      state_.out.clear();
    state_.out_at = 0;
    if (state_.leaving && !state_.gone) stream_.close();
  } else if (state_.out_at > kMostUnsent) {
    state_.out.erase(0, state_.out_at);
    state_.out_at = 0;
  }
}

void IrcSocket::drained() {
  flush();
  if (unsent() > kShortUnsent || state_.leaving) return;
  if (!state_.in.empty() && far_ && !far_->paused_) {
    read();
    if (state_.in.empty() && far_ && !far_->paused_ && !state_.leaving) stream_.resume();
  }
  if (std::exchange(blocked_, false) && far_ && far_->listener_) far_->listener_->on_drained();
}

void IrcSocket::closed() {
  state_.gone = true;
  if (!far_) return;
  FarEnd& far = *std::exchange(far_, nullptr);
  far.socket_ = nullptr;
  if (far.listener_) far.listener_->on_closed({});
}

void append_utf8(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    net::Utf8Check check;
    std::size_t size = 0;
    bool valid = true;
    do valid = check.feed(bytes.substr(size++, 1));
    while (valid && !check.whole() && size < bytes.size());
    if (valid && check.whole()) {
      out += bytes.substr(0, size);
    } else {
      out += "\xEF\xBF\xBD";
      // The byte that broke it may begin another character.
      if (!valid && size > 1) --size;
    }
    bytes.remove_prefix(size);
  }
}

}  // namespace halley::gateway
