// A function that may destroy its own holder while it runs.
//
// Thread: the loop's. Owner: a timer or task.
#pragma once

#include <functional>
#include <utility>

namespace halley::net {

// Timers and tasks often end the life of the object that holds them. The function is moved to the stack for
// the time it runs, so that destroying the Callback does not pull it from under its own feet.
class Callback {
 public:
  explicit Callback(std::function<void()> function) : function_(std::move(function)) {}
  ~Callback() {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

  void run() {
    bool destroyed = false;
    destroyed_ = &destroyed;
    auto function = std::move(function_);
    function();
    if (destroyed) return;
    destroyed_ = nullptr;
    function_ = std::move(function);
  }

 private:
  std::function<void()> function_;
  bool* destroyed_ = nullptr;  // set while running
};

}  // namespace halley::net
