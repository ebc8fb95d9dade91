// The real event loop, over libuv. Owner: the composition root.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "bouncer/net/loop.h"
#include "bouncer/net/turn_list.h"

namespace halley::net {

// Thread: made, run and destroyed on one thread; only post() is for others. REQUIRES: it outlives all that it
// made: timers, tasks, sockets, dials, acceptors. Destroying it waits for work() jobs that are running, and
// calls nobody.
//
// Scheduled tasks run right after the input and output callbacks of a turn, so that what one turn produces
// goes out together. A task that keeps scheduling itself is cut after 16 rounds and goes on in the next turn,
// which does not wait: it cannot starve the sockets.
class UvLoop final : public Loop {
 public:
  UvLoop();
  ~UvLoop() override;

  std::unique_ptr<Timer> timer(std::function<void()> run) override;
  std::unique_ptr<Task> task(std::function<void()> run) override;
  void defer(std::function<void()> run) override;
  void post(std::function<void()> run) override;
  void work(std::function<void()> job, std::function<void()> done) override;
  const Clock& clock() const override;
  std::uint64_t turn_number() const override;

  void run();  // until stop(); REQUIRES: not from inside a callback
  void stop();
  // One turn. wait: sleeps until something is ready; else only what is ready now runs.
  void turn(bool wait);
  // Calls `run` in a turn after each delivery of the signal, until the loop is destroyed.
  void on_signal(int signal, std::function<void()> run);

  // What follows is for the uv_*.cpp of this folder.

  // Something that outlives its owner for a moment (a closed socket whose peer still reads). Dropped with the
  // loop.
  class Orphan {
   public:
    virtual ~Orphan() = default;
  };
  void adopt(std::unique_ptr<Orphan> orphan);
  void drop(Orphan& orphan);  // destroys it. REQUIRES: it was adopted

  void schedule(TurnHook& hook);  // at the end of this turn
  // One buffer for all sockets: what is read is handed on before the next one reads.
  static constexpr std::size_t kReadBuffer = 64 * 1024;
  std::span<char> read_buffer();
  void* native();  // libuv's loop

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A heap block around a libuv handle: libuv keeps using the handle until it has called back from its closing,
// and only then is the block destroyed. The handle's data points at its block.
struct UvBlock {
  virtual ~UvBlock() = default;
};
void close_block(void* handle);

}  // namespace halley::net
