// A thread with a Reader: takes questions from the loop's thread, in order for each user and one of each user
// in turn, and answers each; a long one is answered in several turns. It starts with the first question;
// without one for some seconds it closes its connection. While people are spoken to it takes no more than its
// share of a processor (ReadShare). Owner: the store, on the loop's thread, which outlives it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/base/annotations.h"
#include "storage/read/fair_queue.h"
#include "storage/read/read_share.h"
#include "storage/read/reader.h"

namespace halley::storage {

class ReadThread {
 public:
  // Runs on the thread; null: there is no connection, and why. True: it goes on when it is its user's turn
  // again, before what else they asked.
  using Job = std::function<bool(Reader* reader, const std::string& why)>;

  struct Limits {
    ReadShare::Quota share;
    std::size_t of_user, of_all;  // questions that wait
  };

  // `spoken`: the last event that somebody was given live; outlives the thread.
  ReadThread(std::filesystem::path file, const std::atomic<EventId>& spoken, const Limits& limits)
      : file_(std::move(file)),
        spoken_(spoken),
        jobs_({limits.of_user, limits.of_all}),
        share_(limits.share) {}
  // Interrupts what runs, drops what waits, joins.
  ~ReadThread();
  ReadThread(const ReadThread&) = delete;
  ReadThread& operator=(const ReadThread&) = delete;

  // Loop's thread. False: too many questions wait already, of this user or of all.
  bool ask(UserId user, Job job) HALLEY_EXCLUDES(mutex_);

 private:
  struct QueuedJob {
    UserId user;
    Job job;
  };

  void run() HALLEY_EXCLUDES(mutex_);
  void rest(std::unique_lock<std::mutex>& lock) HALLEY_REQUIRES(mutex_);

  const std::filesystem::path file_;
  const std::atomic<EventId>& spoken_;
  std::mutex mutex_;
  std::condition_variable wake_;
  FairQueue<QueuedJob> jobs_ HALLEY_GUARDED_BY(mutex_);
  Reader* interruptible_ HALLEY_GUARDED_BY(mutex_) = nullptr;
  bool stop_ HALLEY_GUARDED_BY(mutex_) = false;
  ReadShare share_;  // the thread's own, as is the next
  std::chrono::nanoseconds worked_before_{};
  std::thread thread_;
};

}  // namespace halley::storage
