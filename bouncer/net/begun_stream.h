// A stream of which some bytes have been read already: its listener gets those first.
//
// Thread: the loop's. Owner: as of any Stream. While its listener has not heard the bytes it gives up no
// descriptor: a successor would lack them.
#pragma once

#include <memory>
#include <string>

#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley::net {

class BegunStream final : public Stream, private Stream::Listener {
 public:
  // `held`: goes with the stream; may be null.
  BegunStream(Loop& loop, std::unique_ptr<Stream> stream, std::string begun,
              std::shared_ptr<void> held = nullptr);

  void listen(Stream::Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override { return stream_->write(slices); }
  std::size_t queued() const override { return stream_->queued(); }
  std::size_t unacknowledged() const override { return stream_->unacknowledged(); }
  void pause() override;
  void resume() override;
  void close() override;
  std::expected<int, std::string> give_up() override;

 private:
  void tell();
  void on_data(std::string_view bytes) override { listener_->on_data(bytes); }
  void on_drained() override;
  void on_closed(std::string_view reason) override;

  std::shared_ptr<void> held_;
  std::unique_ptr<Stream> stream_;
  std::string begun_;
  std::unique_ptr<Task> tell_;
  Stream::Listener* listener_ = nullptr;
  bool paused_ = true;
};

}  // namespace halley::net
