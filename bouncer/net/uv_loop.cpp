#include "bouncer/net/uv_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bouncer/net/callback.h"
#include "bouncer/net/system_clock.h"

namespace halley::net {

namespace {

constexpr int kTaskRounds = 16;
constexpr std::size_t kWorkers = 2;
constexpr std::size_t kPostedKept = 256;  // room for so many stays; a burst at the start needs more

// For calls that fail only by our own mistake.
void must(int status) {
  if (status != 0) std::abort();
}

uv_handle_t* as_handle(auto* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

struct TimerBlock final : UvBlock {
  uv_timer_t handle{};
  class UvTimer* owner = nullptr;
};

// The handle is there from a start until the timer has fired: most run seldom, or never.
class UvTimer final : public Timer {
 public:
  UvTimer(uv_loop_t* loop, std::function<void()> run) : loop_(loop), callback_(std::move(run)) {}
  ~UvTimer() override { release(); }

  void start(std::uint64_t delay_ms) override {
    if (block_ == nullptr) {
      block_ = new TimerBlock;
      must(uv_timer_init(loop_, &block_->handle));
      block_->handle.data = static_cast<UvBlock*>(block_);
      block_->owner = this;
    }
    uv_update_time(loop_);  // libuv counts from when the turn began, and this turn may have been long
    must(uv_timer_start(&block_->handle, &UvTimer::fired, delay_ms, 0));
  }
  void stop() override {
    if (block_ != nullptr) uv_timer_stop(&block_->handle);
  }
  bool active() const override { return block_ != nullptr && uv_is_active(as_handle(&block_->handle)) != 0; }

 private:
  // What it calls may have started it again, or destroyed it.
  static void fired(uv_timer_t* handle) noexcept {
    auto* const block = static_cast<TimerBlock*>(static_cast<UvBlock*>(handle->data));
    block->owner->callback_.run();
    if (block->owner != nullptr && !block->owner->active()) block->owner->release();
  }
  void release() {
    if (block_ == nullptr) return;
    block_->owner = nullptr;
    close_block(&block_->handle);
    block_ = nullptr;
  }

  uv_loop_t* loop_;
  TimerBlock* block_ = nullptr;  // freed by libuv's closing
  Callback callback_;
};

class UvTask final : public Task, private TurnHook {
 public:
  UvTask(TurnList& list, std::function<void()> run) : list_(list), callback_(std::move(run)) {}
  void schedule() override { list_.schedule(*this); }

 private:
  void at_end_of_turn() override { callback_.run(); }

  TurnList& list_;
  Callback callback_;
};

struct Job {
  uv_work_t request{};
  UvLoop* loop = nullptr;
  std::function<void()> job, done;
};

}  // namespace

void close_block(void* handle) {
  uv_close(static_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) noexcept { delete static_cast<UvBlock*>(closed->data); });
}

struct UvLoop::Impl {
  struct Signal {
    uv_signal_t handle{};
    std::function<void()> run;
  };

  uv_loop_t loop{};
  uv_prepare_t prepare{};
  uv_check_t check{};
  uv_idle_t idle{};  // active while tasks are left over: then polling does not wait
  uv_poll_t bell{};
  SystemClock clock;
  TurnList tasks;
  std::vector<std::function<void()>> deferred, deferred_running;
  std::vector<std::unique_ptr<Signal>> signals;
  std::unordered_map<Orphan*, std::unique_ptr<Orphan>> orphans;
  std::deque<std::unique_ptr<Job>> waiting;  // bounded by who asks: one job per login
  std::size_t running = 0;
  std::uint64_t turn = 1;
  bool closing = false;
  char read_buffer[kReadBuffer];

  // Rung after a post. Not a uv_async_t: there the loop spins until the sender is back from the very write
  // that woke it (libuv 1.44), and a thread that gives way is preempted just then: the loop stood still for
  // up to 1.8 ms an answer.
  int bell_fd = -1;
  std::mutex mutex;
  std::vector<std::function<void()>> posted;  // guarded by mutex
  std::vector<std::function<void()>> posted_running;

  void open();
  void close();
  void end_of_turn();
  void run_deferred();
  void ring();
  void run_posted();
  void start_jobs();
  void job_done(std::unique_ptr<Job> job);
};

void UvLoop::Impl::open() {
  must(uv_loop_init(&loop));
  loop.data = this;
  must(uv_prepare_init(&loop, &prepare));
  must(uv_check_init(&loop, &check));
  must(uv_idle_init(&loop, &idle));
  bell_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (bell_fd < 0) std::abort();
  must(uv_poll_init(&loop, &bell, bell_fd));
  must(uv_poll_start(&bell, UV_READABLE, [](uv_poll_t* handle, int, int) noexcept {
    static_cast<Impl*>(handle->loop->data)->run_posted();
  }));
  // Before polling, for what timers scheduled; after polling, for what input and output did.
  must(uv_prepare_start(&prepare, [](uv_prepare_t* handle) noexcept {
    static_cast<Impl*>(handle->loop->data)->end_of_turn();
  }));
  must(uv_check_start(&check, [](uv_check_t* handle) noexcept {
    auto* const impl = static_cast<Impl*>(handle->loop->data);
    impl->end_of_turn();
    ++impl->turn;
  }));
}

// Jobs that are running cannot be cut short: the loop turns until they are done, calling nobody.
void UvLoop::Impl::close() {
  closing = true;
  waiting.clear();
  orphans.clear();
  deferred.clear();
  {
    const std::lock_guard lock(mutex);
    posted.clear();
  }
  for (const auto& signal : signals) uv_close(as_handle(&signal->handle), nullptr);
  uv_close(as_handle(&prepare), nullptr);
  uv_close(as_handle(&check), nullptr);
  uv_close(as_handle(&idle), nullptr);
  uv_close(as_handle(&bell), nullptr);
  while (uv_run(&loop, UV_RUN_DEFAULT) != 0) {  // a stop() before it cuts the first one short
  }
  must(uv_loop_close(&loop));
  ::close(bell_fd);
}

void UvLoop::Impl::end_of_turn() {
  for (int round = 0; round < kTaskRounds && !(tasks.empty() && deferred.empty()); ++round) {
    tasks.run_round();
    if (tasks.empty()) run_deferred();
  }
  const bool left_over = !(tasks.empty() && deferred.empty());
  if (left_over == (uv_is_active(as_handle(&idle)) != 0)) return;
  if (left_over) {
    must(uv_idle_start(&idle, [](uv_idle_t*) noexcept {}));
  } else {
    uv_idle_stop(&idle);
  }
}

void UvLoop::Impl::run_deferred() {
  deferred_running.swap(deferred);
  for (const auto& run : deferred_running) run();
  deferred_running.clear();
}

// Any thread. Only a full counter (2^64 - 1 rings) could refuse.
void UvLoop::Impl::ring() {
  const std::uint64_t once = 1;
  while (::write(bell_fd, &once, sizeof once) < 0) {
    if (errno != EINTR) std::abort();
  }
}

void UvLoop::Impl::run_posted() {
  std::uint64_t rings = 0;
  [[maybe_unused]] const auto read =
      ::read(bell_fd, &rings, sizeof rings);  // before the swap: a later post rings again
  {
    const std::lock_guard lock(mutex);
    posted_running.swap(posted);
  }
  for (const auto& run : posted_running) run();
  posted_running.clear();
  if (posted_running.capacity() > kPostedKept) std::vector<std::function<void()>>{}.swap(posted_running);
}

void UvLoop::Impl::start_jobs() {
  while (running < kWorkers && !waiting.empty()) {
    Job* const job = waiting.front().release();
    waiting.pop_front();
    ++running;
    job->request.data = job;
    must(uv_queue_work(
        &loop, &job->request, [](uv_work_t* request) noexcept { static_cast<Job*>(request->data)->job(); },
        [](uv_work_t* request, int) noexcept {
          std::unique_ptr<Job> done(static_cast<Job*>(request->data));
          static_cast<Impl*>(request->loop->data)->job_done(std::move(done));
        }));
  }
}

void UvLoop::Impl::job_done(std::unique_ptr<Job> job) {
  --running;
  if (closing) return;
  start_jobs();
  job->done();
}

UvLoop::UvLoop() : impl_(std::make_unique<Impl>()) {
  impl_->open();
}
UvLoop::~UvLoop() {
  impl_->close();
}

std::unique_ptr<Timer> UvLoop::timer(std::function<void()> run) {
  return std::make_unique<UvTimer>(&impl_->loop, std::move(run));
}

std::unique_ptr<Task> UvLoop::task(std::function<void()> run) {
  return std::make_unique<UvTask>(impl_->tasks, std::move(run));
}

void UvLoop::defer(std::function<void()> run) {
  impl_->deferred.push_back(std::move(run));
}

void UvLoop::post(std::function<void()> run) {
  bool first = false;
  {
    const std::lock_guard lock(impl_->mutex);
    first = impl_->posted.empty();
    impl_->posted.push_back(std::move(run));
  }
  if (first) impl_->ring();
}

void UvLoop::work(std::function<void()> job, std::function<void()> done) {
  auto block = std::make_unique<Job>();
  block->job = std::move(job);
  block->done = std::move(done);
  impl_->waiting.push_back(std::move(block));
  impl_->start_jobs();
}

const Clock& UvLoop::clock() const {
  return impl_->clock;
}
void UvLoop::run() {
  uv_run(&impl_->loop, UV_RUN_DEFAULT);
}
void UvLoop::stop() {
  uv_stop(&impl_->loop);
}
void UvLoop::turn(bool wait) {
  uv_run(&impl_->loop, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void UvLoop::on_signal(int signal, std::function<void()> run) {
  auto block = std::make_unique<Impl::Signal>();
  block->run = std::move(run);
  must(uv_signal_init(&impl_->loop, &block->handle));
  block->handle.data = block.get();
  must(uv_signal_start(
      &block->handle,
      [](uv_signal_t* handle, int) noexcept { static_cast<Impl::Signal*>(handle->data)->run(); }, signal));
  impl_->signals.push_back(std::move(block));
}

std::uint64_t UvLoop::turn_number() const {
  return impl_->turn;
}

void UvLoop::adopt(std::unique_ptr<Orphan> orphan) {
  Orphan* const key = orphan.get();
  impl_->orphans.emplace(key, std::move(orphan));
}

void UvLoop::drop(Orphan& orphan) {
  impl_->orphans.erase(&orphan);
}
void UvLoop::schedule(TurnHook& hook) {
  impl_->tasks.schedule(hook);
}
std::span<char> UvLoop::read_buffer() {
  return impl_->read_buffer;
}
void* UvLoop::native() {
  return &impl_->loop;
}

}  // namespace halley::net
