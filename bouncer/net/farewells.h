// Streams that are being closed: kept until their last bytes are out, with nobody listening any more.
// Thread: the loop's. Owner: whoever closes them; destroying it drops them.
// Nothing to hand over: of what is being closed nobody expects more.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley::net {

class Farewells {
 public:
  explicit Farewells(Loop& loop) : sweep_(loop.task([this] { sweep(); })) {}

  void close(std::unique_ptr<Stream> stream) {
    auto parting = std::make_unique<Parting>(*this, std::move(stream));
    parting->stream->listen(*parting);
    parting->stream->close();
    parting_.push_back(std::move(parting));
  }
  bool empty() const { return parting_.empty(); }
  void on_swept(std::function<void()> notify) { swept_ = std::move(notify); }

 private:
  struct Parting final : Stream::Listener {
    Parting(Farewells& o, std::unique_ptr<Stream> s) : owner(o), stream(std::move(s)) {}
    void on_data(std::string_view) override {}
    void on_drained() override {}
    void on_closed(std::string_view) override {
      done = true;
      owner.sweep_->schedule();
    }
    Farewells& owner;
    std::unique_ptr<Stream> stream;
    bool done = false;
  };
  void sweep() {
    std::erase_if(parting_, [](const auto& parting) { return parting->done; });
    if (swept_) swept_();
  }
  std::vector<std::unique_ptr<Parting>> parting_;
  std::function<void()> swept_;
  std::unique_ptr<Task> sweep_;
};

}  // namespace halley::net
