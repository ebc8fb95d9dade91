// A thread with a Reader: takes questions from the loop's thread, in order, and answers each. It starts with
// the first question; without one for some seconds it closes its connection.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/reader.h"

namespace halley::storage {

class ReadThread {
 public:
  // Runs on the thread; null: there is no connection, and why.
  using Job = std::function<void(Reader* reader, const std::string& why)>;

  explicit ReadThread(std::filesystem::path file) : file_(std::move(file)) {}
  // Interrupts what runs, drops what waits, joins.
  ~ReadThread();
  ReadThread(const ReadThread&) = delete;
  ReadThread& operator=(const ReadThread&) = delete;

  // Loop's thread. False: too many questions wait already.
  bool ask(Job job);

 private:
  void run();

  const std::filesystem::path file_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  Reader* interruptible_ = nullptr;  // under the mutex
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace halley::storage
