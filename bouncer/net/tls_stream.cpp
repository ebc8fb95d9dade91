#include "bouncer/net/tls_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace halley::net {

namespace {

constexpr std::uint64_t kFlushMs = 5000;
// Three full records and their overhead stay below 64 KiB.
constexpr std::size_t kBatch = 2 * (TlsEngine::kMaxPlaintext + 256);
constexpr std::size_t kKeptMemory = 1024;

// Gathers slices into records.
class Gatherer {
 public:
  explicit Gatherer(std::span<const std::string_view> slices) : slices_(slices) {}

  // The next bytes, at most one record; empty at the end. A slice that fills a record is not copied.
  std::string_view next() {
    std::size_t size = 0;
    while (!slices_.empty()) {
      const auto rest = slices_.front().substr(at_);
      if (size == 0 && rest.size() >= sizeof buffer_) {
        at_ += sizeof buffer_;
        return rest.substr(0, sizeof buffer_);
      }
      const auto part = rest.substr(0, sizeof buffer_ - size);
      std::memcpy(buffer_ + size, part.data(), part.size());
      size += part.size();
      at_ += part.size();
      if (part.size() < rest.size()) break;
      slices_ = slices_.subspan(1);
      at_ = 0;
    }
    return {buffer_, size};
  }

 private:
  std::span<const std::string_view> slices_;
  std::size_t at_ = 0;  // in the first slice
  char buffer_[TlsEngine::kMaxPlaintext];
};

}  // namespace

TlsStream::TlsStream(Loop& loop, std::unique_ptr<Stream> below, TlsEngine engine)
    : loop_(loop), below_(std::move(below)), engine_(std::move(engine)) {
  below_->listen(*this);
}

TlsStream::~TlsStream() {
  if (destroyed_ != nullptr) *destroyed_ = true;
}

void TlsStream::handshake(Done done) {
  done_ = std::move(done);
  phase_ = Phase::kShaking;
  below_->resume();
  shake();
}

// A client speaks first, so this is called once without input.
void TlsStream::shake() {
  const auto status = engine_.handshake();
  if (status == TlsEngine::IoResult::kNeedInput) {
    flush();
    return;
  }
  if (status != TlsEngine::IoResult::kDone) {
    start_closing(status == TlsEngine::IoResult::kFailed ? engine_.error()
                                                         : "the other side said goodbye at once");
    return;
  }
  flush();
  phase_ = Phase::kOpen;
  below_->pause();
  keep_unread();
  std::exchange(done_, {})({});
}

std::size_t TlsStream::queued() const {
  return engine_.output().size();
}

std::size_t TlsStream::write(std::span<const std::string_view> slices) {
  if (phase_ != Phase::kOpen) return 0;
  slices = slices.first(std::min<std::size_t>(slices.size(), 64));
  std::size_t offered = 0, taken = 0;
  for (const auto slice : slices) offered += slice.size();
  if (queued() == 0) {
    Gatherer gatherer(slices);
    while (taken < offered) {
      const auto record = gatherer.next();
      if (!engine_.write(record)) {
        start_closing(engine_.error());
        return taken;
      }
      taken += record.size();
      if (queued() >= kBatch && !flush()) break;
    }
    flush();
  }
  if (taken < offered) owes_drained_ = true;
  return taken;
}

void TlsStream::pause() {
  reading_ = false;
  if (phase_ == Phase::kOpen) below_->pause();
}

// What was held comes before new input, and never from inside this call.
void TlsStream::resume() {
  reading_ = true;
  if (phase_ != Phase::kOpen) return;
  if (held_.empty()) return below_->resume();
  if (!resume_task_) resume_task_ = loop_.task([this] { resume_held(); });
  resume_task_->schedule();
}

void TlsStream::resume_held() {
  if (!reading_ || phase_ != Phase::kOpen) return;
  bool destroyed = false;
  destroyed_ = &destroyed;
  const std::string held = std::exchange(held_, {});
  engine_.feed(held);
  pump();
  if (destroyed) return;
  destroyed_ = nullptr;
  if (reading_ && phase_ == Phase::kOpen) below_->resume();
}

void TlsStream::close() {
  if (phase_ != Phase::kClosing && phase_ != Phase::kClosed) start_closing({});
}

// Keys and counters of a connection are OpenSSL's own, and it lets nobody take them elsewhere.
std::expected<int, std::string> TlsStream::give_up() {
  return std::unexpected("a connection with TLS cannot be handed over");
}

// Sends what is queued and the goodbye, or an alert, then closes below; its on_closed ends it all.
void TlsStream::start_closing(std::string reason) {
  reason_ = std::move(reason);
  phase_ = Phase::kClosing;
  decltype(held_){}.swap(held_);
  below_->pause();
  engine_.shut_down();
  if (flush()) return below_->close();
  close_timer_ = loop_.timer([this] { below_->close(); });
  close_timer_->start(kFlushMs);
}

void TlsStream::on_data(std::string_view bytes) {
  if (phase_ != Phase::kShaking && phase_ != Phase::kOpen) return;
  if (!held_.empty()) {  // a stream below that had more under way when it was paused
    held_ += bytes;
    return;
  }
  engine_.feed(bytes);
  if (phase_ == Phase::kShaking) {
    shake();
  } else {
    pump();
  }
}

// May end in the destruction of this stream: the caller touches nothing after it without knowing better.
void TlsStream::pump() {
  char buffer[TlsEngine::kMaxPlaintext];
  bool destroyed = false;
  bool* const outer = std::exchange(destroyed_, &destroyed);
  while (phase_ == Phase::kOpen) {
    if (!reading_) {
      keep_unread();
      break;
    }
    std::size_t size = 0;
    const auto status = engine_.read(buffer, size);
    if (status == TlsEngine::IoResult::kDone) {
      listener_->on_data({buffer, size});
      if (destroyed) {
        if (outer != nullptr) *outer = true;
        return;
      }
    } else if (status == TlsEngine::IoResult::kNeedInput) {
      flush();  // TLS itself may have answered
      break;
    } else {
      start_closing(status == TlsEngine::IoResult::kFailed ? engine_.error() : std::string());
    }
  }
  destroyed_ = outer;
}

// Copies first: what is unread may lie in held_ itself.
void TlsStream::keep_unread() {
  held_ = std::string(engine_.unread());
  engine_.feed({});
}

bool TlsStream::flush() {
  std::string& output = engine_.output();
  while (!output.empty()) {
    const std::string_view all = output;
    const std::size_t taken = below_->write({&all, 1});
    output.erase(0, taken);
    if (taken < all.size()) return false;
  }
  if (output.capacity() > kKeptMemory) std::string().swap(output);
  return true;
}

void TlsStream::on_drained() {
  if (!flush()) return;
  if (phase_ == Phase::kClosing) {
    close_timer_.reset();
    below_->close();
  } else if (phase_ == Phase::kOpen && std::exchange(owes_drained_, false)) {
    listener_->on_drained();
  }
}

void TlsStream::on_closed(std::string_view reason) {
  phase_ = Phase::kClosed;
  close_timer_.reset();
  std::string why = reason_.empty() ? std::string(reason) : reason_;
  if (done_) {
    std::exchange(done_, {})(why.empty() ? "the other side closed the connection during the handshake" : why);
  } else if (listener_ != nullptr) {
    listener_->on_closed(why);
  }
}

}  // namespace halley::net
