// Between a client that is shown all networks and the part of it that is bound to one: to the part it is the
// stream of an ordinary client, whose other end is this process (all_networks.h).
//
// Thread: the loop's. Owner: the part. Whoever is at the other end outlives it. A successor needs the line
// that waits(), if one does: what was written went on at once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bouncer/irc/line_buffer.h"
#include "bouncer/irc/message.h"
#include "bouncer/net/loop.h"
#include "bouncer/net/stream.h"

namespace halley {

class NetworkPipe final : public net::Stream {
 public:
  // The other end.
  class FarEnd {
   public:
    // A line that the part has written, without CR LF; valid during the call.
    virtual void part_wrote(std::string_view line) = 0;
    virtual bool takes_more() const = 0;  // false: the part keeps its bytes until drained()
    // Bytes on their way to the client, its own host's among them.
    virtual std::size_t on_the_way() const = 0;
    virtual void part_took() = 0;  // what was given has been read

   protected:
    ~FarEnd() = default;
  };
  NetworkPipe(net::Loop& loop, FarEnd& end);

  // A line for the part, which reads it at once, or once it reads again: until then it is kept.
  // REQUIRES: nothing waits(), so that it is one.
  void give(std::string_view line);
  bool waits() const { return !given_.empty(); }
  // The client takes more again.
  void drained();

  // --- Stream ---
  void listen(Listener& listener) override { listener_ = &listener; }
  std::size_t write(std::span<const std::string_view> slices) override;
  std::size_t queued() const override { return 0; }
  std::size_t unacknowledged() const override { return end_.on_the_way(); }
  void pause() override { paused_ = true; }
  void resume() override;
  void close() override;

 private:
  void run();
  void hand_over();

  FarEnd& end_;
  Listener* listener_ = nullptr;
  irc::LineBuffer lines_{irc::kMaxLine};
  std::string given_;  // for the part, and not read
  std::unique_ptr<net::Task> task_;
  bool paused_ = true;
  bool blocked_ = false;  // a write took less than it was given
  bool drained_ = false;  // ... and now there is room
  bool closing_ = false, closed_ = false;
};

}  // namespace halley
