#include "bouncer/net/begun_stream.h"

#include <utility>

namespace halley::net {

BegunStream::BegunStream(Loop& loop, std::unique_ptr<Stream> stream, std::string begun,
                         std::shared_ptr<void> held)
    : held_(std::move(held)),
      stream_(std::move(stream)),
      begun_(std::move(begun)),
      tell_(loop.task([this] { tell(); })) {
  stream_->listen(*this);
}

void BegunStream::pause() {
  paused_ = true;
  stream_->pause();
}

void BegunStream::resume() {
  paused_ = false;
  if (begun_.empty())
    stream_->resume();
  else
    tell_->schedule();
}

void BegunStream::close() {
  begun_.clear();
  stream_->close();
}

std::expected<int, std::string> BegunStream::give_up() {
  if (!begun_.empty()) return std::unexpected("bytes of this connection have been read already");
  return stream_->give_up();
}

void BegunStream::tell() {
  if (paused_ || begun_.empty() || listener_ == nullptr) return;
  const std::string bytes = std::exchange(begun_, {});
  stream_->resume();
  listener_->on_data(bytes);  // may destroy this
}

void BegunStream::on_drained() {
  if (listener_ != nullptr) listener_->on_drained();
}

void BegunStream::on_closed(std::string_view reason) {
  begun_.clear();
  if (listener_ != nullptr) listener_->on_closed(reason);
}

}  // namespace halley::net
