// The event loop: timers, end-of-turn tasks, and work handed to and from other threads.
//
// Thread: all members are for the loop's thread, except post(). A turn is: timers, input and output
// callbacks, then the scheduled tasks and deferred functions, until none is left.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "bouncer/net/clock.h"

namespace halley::net {

// One shot; start() again to rearm (also from inside its callback). Destruction disarms silently.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void start(std::uint64_t delay_ms) = 0;  // replaces an earlier start
  virtual void stop() = 0;
  virtual bool active() const = 0;
};

// Runs once at the end of the turn in which schedule() was called, however often it was called. No allocation
// per schedule. Destruction takes it off the list silently, also from inside another task.
class Task {
 public:
  virtual ~Task() = default;
  virtual void schedule() = 0;
};

class Loop {
 public:
  virtual ~Loop() = default;

  virtual std::unique_ptr<Timer> timer(std::function<void()> run) = 0;
  virtual std::unique_ptr<Task> task(std::function<void()> run) = 0;
  // At the end of this turn; for parents that drop dead children. REQUIRES: what it captures lives until
  // then.
  virtual void defer(std::function<void()> run) = 0;
  // From any thread: `run` is called on the loop's thread in a later turn. In order per posting thread.
  virtual void post(std::function<void()> run) = 0;
  // `job` on a worker thread, then `done` on the loop's thread. At most 2 jobs run at once; the rest waits in
  // order.
  virtual void work(std::function<void()> job, std::function<void()> done) = 0;

  virtual const Clock& clock() const = 0;
  // Counts turns, from 1: another number, another turn. Tasks at its end belong to it.
  virtual std::uint64_t turn_number() const = 0;
};

}  // namespace halley::net
