// An event loop that turns only when the test says so, on the test's own thread and with a FakeClock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "bouncer/net/loop.h"
#include "tests/fakes/net/fake_clock.h"

namespace halley::fakes {

// Something that FakeLoop asks for input or output once a turn (an end of a pipe).
class FakeIo {
 public:
  // Makes at most one callback; true if it did anything. May destroy itself in the callback.
  virtual bool poll() = 0;

 protected:
  ~FakeIo() = default;
};

// The loop must outlive what it made (timers, tasks, streams). All members but post() and wait_posted() are
// for the test's thread. A turn: due timers, posted functions, work, input and output, then tasks and
// deferred functions.
class FakeLoop final : public net::Loop {
 public:
  explicit FakeLoop(FakeClock& clock) : clock_(clock) {}

  std::unique_ptr<net::Timer> timer(std::function<void()> run) override;
  std::unique_ptr<net::Task> task(std::function<void()> run) override;
  void defer(std::function<void()> run) override { deferred_.push_back(std::move(run)); }
  void post(std::function<void()> run) override;
  void work(std::function<void()> job, std::function<void()> done) override;
  const net::Clock& clock() const override { return clock_; }
  std::uint64_t turn_number() const override { return turn_; }

  // Turns until nothing is ready. Throws std::logic_error after a million turns: something feeds itself.
  void run_turns();
  // One turn; true if anything ran.
  bool run_turn();
  // Moves the clock to each timer that is due within `ms`, in order, turning at each; ends with the clock
  // `ms` later.
  void advance(std::uint64_t ms);
  // Blocks until another thread has posted something, or has before. False: nothing came. Then call
  // run_turns().
  bool wait_posted(std::chrono::milliseconds timeout = std::chrono::seconds(10));
  // While held, work() jobs are kept back, as if the worker threads were busy.
  void hold_work(bool held) { work_held_ = held; }
  // Of the jobs that wait together the newest is run first, as it may come when there are several workers.
  void reverse_work(bool reversed) { work_reversed_ = reversed; }
  std::size_t timers_active() const { return timers_.size(); }

  void add(FakeIo& io) { ios_.push_back(&io); }
  void remove(FakeIo& io);

  // What streams gave up, under numbers that stand for descriptors. take() gives null for one that is not
  // here.
  int keep(std::shared_ptr<void> given_up);
  std::shared_ptr<void> take(int descriptor);

 private:
  class FakeTimer;
  class FakeTask;
  struct TaskState;
  using TimerKey = std::pair<std::uint64_t, std::uint64_t>;  // due, order of start
  using Function = std::shared_ptr<std::function<void()>>;  // kept alive while it runs and destroys its owner

  void advance_to(std::uint64_t at_ms);
  bool run_timers();
  bool run_posted();
  bool run_work();
  bool run_io();
  bool run_end_of_turn();

  FakeClock& clock_;
  std::uint64_t turn_ = 1;
  // These two come first, to be destroyed last: what a function below has captured may still leave them.
  std::vector<FakeIo*> ios_;  // null: removed during the turn
  std::map<TimerKey, FakeTimer*> timers_;
  std::uint64_t timer_order_ = 0;
  std::deque<std::shared_ptr<TaskState>> scheduled_;
  std::vector<std::function<void()>> deferred_;
  std::deque<std::pair<std::function<void()>, std::function<void()>>> work_;
  bool work_held_ = false, work_reversed_ = false;
  std::map<int, std::shared_ptr<void>> given_up_;
  int last_descriptor_ = 1000;

  std::mutex mutex_;
  std::condition_variable condition_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_
};

}  // namespace halley::fakes
