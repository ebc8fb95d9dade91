#include "storage/read/read_thread.h"

#include <time.h>

#include <chrono>
#include <utility>

#include "storage/api/spoken.h"
#include "storage/base/priority.h"
#include "storage/base/sqlite.h"

namespace halley::storage {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdle = 5s;

// Of the calling thread: what it waits for (the writer, the disk) is no work.
std::chrono::nanoseconds processor_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::int64_t wall_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

ReadThread::~ReadThread() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
    jobs_.clear();
    if (interruptible_ != nullptr) interruptible_->interrupt();
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool ReadThread::ask(UserId user, Job job) {
  {
    const std::lock_guard lock{mutex_};
    if (!jobs_.push(user, {user, std::move(job)})) return false;
  }
  if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
  wake_.notify_one();
  return true;
}

void ReadThread::run() {
  give_way();
  std::unique_ptr<Reader> reader;
  std::unique_lock lock{mutex_};
  while (!stop_) {
    if (jobs_.empty()) {
      if (reader == nullptr) {
        wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
      } else if (!wake_.wait_for(lock, kIdle, [this] { return stop_ || !jobs_.empty(); })) {
        interruptible_ = nullptr;
        reader.reset();
        lock.unlock();
        trim_memory();
        lock.lock();
      }
      continue;
    }
    QueuedJob asked = jobs_.pop();
    lock.unlock();
    std::string why;
    try {
      if (reader == nullptr) reader = std::make_unique<Reader>(file_);
    } catch (const SqliteError& error) {
      why = error.what();
    }
    lock.lock();
    interruptible_ = reader.get();
    if (stop_) break;
    lock.unlock();
    const bool goes_on = asked.job(reader.get(), why);
    lock.lock();
    if (stop_) break;
    const UserId user = asked.user;
    if (goes_on) jobs_.put_back(user, std::move(asked));
    rest(lock);
  }
  interruptible_ = nullptr;
}

void ReadThread::rest(std::unique_lock<std::mutex>& lock) {
  const auto worked = processor_time();
  const bool speaking = spoken_lately(spoken_.load(std::memory_order_relaxed), wall_us());
  const auto rest = share_.rest(ReadShare::SteadyClock::now(), worked - worked_before_, speaking);
  worked_before_ = worked;
  if (rest > ReadShare::SteadyClock::duration{}) wake_.wait_for(lock, rest, [this] { return stop_; });
}

}  // namespace halley::storage
