// A thread with a Reader: takes questions from the loop's thread, in order, and answers each. It starts with
// the first question; without one for some seconds it closes its connection. While people are spoken to it
// takes no more than its share of a processor (ReadShare).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/read/read_share.h"
#include "storage/read/reader.h"

namespace halley::storage {

class ReadThread {
 public:
  // Runs on the thread; null: there is no connection, and why.
  using Job = std::function<void(Reader* reader, const std::string& why)>;

  // `spoken`: the last event that somebody was given live; outlives the thread.
  ReadThread(std::filesystem::path file, const std::atomic<EventId>& spoken, const ReadShare::Limits& limits)
      : file_(std::move(file)), spoken_(spoken), share_(limits) {}
  // Interrupts what runs, drops what waits, joins.
  ~ReadThread();
  ReadThread(const ReadThread&) = delete;
  ReadThread& operator=(const ReadThread&) = delete;

  // Loop's thread. False: too many questions wait already.
  bool ask(Job job);

 private:
  void run();
  void rest(std::unique_lock<std::mutex>& lock);

  const std::filesystem::path file_;
  const std::atomic<EventId>& spoken_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  Reader* interruptible_ = nullptr;  // under the mutex
  bool stop_ = false;
  ReadShare share_;  // the thread's own, as is the next
  std::chrono::nanoseconds worked_before_{};
  std::thread thread_;
};

}  // namespace halley::storage
