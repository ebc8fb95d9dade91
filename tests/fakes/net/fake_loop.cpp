#include "tests/fakes/net/fake_loop.h"

#include <algorithm>
#include <stdexcept>

namespace halley::fakes {

class FakeLoop::FakeTimer final : public net::Timer {
 public:
  FakeTimer(FakeLoop& loop, std::function<void()> run)
      : loop_(loop), run_(std::make_shared<std::function<void()>>(std::move(run))) {}
  ~FakeTimer() override { FakeTimer::stop(); }

  void start(std::uint64_t delay_ms) override {
    stop();
    const std::uint64_t now = loop_.clock_.monotonic_ms();  // and as in libuv, never is no time that has been
    key_ = {now + std::min(delay_ms, UINT64_MAX - now), ++loop_.timer_order_};
    loop_.timers_.emplace(key_, this);
    active_ = true;
  }
  void stop() override {
    if (active_) loop_.timers_.erase(key_);
    active_ = false;
  }
  bool active() const override { return active_; }

  Function fire() {
    active_ = false;
    return run_;
  }

 private:
  FakeLoop& loop_;
  Function run_;
  TimerKey key_;
  bool active_ = false;
};

struct FakeLoop::TaskState {
  std::function<void()> run;
  bool scheduled = false;
  bool dead = false;
};

class FakeLoop::FakeTask final : public net::Task {
 public:
  FakeTask(FakeLoop& loop, std::function<void()> run) : loop_(loop), state_(std::make_shared<TaskState>()) {
    state_->run = std::move(run);
  }
  ~FakeTask() override { state_->dead = true; }
  void schedule() override {
    if (std::exchange(state_->scheduled, true)) return;
    loop_.scheduled_.push_back(state_);
  }

 private:
  FakeLoop& loop_;
  std::shared_ptr<TaskState> state_;
};

std::unique_ptr<net::Timer> FakeLoop::timer(std::function<void()> run) {
  return std::make_unique<FakeTimer>(*this, std::move(run));
}

std::unique_ptr<net::Task> FakeLoop::task(std::function<void()> run) {
  return std::make_unique<FakeTask>(*this, std::move(run));
}

void FakeLoop::post(std::function<void()> run) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(run));
  }
  condition_.notify_one();
}

void FakeLoop::work(std::function<void()> job, std::function<void()> done) {
  work_.emplace_back(std::move(job), std::move(done));
}

bool FakeLoop::wait_posted(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return condition_.wait_for(lock, timeout, [this] { return !posted_.empty(); });
}

void FakeLoop::remove(FakeIo& io) {
  std::replace(ios_.begin(), ios_.end(), &io, static_cast<FakeIo*>(nullptr));
}

void FakeLoop::run_turns() {
  constexpr int kTooMany = 1'000'000;
  for (int turn = 0; run_turn(); ++turn) {
    if (turn == kTooMany) throw std::logic_error("FakeLoop: a million turns and still not idle");
  }
}

bool FakeLoop::run_turn() {
  bool ran = run_timers();
  ran = run_posted() || ran;
  ran = run_work() || ran;
  ran = run_io() || ran;
  ran = run_end_of_turn() || ran;
  ++turn_;
  return ran;
}

void FakeLoop::advance(std::uint64_t ms) {
  const std::uint64_t end = clock_.monotonic_ms() + ms;
  run_turns();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    const std::uint64_t due = timers_.begin()->first.first;
    advance_to(due);
    run_turns();
  }
  advance_to(end);
  run_turns();
}

void FakeLoop::advance_to(std::uint64_t at_ms) {
  const std::uint64_t now = clock_.monotonic_ms();
  if (at_ms > now) clock_.advance_ms(at_ms - now);
}

// Timers started from here on wait for the next turn, as they do in libuv.
bool FakeLoop::run_timers() {
  const std::uint64_t now = clock_.monotonic_ms();
  const std::uint64_t last_order = timer_order_;
  bool ran = false;
  for (;;) {
    const auto next = std::find_if(timers_.begin(), timers_.end(), [&](const auto& entry) {
      return entry.first.first > now || entry.first.second <= last_order;
    });
    if (next == timers_.end() || next->first.first > now) return ran;
    const Function run = next->second->fire();
    timers_.erase(next);
    (*run)();
    ran = true;
  }
}

int FakeLoop::keep(std::shared_ptr<void> given_up) {
  given_up_.emplace(++last_descriptor_, std::move(given_up));
  return last_descriptor_;
}

std::shared_ptr<void> FakeLoop::take(int descriptor) {
  const auto at = given_up_.find(descriptor);
  if (at == given_up_.end()) return nullptr;
  const auto taken = std::move(at->second);
  given_up_.erase(at);
  return taken;
}

bool FakeLoop::run_posted() {
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const auto& run : posted) run();
  return !posted.empty();
}

bool FakeLoop::run_work() {
  if (work_held_ || work_.empty()) return false;
  auto jobs = std::exchange(work_, {});
  if (work_reversed_) std::ranges::reverse(jobs);
  for (const auto& [job, done] : jobs) {
    job();
    done();
  }
  return true;
}

bool FakeLoop::run_io() {
  bool ran = false;
  const std::size_t count = ios_.size();  // what is added meanwhile waits for the next turn
  for (std::size_t at = 0; at < count; ++at) {
    if (ios_[at] != nullptr) ran = ios_[at]->poll() || ran;
  }
  std::erase(ios_, nullptr);
  return ran;
}

bool FakeLoop::run_end_of_turn() {
  bool ran = false;
  while (!scheduled_.empty() || !deferred_.empty()) {
    ran = true;
    if (!scheduled_.empty()) {
      const auto state = std::move(scheduled_.front());
      scheduled_.pop_front();
      state->scheduled = false;
      if (!state->dead) state->run();
      continue;
    }
    auto deferred = std::exchange(deferred_, {});
    for (const auto& run : deferred) run();
  }
  return ran;
}

}  // namespace halley::fakes
